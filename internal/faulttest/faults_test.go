package faulttest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The ordinary test spends about this time on the faults of one verb, and tries
// at least this number.
const (
	ordinary = 2 * time.Second
	fewest   = 4
)

// budget returns the time for the faults of a verb, and which of them it is
// for: each of-th one from number part on. CSDM_FAULTS=3/10 selects the third
// of ten parts, whatever it takes, so that all faults fit into several calls;
// "all" is 1/1. Any other value is a time.
func budget(t *testing.T) (d time.Duration, part, of int) {
	text := os.Getenv("CSDM_FAULTS")
	switch text {
	case "":
		return ordinary, 1, 1
	case "all":
		text = "1/1"
	}
	if _, err := fmt.Sscanf(text, "%d/%d", &part, &of); err == nil {
		if part < 1 || part > of {
			t.Fatalf("CSDM_FAULTS is %s: a part from 1/%d to %d/%d is expected", text, of, of, of)
		}
		return 1000 * time.Hour, part, of
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("CSDM_FAULTS: %v", err)
	}
	return d, 1, 1
}

const (
	exitExists = 73
	exitIO     = 74
)

// fault is one failure: a mode of internal/disk at operation n.
type fault struct {
	mode string
	n    int
}

func (f fault) String() string { return fmt.Sprintf("%s %d", f.mode, f.n) }

// faultsOf lists all faults that can hit the operations, in an order that is
// random except that the failures of renames and the kills before them come
// first, for a rename is what makes a file valid.
func faultsOf(operations []operation, seed uint64) (all []fault) {
	defer func() {
		r := rand.New(rand.NewPCG(1, seed))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		slices.SortStableFunc(all, func(a, b fault) int {
			rank := func(f fault) int {
				if operations[f.n-1].name == "rename" {
					return 0
				}
				return 1
			}
			return rank(a) - rank(b)
		})
	}()
	for k, op := range operations {
		all = append(all, fault{"fail", k + 1}, fault{"kill", k + 1})
		if op.name == "write" {
			all = append(all, fault{"short", k + 1}, fault{"torn", k + 1})
		}
		if op.name == "write" || op.name == "create" {
			all = append(all, fault{"full", k + 1})
		}
	}
	return all
}

// undisturbed is the result of a verb without a fault.
type undisturbed struct {
	args       []string
	code       int
	state      state
	operations []operation
}

func run(t *testing.T, v *verb) *undisturbed {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, logName)
	e, err := call(dir, "", log, v.args())
	if err != nil {
		t.Fatal(err)
	}
	if e.code != 0 && e.code != 65 { // 65 is a verdict
		t.Fatalf("csdm %s: exit %d\n%s", v.line, e.code, e.stderr)
	}
	u := &undisturbed{args: v.args(), code: e.code}
	var debris []string
	if u.state, debris, err = readState(dir); err != nil {
		t.Fatal(err)
	}
	if len(debris) > 0 {
		t.Errorf("an undisturbed call leaves %v", debris)
	}
	if u.operations, err = readLog(log); err != nil {
		t.Fatal(err)
	}
	if len(u.operations) == 0 || len(u.state) == 0 {
		t.Fatalf("csdm %s: %d operations, %d files", v.line, len(u.operations), len(u.state))
	}
	return u
}

// TestFaults tries the faults of each verb.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: hundreds of calls of a built csdm take a minute")
	}
	budget, part, of := budget(t)
	for _, v := range verbs {
		if v.slow && budget <= ordinary {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			u := run(t, &v)
			faults := faultsOf(u.operations, uint64(len(v.name)))
			counts := map[string]int{}
			start := time.Now()
			for k, f := range faults {
				if k%of != part-1 {
					continue
				}
				if k >= fewest && time.Since(start) > budget {
					break
				}
				counts[f.mode]++
				counts[u.try(t, f)]++
			}
			t.Logf("%d operations, %d of %d faults: %v", len(u.operations), counts["fail"]+
				counts["short"]+counts["full"]+counts["kill"]+counts["torn"], len(faults), counts)
		})
	}
}

// try makes the call with the fault and then without it. It returns how the
// first call ended.
func (u *undisturbed) try(t *testing.T, f fault) (how string) {
	t.Helper()
	dir, err := os.MkdirTemp(shared.dir, "try-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	op := u.operations[f.n-1]
	failed := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%v (%s %s): %s", f, op.name, filepath.Base(op.path), fmt.Sprintf(format, args...))
	}

	first, err := call(dir, f.String(), "", u.args)
	if err != nil {
		t.Fatal(err)
	}
	between, _, err := readState(dir)
	if err != nil {
		failed("a file is not whole: %v", err)
		return "bad"
	}
	whole := len(u.state.differences(between)) == 0
	killing := f.mode == "kill" || f.mode == "torn"
	switch {
	case killing && first.code == -1:
		how = "killed"
	case first.code == u.code && whole:
		how = "harmless"
		t.Logf("%v (%s %s) was harmless", f, op.name, filepath.Base(op.path))
	case !killing && first.code == exitIO &&
		(strings.Contains(first.stderr, "input/output error") ||
			strings.Contains(first.stderr, "no space left")):
		how = "exit 74"
	default:
		failed("exit %d, %v\n%s", first.code, u.state.differences(between), first.stderr)
		how = "bad"
	}

	second, err := call(dir, "", "", u.args)
	if err != nil {
		t.Fatal(err)
	}
	after, debris, err := readState(dir)
	if err != nil {
		failed("afterwards a file is not whole: %v", err)
		return "bad"
	}
	if second.code != u.code && !(second.code == exitExists && whole) {
		failed("the same command again: exit %d\n%s\nafter\n%s", second.code, second.stderr,
			first.stderr)
		how = "bad"
	}
	if d := u.state.differences(after); d != nil {
		failed("after the same command again %v", d)
		how = "bad"
	}
	// The remaining files belong to a killed writer, which might still run, or
	// could not be removed.
	debris = slices.DeleteFunc(debris, func(name string) bool {
		return (killing || strings.HasPrefix(op.name, "remove")) &&
			(strings.HasSuffix(name, ".tmp") || strings.HasPrefix(name, temporaries))
	})
	if len(debris) > 0 {
		failed("%v is left behind", debris)
		how = "bad"
	}
	return how
}
