package external_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"csdm/internal/format"
	"csdm/rng"
)

// The test binary also serves as the external program: TEST-BINARY
// forward-model MODE [KIND].
const programArgument = "forward-model"

// broken is the pair at which a faulty program misbehaves.
const broken = 5

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == programArgument {
		if err := serve(os.Stdin, os.Stdout, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// order is a request as the program reads it.
type order struct {
	ID    uint64  `json:"id"`
	Seed  *uint64 `json:"seed"`
	Index *uint64 `json:"index"`
	X     string  `json:"x"`
	Y     string  `json:"y"`
}

// serve answers requests until the input ends.
func serve(in io.Reader, out io.Writer, args []string) error {
	if len(args) > 1 {
		switch args[1] {
		case "banner":
			fmt.Fprint(out, "solver 1.0, single precision\n\n  [1] threads: 1\n")
		case "long banner":
			fmt.Fprint(out, strings.Repeat("reading the mesh\n", 5000))
		}
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return err
		}
		kind := ""
		if len(args) > 1 && o.Index != nil && *o.Index == broken {
			kind = args[1]
		}
		if err := o.make(args[0], kind); err != nil {
			return err
		}
		if done, err := o.misbehave(kind, out); done || err != nil {
			return err
		}
		if kind != "refusal" {
			fmt.Fprintf(out, "{\"id\": %d}\n", o.ID)
		}
	}
	return nil
}

// Grid of all problems in these tests.
const rows, cols = 9, 8

// Grid of y in the tests of a grid of its own.
const ownRows, ownCols = 4, 3

// make writes the arrays of a request. Mode forward reads x; mode pair makes x
// and channels planes of y; mode csv is forward with text files.
func (o *order) make(mode, kind string) error {
	x := make([]float64, rows*cols)
	channels := 1
	switch mode {
	case "forward", "csv":
		a, err := format.ReadArrayFile(o.X)
		if err != nil {
			return err
		}
		if err := a.CheckShape(rows, cols); err != nil {
			return err
		}
		copy(x, a.Float64())
	case "pair":
		channels = 2
		s := rng.New(*o.Seed, rng.Test, *o.Index, 0)
		for k := range x {
			x[k] = s.Uniform(1, 8)
		}
		if kind == "range" {
			x[3] = 8.5
		}
		if err := save(o.X, format.Array64(x, rows, cols)); err != nil {
			return err
		}
	}
	y := make([]float64, channels*len(x))
	for k := range y {
		y[k] = 1/x[k%len(x)] + float64(k/len(x)) // channel 1 is channel 0 + 1
	}
	if mode == "csv" {
		var b strings.Builder
		for k, v := range y {
			fmt.Fprintf(&b, "%.17g%c", v, ",\n"[btoi(k%cols == cols-1)])
		}
		return os.WriteFile(o.Y, []byte(b.String()), 0o666)
	}
	a := format.Array64(y, channels, rows, cols)
	switch kind {
	case "coarse": // a grid of y's own, of ownRows × ownCols points
		y = y[:channels*ownRows*ownCols]
		for k := range y {
			y[k] = float64(k) + float64(*o.Index)
		}
		a = format.Array64(y, channels, ownRows, ownCols)
	case "nan":
		y[7] = math.NaN()
	case "shape":
		a = format.Array64(y, channels, cols, rows)
	case "missing":
		return nil
	case "folder":
		return os.Mkdir(o.Y, 0o777)
	case "link":
		return os.Symlink("/dev/zero", o.Y)
	case "huge":
		f, err := os.Create(o.Y)
		return errors.Join(err, f.Truncate(1<<40), f.Close()) // a sparse file
	case "garbage":
		return os.WriteFile(o.Y, []byte("\x93NUMPY\x01\x00garbage"), 0o666)
	case "cut":
		if err := save(o.Y, a); err != nil {
			return err
		}
		return os.Truncate(o.Y, 200)
	}
	return save(o.Y, a)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func save(path string, a *format.Array) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(format.WriteNPY(f, a), f.Close())
}

// misbehave does something wrong with the answer, and reports whether the
// program ends with it.
func (o *order) misbehave(kind string, out io.Writer) (done bool, err error) {
	switch kind {
	case "crash":
		return true, errors.New("first line\nthe matrix is \x1b[31msingular\x1b[0m")
	case "quiet end":
		return true, nil
	case "hang":
		fmt.Fprintln(os.Stderr, "iteration 1: residual 1e3")
		time.Sleep(time.Hour)
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		fmt.Fprintln(os.Stderr, "deaf")
		time.Sleep(time.Hour)
	case "child": // ends, and leaves a child that holds the pipes
		self, err := os.Executable()
		if err != nil {
			return true, err
		}
		cmd := exec.Command(self, programArgument, "forward")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out.(*os.File), os.Stderr
		return true, cmd.Start()
	case "text":
		fmt.Fprintln(out, "iteration 1")
	case "number":
		fmt.Fprintln(out, "17")
	case "no id":
		fmt.Fprintln(out, "{}")
	case "other id":
		fmt.Fprintln(out, `{"id": 12345}`)
	case "twice":
		fmt.Fprintf(out, "{\"id\": %d}\n", o.ID)
	case "line":
		fmt.Fprintln(out, strings.Repeat("x", 1<<20))
	case "flood":
		for range 1 << 8 {
			fmt.Fprintln(os.Stderr, strings.Repeat("warning ", 1<<9))
		}
		return true, errors.New("the last word")
	case "half":
		fmt.Fprint(out, `{"id": `)
		return true, nil
	case "refusal":
		fmt.Fprintf(out, "{\"id\": %d, \"error\": \"did not \\u001b converge\"}\n", o.ID)
	case "", "banner", "long banner", "range", "nan", "shape", "missing", "folder", "link", "huge",
		"garbage", "cut", "coarse":
		return false, nil
	default:
		return true, errors.New("no kind " + kind)
	}
	return false, nil
}
