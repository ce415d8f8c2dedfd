package train

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/internal/disk"
)

// record is a line of metrics.jsonl without the fields that depend on time.
type record struct {
	Step    int
	Loss    float64
	Norm    float64  `json:"grad_norm"`
	Rate    float64  `json:"rate"`
	HeldOut *HeldOut `json:"held_out"`
}

func readMetrics(t *testing.T, folder string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		fmt.Fprintf(&out, "%d %v %v %v %v\n", r.Step, r.Loss, r.Norm, r.Rate, r.HeldOut)
	}
	return out.String()
}

func wantSameRun(t *testing.T, folder, want string) {
	t.Helper()
	wantSameCheckpoint(t, folder, want)
	if got, want := readMetrics(t, folder), readMetrics(t, want); got != want {
		t.Errorf("metrics differ:\n%s\nwant\n%s", got, want)
	}
}

// TestStoppedAndResumed stops training through its context after random steps,
// sometimes in the held-out loss that follows. It resumes with another number
// of threads and requires the same bytes as a training that was never stopped.
func TestStoppedAndResumed(t *testing.T) {
	want := t.TempDir()
	uninterrupted := mustRun(t, toyNetwork(), toyData(), toySettings(), Options{Folder: want})
	for trial := range uint64(4) {
		random := rand.New(rand.NewPCG(trial, 1))
		folder := t.TempDir()
		var result *Result
		for stops := 0; ; stops++ {
			ctx, cancel := context.WithCancel(t.Context())
			s := toySettings()
			s.Threads = 1 + random.IntN(3)
			left := 1 + random.IntN(8)
			var err error
			result, err = Run(ctx, toyNetwork(), toyData(), s,
				Options{Folder: folder, Progress: func(p StepReport) {
					if left--; left == 0 {
						cancel()
					}
				}})
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, ErrStopped) {
				t.Fatal(err)
			}
			if c, _, err := Latest(folder); err != nil || c.Step != result.Step ||
				c.Path != result.Checkpoint {
				t.Fatalf("stopped after %d steps with checkpoint %v (%v)", result.Step, c, err)
			}
			if stops > s.Steps {
				t.Fatal("no progress")
			}
		}
		wantSameRun(t, folder, want)
		if !slices.Equal(result.EMA, uninterrupted.EMA) || result.Step != uninterrupted.Step ||
			result.Last.Mean != uninterrupted.Last.Mean {
			t.Error("the results differ")
		}
	}
}

// TestFinishedRunIsNotTouched checks that calling Run again returns the result
// and does not change the files.
func TestFinishedRunIsNotTouched(t *testing.T) {
	folder := t.TempDir()
	first := mustRun(t, toyNetwork(), toyData(), toySettings(), Options{Folder: folder})
	before, err := os.Stat(first.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	metrics := readMetrics(t, folder)
	network := toyNetwork()
	again := mustRun(t, network, toyData(), toySettings(),
		Options{Folder: folder, Progress: func(StepReport) {
			t.Error("a step was made")
		}})
	after, err := os.Stat(again.Checkpoint)
	if err != nil || !os.SameFile(before, after) || readMetrics(t, folder) != metrics {
		t.Errorf("files changed (%v)", err)
	}
	if !slices.Equal(first.EMA, again.EMA) || first.Loss != again.Loss ||
		first.Last.Mean != again.Last.Mean {
		t.Error("the results differ")
	}
	if paths, _ := listCheckpoints(folder); len(paths) != 2 {
		t.Errorf("checkpoints kept: %v, want two", paths)
	}
}

func TestTimeLimit(t *testing.T) {
	want, folder := t.TempDir(), t.TempDir()
	s := toySettings()
	s.Steps = 4
	mustRun(t, toyNetwork(), toyData(), s, Options{Folder: want})
	s.TimeLimitMinutes = 1e-9
	for calls := 1; ; calls++ {
		r, err := Run(t.Context(), toyNetwork(), toyData(), s, Options{Folder: folder})
		if r.Step != calls {
			t.Fatalf("call %d ended after step %d, want one step a call", calls, r.Step)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
	}
	wantSameRun(t, folder, want)
}

// killedChild is the argument with which the test binary trains instead of
// testing.
const killedChild = "train-until-killed"

func killedSettings() Settings {
	s := toySettings()
	s.Steps, s.CheckpointEvery, s.HeldOutEvery = 60, 1, 4
	return s
}

// trainAndTell trains in folder and writes a line after each step.
func trainAndTell(folder string) {
	_, err := Run(context.Background(), toyNetwork(), toyData(), killedSettings(),
		Options{Folder: folder, Progress: func(StepReport) {
			fmt.Println("step")
		}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestKilled kills a training process ten times without warning: in a step,
// during the writing of a checkpoint, anywhere.
func TestKilled(t *testing.T) {
	want := t.TempDir()
	mustRun(t, toyNetwork(), toyData(), killedSettings(), Options{Folder: want})

	folder := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		child := exec.Command(os.Args[0], killedChild, folder)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 1 + random.IntN(4) {
			lines.Scan()
		}
		for range random.IntN(1 << 22) { // some time within the next milliseconds
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()
	}
	c, _, err := Latest(folder)
	if err != nil || c == nil || c.Step == 0 || c.Step == killedSettings().Steps {
		t.Fatalf("ten kills left %v (%v): want some progress, and some steps left", c, err)
	}
	mustRun(t, toyNetwork(), toyData(), killedSettings(), Options{Folder: folder})
	wantSameRun(t, folder, want)
	if debris, _ := filepath.Glob(filepath.Join(folder, checkpointFolder, ".*")); len(debris) > 0 {
		t.Errorf("left behind: %v", debris)
	}
}

// TestMismatchIsRefused changes settings, identity and network of an unfinished
// training, one at a time.
func TestMismatchIsRefused(t *testing.T) {
	folder := t.TempDir()
	identity := map[string]string{"data": "a1", "architecture": "base 4"}
	s := toySettings()
	s.Steps = 10
	mustRun(t, toyNetwork(), toyData(), s, Options{Folder: folder, Identity: identity})
	for _, c := range []struct {
		name   string
		change func(s *Settings, id map[string]string)
	}{
		{"learning_rate", func(s *Settings, _ map[string]string) { s.LearningRate = 1e-4 }},
		{"seed", func(s *Settings, _ map[string]string) { s.Seed = 12 }},
		{"steps", func(s *Settings, _ map[string]string) { s.Steps = 11 }}, // the decay has begun
		{"data", func(_ *Settings, id map[string]string) { id["data"] = "b2" }},
		{"architecture", func(_ *Settings, id map[string]string) { delete(id, "architecture") }},
		{"pool", func(_ *Settings, id map[string]string) { id["pool"] = "max" }},
	} {
		changed, id := s, map[string]string{"data": "a1", "architecture": "base 4"}
		c.change(&changed, id)
		network := toyNetwork()
		before := slices.Clone(network.Weights())
		_, err := Run(t.Context(), network, toyData(), changed,
			Options{Folder: folder, Identity: id})
		if e, ok := errors.AsType[*MismatchError](err); !ok || e.Name != c.name ||
			!strings.Contains(err.Error(), c.name) {
			t.Errorf("changed %s: error %v", c.name, err)
		}
		if !slices.Equal(before, network.Weights()) {
			t.Errorf("changed %s: the refused checkpoint was loaded", c.name)
		}
	}
	if _, err := Run(t.Context(), newQuadratic(64), toyData(), s,
		Options{Folder: folder, Identity: identity}); err == nil ||
		!strings.Contains(err.Error(), "number of weights") {
		t.Errorf("another network: error %v", err)
	}
}

// TestOtherOrderOfSummation checks that a checkpoint whose gradients were added
// in the order of the first versions is resumed with a note, and that a
// finished one is not mentioned.
func TestOtherOrderOfSummation(t *testing.T) {
	s, folder := toySettings(), t.TempDir()
	s.Decay = 0
	short := s
	short.Steps = 9
	mustRun(t, toyNetwork(), toyData(), short, Options{Folder: folder})
	c, _, err := Latest(folder)
	if err != nil {
		t.Fatal(err)
	}
	c.Summation = ""
	if err := c.writeFile(c.Path); err != nil {
		t.Fatal(err)
	}
	for _, now := range []struct {
		Settings
		notes int
	}{{short, 1}, {s, 2}, {s, 1}} {
		var notes []string
		mustRun(t, toyNetwork(), toyData(), now.Settings, Options{Folder: folder,
			Note: func(note string) { notes = append(notes, note) }})
		if len(notes) != now.notes || now.notes == 2 && !strings.Contains(notes[0],
			"another order") {
			t.Errorf("%d steps: notes %q", now.Steps, notes)
		}
	}
}

// TestMoreStepsResume checks that a longer plan continues a shorter one, bit
// for bit, as long as no rate differs.
func TestMoreStepsResume(t *testing.T) {
	want, folder := t.TempDir(), t.TempDir()
	s := toySettings()
	s.Decay, s.HeldOutEvery = 0, 0
	mustRun(t, toyNetwork(), toyData(), s, Options{Folder: want})
	short := s
	short.Steps = 9
	mustRun(t, toyNetwork(), toyData(), short, Options{Folder: folder})
	mustRun(t, toyNetwork(), toyData(), s, Options{Folder: folder})
	wantSameRun(t, folder, want)
}

// TestDamagedCheckpoint cuts, flips and empties the newest checkpoint. Training
// resumes from the one before it, reports this, keeps the damaged file, and
// ends with the same result. Without a good checkpoint it returns an error.
func TestDamagedCheckpoint(t *testing.T) {
	want := t.TempDir()
	mustRun(t, toyNetwork(), toyData(), toySettings(), Options{Folder: want})
	for name, damage := range map[string]func([]byte) []byte{
		"cut":     func(b []byte) []byte { return b[:len(b)*2/3] },
		"empty":   func([]byte) []byte { return nil },
		"flipped": func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
		"step": func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"step":"24"`), []byte(`"step":"23"`), 1)
		},
		"foreign": func(b []byte) []byte { return []byte(`{"not": "a checkpoint"}`) },
	} {
		folder := t.TempDir()
		if err := os.CopyFS(folder, os.DirFS(want)); err != nil {
			t.Fatal(err)
		}
		paths, err := listCheckpoints(folder)
		if err != nil {
			t.Fatal(err)
		}
		spoil := func(path string) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(b), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		spoil(paths[0])
		var notes []string
		mustRun(t, toyNetwork(), toyData(), toySettings(),
			Options{Folder: folder, Note: func(s string) {
				notes = append(notes, s)
			}})
		wantSameRun(t, folder, want)
		if len(notes) != 2 || !strings.Contains(notes[0], paths[0]) ||
			!strings.Contains(notes[1], "step 20 of 24") {
			t.Errorf("%s: notes %q", name, notes)
		}
		if _, err := os.Stat(paths[0] + ".damaged"); err != nil {
			t.Errorf("%s: the damaged file is gone: %v", name, err)
		}

		if name == "step" {
			continue // the other file has another step
		}
		spoil(paths[0])
		spoil(paths[1])
		for range 2 { // the second call must not mistake the folder for a new one
			_, err = Run(t.Context(), toyNetwork(), toyData(), toySettings(),
				Options{Folder: folder})
			if e, ok := errors.AsType[*DamagedError](err); !ok || e.Path != paths[0] {
				t.Errorf("%s: no good checkpoint left, error %v", name, err)
			}
		}
	}
}

// TestMetricsAreCutBack checks that lines after the checkpoint, complete or
// not, are removed, and that a foreign line is an error and is kept.
func TestMetricsAreCutBack(t *testing.T) {
	const good = "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":2}\n"
	for _, c := range []struct {
		name, text, want string
		checkpoint       *Checkpoint
		fails            bool
	}{
		{name: "torn", text: good + `{"step":3,"lo`, want: good, checkpoint: &Checkpoint{Step: 2}},
		{name: "later", text: good + "{\"step\":3}\n{\"step\":4}\n", want: good,
			checkpoint: &Checkpoint{Step: 2}},
		{name: "held-out unknown", text: good + "{\"step\":2,\"held_out\":{}}\n", want: good,
			checkpoint: &Checkpoint{Step: 2}},
		{name: "held-out known", text: good + "{\"step\":2,\"held_out\":{}}\n", want: good +
			"{\"step\":2,\"held_out\":{}}\n", checkpoint: &Checkpoint{Step: 2,
			Last: HeldOut{Step: 2}}},
		{name: "no checkpoint", text: good, want: ""},
		{name: "foreign", text: "hello\n" + good, want: "hello\n" + good,
			checkpoint: &Checkpoint{Step: 2}, fails: true},
	} {
		path := filepath.Join(t.TempDir(), "metrics.jsonl")
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := openMetrics(path, c.checkpoint)
		if (err != nil) != c.fails {
			t.Errorf("%s: error %v", c.name, err)
		}
		if m != nil {
			m.file.Close()
		}
		if got, _ := os.ReadFile(path); string(got) != c.want {
			t.Errorf("%s: left %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFailedRecordIsWrittenAgain: a record whose writing fails, after a part of
// it, is whole once the metrics are flushed for a checkpoint. As long as that
// fails too, flush reports it.
func TestFailedRecordIsWrittenAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	m, err := openMetrics(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.file.Close()
	if err := m.write([]byte("one\n")); err != nil {
		t.Fatal(err)
	}
	good := m.file
	if m.file, err = disk.OpenFile(path, os.O_RDONLY, 0); err != nil {
		t.Fatal(err)
	}
	defer m.file.Close()
	if m.write([]byte("two\n")) == nil || m.flush() == nil {
		t.Error("a file that cannot be written gives no error")
	}
	if _, err := good.Write([]byte("tw")); err != nil {
		t.Fatal(err)
	}
	m.file = good
	if err := m.flush(); err != nil {
		t.Error(err)
	}
	if err := m.write([]byte("three\n")); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "one\ntwo\nthree\n" {
		t.Errorf("left %q", got)
	}
}

// TestLearns checks that the held-out loss starts at the loss of an untrained
// network and falls well below it at every level, and that the averaged weights
// reach the same.
func TestLearns(t *testing.T) {
	s := toySettings()
	s.Steps, s.Batch, s.LearningRate = 300, 8, 5e-3
	s.HeldOutEvery, s.CheckpointEvery, s.LogEvery = 150, 0, 50
	s.ClipNorm, s.Threads = 100, 2
	source := toySource{n: toySize, heldOut: 24}
	r := mustRun(t, toyNetwork(), source, s, Options{Folder: t.TempDir()})
	t.Logf("held-out loss %.3v ± %.2v at σ = %.3v after %d steps", r.Last.Loss, r.Last.Error,
		r.Last.Sigma, r.Step)
	for l, loss := range r.Last.Loss {
		if trivial := 0.5 * toySize * toySize; !(loss < trivial/2) {
			t.Errorf("held-out loss %v at σ = %v, an untrained network has %v", loss,
				r.Last.Sigma[l], trivial)
		}
	}
	if r.Best.Mean > r.Last.Mean || math.IsNaN(r.Best.Mean) {
		t.Errorf("best held-out loss %v, last %v", r.Best.Mean, r.Last.Mean)
	}
}

// TestKeptCheckpoints checks that checkpoints at multiples of KeepEvery stay,
// and of the others the last two.
func TestKeptCheckpoints(t *testing.T) {
	s, folder := toySettings(), t.TempDir()
	s.Steps, s.CheckpointEvery, s.KeepEvery = 11, 1, 4
	mustRun(t, toyNetwork(), toyData(), s, Options{Folder: folder})
	paths, err := Checkpoints(folder)
	if err != nil {
		t.Fatal(err)
	}
	var steps []int
	for _, path := range paths {
		c, err := ReadCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, c.Step)
	}
	if want := []int{4, 8, 10, 11}; !slices.Equal(steps, want) {
		t.Errorf("checkpoints of steps %v are kept, want %v", steps, want)
	}
}
