package run

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"csdm/internal/cli"
	"csdm/problems"
)

// small is a chain of seconds: what it infers is worthless, how it gets there is not.
func small(t *testing.T) *Config {
	t.Helper()
	c, err := Resolve("quasistatic", "tiny", problems.Options{Grid: 12, NoisePercent: 10}, 3)
	if err != nil {
		t.Fatal(err)
	}
	c.Data = Data{Pairs: 40, HeldOut: 8}
	c.Network.NGF = 4
	c.Training.Steps, c.Training.Batch, c.Training.WarmUp, c.Training.HeldOutEvery = 12, 4, 2, 6
	c.Sampling.Cases, c.Sampling.Draws, c.Sampling.Steps = 2, 5, 4
	return c
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// results are the files of a run folder that must not depend on threads or interruptions.
var results = []string{"model.safetensors", "cases/000/posterior.npz", "cases/001/posterior.npz"}

func chain(t *testing.T, dir string, c *Config, threads int) (*Outcome, error) {
	t.Helper()
	return Chain(context.Background(), dir, c, Call{Command: "test"}, Quiet(threads))
}

// TestChainIsTheSameForAnyThreads runs the whole chain, again in the finished folder, and with another number of threads.
func TestChainIsTheSameForAnyThreads(t *testing.T) {
	one, three := t.TempDir(), t.TempDir()
	first, err := chain(t, one, small(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Scores) != 2 || !(first.MeanRMSE > 0) {
		t.Errorf("outcome %+v", first)
	}
	for _, name := range []string{"report.html", "config.toml", "run.json", "metrics.jsonl", "cases/001/comparison.json"} {
		if len(read(t, one, name)) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	model := read(t, one, results[0])
	again, err := chain(t, one, small(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if again.MeanRMSE != first.MeanRMSE || !bytes.Equal(model, read(t, one, results[0])) {
		t.Errorf("a second call changed the result: %+v, then %+v", first, again)
	}
	second, err := chain(t, three, small(t), 3)
	if err != nil {
		t.Fatal(err)
	}
	if second.MeanRMSE != first.MeanRMSE || second.StdRMSE != first.StdRMSE {
		t.Errorf("one thread: %+v, three: %+v", first, second)
	}
}

// TestChainGoesOn interrupts the chain in the middle of training and of sampling, and calls it again.
func TestChainGoesOn(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	want, err := chain(t, whole, small(t), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, stop := range []struct {
		stage string
		at    int
	}{{"training", 5}, {"training", 9}, {"sampling", 2}, {"sampling", 4}} {
		ctx, cancel := context.WithCancel(context.Background())
		env := Quiet(2)
		env.Progress = func(stage string, done, _ int, _ string) {
			if stage == stop.stage && done == stop.at {
				cancel()
			}
		}
		_, err := Chain(ctx, parts, small(t), Call{Command: "test"}, env)
		if err == nil {
			t.Errorf("stopped at %s %d, but it ended", stop.stage, stop.at)
		}
		cancel()
	}
	got, err := chain(t, parts, small(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got.MeanRMSE != want.MeanRMSE || got.StdRMSE != want.StdRMSE {
		t.Errorf("in parts %+v, in one go %+v", got, want)
	}
}

// TestOpenRefusesOtherSettings names what differs.
func TestOpenRefusesOtherSettings(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, small(t), Call{}); err != nil {
		t.Fatal(err)
	}
	other := small(t)
	other.Training.Batch = 8
	_, err := Open(dir, other, Call{})
	var mismatch *ConfigMismatchError
	if !errors.As(err, &mismatch) || len(mismatch.Differences) != 1 || mismatch.Differences[0] != "training.batch: 4 there, 8 asked for" {
		t.Errorf("error %v", err)
	}
	if cli.Code(err) != cli.ExitExists {
		t.Errorf("exit code %d", cli.Code(err))
	}
}

// TestPartialDrawsOfOthersAreRefused: draws of another seed must not be mixed in.
func TestPartialDrawsOfOthersAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "draws")
	samples := make([]float64, 6)
	s, found, err := openPartial(path, samples, 2, [32]byte{1})
	if err != nil || found != 0 {
		t.Fatal(found, err)
	}
	if err := errors.Join(s.append([]float64{1, 2}), s.append([]float64{3, 4})); err != nil {
		t.Fatal(err)
	}
	s.close()
	if err := os.Truncate(path, 32+8*3); err != nil { // killed within the second draw
		t.Fatal(err)
	}
	s, found, err = openPartial(path, samples, 2, [32]byte{1})
	if err != nil || found != 1 || samples[0] != 1 || samples[1] != 2 {
		t.Fatal(found, samples, err)
	}
	s.close()
	if _, _, err := openPartial(path, samples, 2, [32]byte{2}); cli.Code(err) != cli.ExitExists {
		t.Errorf("error %v", err)
	}
}
