package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/filelock"
	"csdm/internal/format"
	"csdm/internal/report"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/recipe"
)

// small returns the recipe of a chain that takes seconds. Its posteriors are
// useless, but it runs all steps.
func small(t *testing.T) *recipe.Recipe {
	t.Helper()
	c, err := recipe.Resolve("quasistatic", "tiny", problems.Options{Grid: 8, NoisePercent: 10}, 3)
	if err != nil {
		t.Fatal(err)
	}
	c.Data = dataset.Settings{Pairs: 24, HeldOut: 6}
	c.Network.NGF = 2
	c.Training.Steps, c.Training.Batch, c.Training.WarmUp, c.Training.HeldOutEvery = 8, 4, 2, 4
	c.Data.Neighbors, c.Training.SigmaMedian, c.Training.SigmaLogStd = 5, 1, 1.2
	c.Cases, c.Sampling.Draws, c.Sampling.Levels = 2, 5, 4
	return c
}

// chain runs a recipe in dir without output.
func chain(dir string, c *recipe.Recipe, threads int) (*Outcome, error) {
	return Chain(context.Background(), dir, c, env.Quiet(threads))
}

// content reads the results of a run folder that must not depend on threads or
// interruptions: weights, posteriors and references.
func content(t *testing.T, dir string) map[string][]float64 {
	t.Helper()
	out := map[string][]float64{}
	m, err := nn.ReadModelFile(filepath.Join(dir, ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range m.Net.Tensors(m.Net.Flat()) {
		out[name] = a.Float64()
	}
	for _, name := range []string{"000/posterior.npz", "001/posterior.npz", "000/reference.npz",
		"001/measurement.npz"} {
		arrays, err := format.ReadNPZFile(filepath.Join(dir, caseFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		delete(arrays, infer.OriginEntry) // holds the time it took
		for entry, a := range arrays {
			out[name+":"+entry] = a.Float64()
		}
	}
	return out
}

// sameContent reports arrays that differ between two run folders, bit for bit.
func sameContent(t *testing.T, what, a, b string) {
	t.Helper()
	x, y := content(t, a), content(t, b)
	if len(x) != len(y) {
		t.Errorf("%s: %d arrays, then %d", what, len(x), len(y))
	}
	for name := range x {
		if !reflect.DeepEqual(withoutNaN(x[name]), withoutNaN(y[name])) {
			t.Errorf("%s: %s differs", what, name)
		}
	}
}

// withoutNaN replaces NaN, the value of a quantity that a draw lacks, by a
// number that equals itself.
func withoutNaN(a []float64) []float64 {
	for k, v := range a {
		if math.IsNaN(v) {
			a[k] = -math.MaxFloat64
		}
	}
	return a
}

// state lists all files of a folder with the attributes that a write changes.
func state(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		sum, err := cli.SHA256File(path)
		out[path] = info.ModTime().Format(time.RFC3339Nano) + sum
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestChain runs the whole chain with one thread. It compares the result with a
// second call in the same folder, with three threads, and with a folder in
// which the chain was interrupted in every stage. Then it removes and changes
// results.
//
// Each part has a fault in mind: a finished folder that is written again loses
// its times; a draw that depends on the number of threads cannot be repeated; a
// stop that loses the state of a random stream gives other draws; a changed
// reference would put foreign numbers into a table.
func TestChain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "one")
	first, err := chain(dir, small(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Comparisons) != 2 || !(first.MeanRMSE > 0) ||
		first.Report != filepath.Join(dir, report.PageFile) {
		t.Errorf("outcome %+v", first)
	}
	checkTruth(t, dir, first)
	if p, err := infer.ReadPosterior(filepath.Join(dir, caseName(0, posteriorFile))); err != nil ||
		p.Origin.Support == nil || p.Origin.Support.Text == "" {
		t.Errorf("the posterior of a case has no verdict on its draws, %v", err)
	}
	t.Run("finished", func(t *testing.T) {
		before := state(t, dir)
		again, err := chain(dir, small(t), 2)
		if err != nil {
			t.Fatal(err)
		}
		if !again.AlreadyThere {
			t.Error("a second call does not report that the folder is finished")
		}
		if again.AlreadyThere = false; !reflect.DeepEqual(first, again) {
			t.Errorf("a second call returns %+v, the first %+v", again, first)
		}
		if after := state(t, dir); !reflect.DeepEqual(before, after) {
			t.Errorf("a second call changed the folder from %v to %v", before, after)
		}
	})
	t.Run("threads", func(t *testing.T) {
		other := t.TempDir()
		if _, err := chain(other, small(t), 3); err != nil {
			t.Fatal(err)
		}
		sameContent(t, "one thread and three", dir, other)
	})
	t.Run("interrupted", func(t *testing.T) {
		other := t.TempDir()
		for _, stop := range []struct {
			stage string
			at    int
		}{{"data", 0}, {"training", 3}, {"training", 6}, {"sampling", 2}, {"sampling", 4}} {
			ctx, cancel := context.WithCancel(context.Background())
			env := env.Quiet(2)
			env.Progress = func(stage string, done, _ int, _ string) {
				if stage == stop.stage && done == stop.at {
					cancel()
				}
			}
			if _, err := Chain(ctx, other, small(t), env); !errors.Is(err, context.Canceled) &&
				!errors.Is(err, train.ErrStopped) {
				t.Errorf("stopped at %s %d, it ended with %v", stop.stage, stop.at, err)
			}
			cancel()
		}
		if _, err := chain(other, small(t), 1); err != nil {
			t.Fatal(err)
		}
		sameContent(t, "one call and several", dir, other)
		if left, err := filepath.Glob(filepath.Join(other, caseFolder, "*",
			"*.partial")); err != nil || left != nil {
			t.Errorf("left behind: %v %v", left, err)
		}
	})
	t.Run("provenance", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(dir, manifestFile))
		if err != nil {
			t.Fatal(err)
		}
		var m Manifest
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		if m.Problem != "quasistatic" || m.Seed != 3 || m.Pairs == "" || len(m.Calls) != 1 ||
			len(m.Results) != 9 || m.Outcome == nil {
			t.Errorf("manifest %s", text)
		}
		if strings.Contains(string(text), dir) {
			t.Errorf("the manifest holds a path of this machine: %s", text)
		}
	})
	// A folder that an earlier version finished, without distances from the
	// true fields.
	t.Run("older", func(t *testing.T) {
		path := filepath.Join(dir, manifestFile)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		outcome := m["outcome"].(map[string]any)
		for _, name := range []string{"truth_distances", "truth_distance", "coverage"} {
			if outcome[name] == nil {
				t.Errorf("the manifest lacks %s", name)
			}
			delete(outcome, name)
		}
		// the name of an earlier version
		outcome["scores"] = outcome["comparisons"]
		delete(outcome, "comparisons")
		older, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, older, 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := chain(dir, small(t), 1)
		if err != nil || got.TruthDistances != nil || got.TruthDistance != nil ||
			!reflect.DeepEqual(got.Comparisons, first.Comparisons) {
			t.Errorf("an older folder gives %+v, %v", got, err)
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("lost and changed", func(t *testing.T) {
		posterior := filepath.Join(dir, caseFolder, "000", "posterior.npz")
		if err := errors.Join(os.Remove(posterior),
			os.Remove(filepath.Join(dir, report.PageFile))); err != nil {
			t.Fatal(err)
		}
		again, err := chain(dir, small(t), 1)
		if err != nil {
			t.Fatalf("a lost posterior is not made again: %v", err)
		}
		if !atomicfile.Exists(first.Report) ||
			!reflect.DeepEqual(first.Comparisons, again.Comparisons) {
			t.Errorf("made again: %+v, first: %+v", again, first)
		}
		if err := os.WriteFile(filepath.Join(dir, caseFolder, "001", "reference.npz"),
			[]byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := chain(dir, small(t), 1); cli.Code(err) != cli.ExitData ||
			!strings.Contains(err.Error(), "reference.npz was changed") {
			t.Errorf("a changed reference gives %v", err)
		}
	})
}

// TestOpen checks that Open refuses other settings and names the differences,
// and refuses folders with other files and a folder that is already open.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	f, err := Open(dir, small(t), env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, small(t), env.Quiet(1)); !isHeld(err) ||
		cli.Code(err) != cli.ExitExists {
		t.Errorf("an open folder was opened: %v", err)
	}
	if err := f.begin(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, small(t), env.Quiet(1)); !isHeld(err) ||
		!strings.Contains(err.Error(), fmt.Sprintf("process %d on ", os.Getpid())) {
		t.Errorf("the error does not name the process: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	other := small(t)
	other.Training.Batch, other.Seed = 8, 1
	_, err = Open(dir, other, env.Quiet(1))
	var mismatch *MismatchError
	if !errors.As(err, &mismatch) || !reflect.DeepEqual(mismatch.Differences,
		[]string{"seed: 3 in config.toml, 1 in this call",
			"training.batch: 4 in config.toml, 8 in this call"}) {
		t.Errorf("error %v", err)
	}
	if cli.Code(err) != cli.ExitExists {
		t.Errorf("exit code %d", cli.Code(err))
	}
	f, err = Open(dir, small(t), env.Quiet(1))
	if err != nil {
		t.Fatalf("a refusal keeps the lock: %v", err)
	}
	f.Close()

	theirs := t.TempDir()
	if err := os.WriteFile(filepath.Join(theirs, "thesis.tex"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(theirs, small(t), env.Quiet(1)); cli.Code(err) != cli.ExitExists {
		t.Errorf("a folder of others was opened: %v", err)
	}
	if entries, err := os.ReadDir(theirs); err != nil || len(entries) != 1 {
		t.Errorf("and written to: %v %v", entries, err)
	}
	killed := t.TempDir() // while it wrote config.toml
	for _, name := range []string{lockFile, ".config.toml.123.tmp"} {
		if err := os.WriteFile(filepath.Join(killed, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if f, err = Open(killed, small(t), env.Quiet(1)); err != nil {
		t.Fatalf("a folder whose beginning was killed: %v", err)
	}
	f.Close()
}

// TestNoCorrections checks that a preset with corrections can be trained
// without them.
func TestNoCorrections(t *testing.T) {
	c, dir := small(t), t.TempDir()
	c.Cases, c.Sampling.Corrections, c.Sampling.CorrectAt, c.Sampling.CorrectKeep = 0, 0,
		0.3, 0.55
	if _, err := chain(dir, c, 1); err != nil {
		t.Fatal(err)
	}
	if m, err := nn.ReadModelFile(filepath.Join(dir, ModelFile)); err != nil ||
		m.Sampling.Corrections != 0 || m.Sampling.Levels != 4 {
		t.Errorf("%v, %+v", err, m)
	}
}

// TestNeighbors checks that targets from neighbors give another network from
// the same data, which a folder distinguishes, and that they are refused if the
// noise model has no density to weight them.
//
// One neighbor is the sample itself, and must give the same weights as none,
// bit for bit.
func TestNeighbors(t *testing.T) {
	weights := map[int][]float32{}
	for _, neighbors := range []int{0, 1, 5} {
		c, dir := small(t), t.TempDir()
		c.Cases, c.Data.Neighbors = 0, neighbors
		if _, err := chain(dir, c, 1); err != nil {
			t.Fatal(err)
		}
		m, err := nn.ReadModelFile(filepath.Join(dir, ModelFile))
		if err != nil {
			t.Fatal(err)
		}
		weights[neighbors] = m.Net.Flat()
	}
	if !slices.Equal(weights[0], weights[1]) || slices.Equal(weights[0], weights[5]) {
		t.Error("one neighbor, the sample itself, must change nothing; five must")
	}
	c := small(t)
	c.Data.Neighbors = -1
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "data.neighbors") {
		t.Errorf("-1 neighbors: %v", err)
	}
	spheroid, err := recipe.Resolve("spheroid", "tiny", problems.Options{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if spheroid.Data.Neighbors = 5; spheroid.Validate() == nil {
		t.Error("neighbors are accepted without a known density")
	}
}

// TestInit checks that training.init starts training from the weights of
// another model or a checkpoint, that the model file records it, and that
// weights of another network are refused.
//
// With a learning rate of 10⁻⁹ the weights must stay at their initial values to
// 10⁻⁶, so that a start from random weights shows.
func TestInit(t *testing.T) {
	c := small(t)
	c.Cases = 0
	first := t.TempDir()
	if _, err := chain(first, c, 1); err != nil {
		t.Fatal(err)
	}
	from, err := nn.ReadModelFile(filepath.Join(first, ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	if from.Meta.Training.Init != "" {
		t.Errorf("the first model records the start %q", from.Meta.Training.Init)
	}
	began := ""
	for _, start := range []string{filepath.Join(first, ModelFile),
		train.CheckpointPath(first, c.Training.Steps)} {
		c.Training.Init = start
		// The weights keep their initial values, up to rounding.
		c.Training.LearningRate, c.Training.EMA = 1e-9, 0
		second := t.TempDir()
		if _, err := chain(second, c, 1); err != nil {
			t.Fatal(err)
		}
		to, err := nn.ReadModelFile(filepath.Join(second, ModelFile))
		if err != nil {
			t.Fatal(err)
		}
		for k, w := range from.Net.Flat() {
			if v := to.Net.Flat()[k]; v-w > 1e-6 || w-v > 1e-6 {
				t.Fatalf("from %s weight %d began at %v and is %v", start, k, w, v)
			}
		}
		said := to.Meta.Training.Init
		if !strings.Contains(said, "8 steps, weights ") || began != "" && said != began {
			t.Errorf("from %s the model records the start %q", start, said)
		}
		began = said
	}
	before, after, _ := strings.Cut(began, ", weights ")
	if was := initSeconds.ReplaceAllString(before+" in 12 s, weights "+after,
		", weights "); was != began {
		t.Errorf("the words of an earlier version, %q, are not known again", was)
	}
	c.Network.NGF = 4
	for _, start := range []string{filepath.Join(first, ModelFile),
		train.CheckpointPath(first, c.Training.Steps)} {
		c.Training.Init = start
		if _, err := chain(t.TempDir(), c, 1); err == nil ||
			!strings.Contains(err.Error(), "training.init") {
			t.Errorf("%s, of another network: %v", start, err)
		}
	}
}

// isHeld reports whether err is due to a lock that another process holds.
func isHeld(err error) bool {
	_, held := errors.AsType[*filelock.HeldError](err)
	return held
}
