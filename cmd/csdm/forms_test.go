package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// formProgram is the first argument that makes this test binary an external
// program: it answers each request by 8×8 nodes, y = 1/x, and in pair mode,
// where there is an index, it makes x as well.
const formProgram = "form-program"

func answerForms(in io.Reader, out io.Writer) error {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var request struct {
			ID    uint64
			Index *uint64
			X, Y  string
		}
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			return err
		}
		x := make([]float64, 64)
		if request.Index != nil {
			for k := range x {
				x[k] = float64(1 + (int(*request.Index)*7+k/8*k%8)%6)
			}
			if err := writeForm(request.X, x); err != nil {
				return err
			}
		} else {
			a, err := format.ReadArrayFile(request.X)
			if err != nil {
				return err
			}
			copy(x, a.Float64())
		}
		for k := range x {
			x[k] = 1 / x[k]
		}
		if err := writeForm(request.Y, x); err != nil {
			return err
		}
		fmt.Fprintf(out, "{\"id\": %d}\n", request.ID)
	}
	return nil
}

func writeForm(name string, values []float64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return format.WriteNPY(f, format.Array64(values, 8, 8))
}

const formDefinition = `name = %q
rows = 8
cols = 8
width = 1.0
height = 1.0
length_unit = "mm"
[x]
name = "stiffness"
unit = "kPa"
min = 1.0
max = 8.0
[y]
name = "displacement"
unit = "mm"
[noise]
law = "gaussian"
std = 0.2
scale = 0.5
`

const formPrior = `[prior]
kind = "inclusion"
x = [0.3, 0.7]
y = [0.5, 0.5]
radius = [0.25, 0.25]
ratio = [2.0, 8.0]
background = 1.0
`

// formCall is a call that must work on a form, or may fail with a reason.
type formCall struct {
	args string
	good bool
}

// formCalls lists the calls of each verb for a form. The problem of a form may
// or may not make pairs, and may or may not compute measurements of given
// fields. PROBLEM stands for the flags that choose the problem, and FILE for
// the flags that a model also needs.
func formCalls(makes, computes bool) []formCall {
	const small = " --set data.held_out=4 --set network.ngf=2 --set training.steps=2 --set " +
		"training.batch=4 --set training.warm_up=1" +
		" --set training.held_out_every=2 --set sampling.cases=1 --set sampling.draws=2 --set " +
		"sampling.steps=2 --set reference.method=none"
	return []formCall{
		{"train PROBLEM --data pairs" + small + " -o net", true},
		{"data export pairs FILE --noisy --from 0 --to 1 -o noisy.npz", true},
		{"data export pairs -o all.npz", true},
		{"data import all.npz PROBLEM -o back", true},
		{"data verify pairs", true},
		{"verify net/model.safetensors", true},
		{"info net/model.safetensors", true},
		{"net shrink --model net/model.safetensors -o half.safetensors", true},
		{"demo --model net/model.safetensors --draws 2 -o demo", false},
		{"sample --model net/model.safetensors FILE --n 4 --steps 2 --allow-extrapolation --y " +
			"noisy.npz:y -o post.npz", true},
		{"sample --model net/model.safetensors --n 4 --steps 2 --allow-extrapolation --y " +
			"noisy.npz:y -o post2.npz", true},
		{"compare post.npz post2.npz", true},
		{"prior PROBLEM --n 1 -o sheet", makes},
		{"data PROBLEM --n 4 -o four", makes},
		{"run PROBLEM --allow-extrapolation --set data.pairs=12" + small + " -o whole", makes},
		{"run PROBLEM --dry-run --set data.pairs=12" + small + " -o dry", makes},
		{"forward PROBLEM --x all.npz:x --case 1 -o y.npy", computes},
		{"forward --model net/model.safetensors FILE --x all.npz:x --case 1 -o y2.npy", computes},
		{"forward --model net/model.safetensors --x all.npz:x --case 1 -o y3.npy", false},
		{"reference PROBLEM --method importance --n 200 --y noisy.npz:y -o importance.npz", false},
		{"reference PROBLEM --method adaptive --n 400 --y noisy.npz:y -o adaptive.npz", false},
		{"reference --model net/model.safetensors FILE --method quadrature --y noisy.npz:y -o " +
			"exact.npz", computes},
		{"infer PROBLEM --allow-extrapolation --network --y noisy.npz:y --set data.pairs=12" +
			small + " -o answer", false},
		{"infer PROBLEM --network --y noisy.npz:y --set data.pairs=12 --set data.held_out=4 " +
			"--set network.ngf=2 --set training.steps=2 --set training.batch=4 --set " +
			"training.warm_up=1 -o answer2", false},
		{"check --model net/model.safetensors FILE --measurements 2 --draws 3 --steps 2 -o check",
			false},
		{"check --model net/model.safetensors --measurements 2 --draws 3 --steps 2 -o check",
			false},
		{"bench table5 --models net/model.safetensors --phantoms 1 --draws 2 --steps 2 " +
			"--prior-draws 0 -o table", false},
	}
}

// TestEveryVerbOnEveryForm runs each verb on each form of problem: a built-in
// problem, a program in forward mode, a program that makes pairs, and pairs
// from files. The verb works, or it ends with an error about the command or the
// data, never with the code of a defect.
func TestEveryVerbOnEveryForm(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lab := t.TempDir()
	program := fmt.Sprintf("[program]\ncommand = [%q, %q]\n", self, formProgram)
	for name, more := range map[string]string{"forward": program + formPrior, "pair": program,
		"imported": ""} {
		writeBytes(t, filepath.Join(lab, name+".toml"), fmt.Appendf(nil, formDefinition+more, name))
	}
	of := func(form string) string { return "--problem " + filepath.Join(lab, form+".toml") }
	asked := map[string]bool{}
	for _, form := range []string{"built-in", "forward", "pair", "imported"} {
		t.Chdir(t.TempDir())
		problem, file := of(form), of(form)
		switch form {
		case "built-in":
			problem, file = "--problem quasistatic --grid 8", ""
			must(t, "data "+problem+" --n 12 -o pairs")
		case "imported":
			must(t, "data "+of("pair")+" --n 12 -o made")
			must(t, "data export made -o made.npz")
			must(t, "data import made.npz "+problem+" -o pairs")
		default:
			must(t, "data "+problem+" --n 12 -o pairs")
		}
		makes, computes := form != "imported", form == "built-in" || form == "forward"
		for _, c := range formCalls(makes, computes) {
			asked[strings.Fields(c.args)[0]] = true
			args := strings.NewReplacer("PROBLEM", problem, "FILE", file).Replace(c.args)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // then it is neither code
			err := execute(ctx, append(strings.Fields(args), "-q"), io.Discard,
				newConsole(io.Discard), func(string) string {
					return ""
				})
			cancel()
			switch code := cli.Code(err); {
			case c.good && err != nil:
				t.Errorf("%s: csdm %s: %v", form, args, err)
			case code != cli.ExitOK && code != cli.ExitUsage && code != cli.ExitData:
				t.Errorf("%s: csdm %s: code %d: %v", form, args, code, err)
			case makes && strings.HasPrefix(args, "check") && strings.Contains(args, file) &&
				err != nil && !strings.Contains(err.Error(), "calibration") &&
				!strings.Contains(err.Error(), "more measurements"):
				t.Errorf("%s: csdm %s comes to no verdict: %v", form, args, err)
			}
		}
	}
	verbs(func(path string, c *cobra.Command) {
		verb, _, _ := strings.Cut(path, " ")
		if (c.Flags().Lookup("problem") != nil || c.Flags().Lookup("model") != nil) &&
			!asked[verb] {
			t.Errorf("csdm %s takes a problem or a model, and no call here uses it", path)
		}
	})
}
