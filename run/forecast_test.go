package run

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/nn/train"
)

// TestForecast stops a run in each of its stages. The forecast then counts only
// the work that remains, and the printed sentence names only that work. Nothing
// here depends on timing.
//
// A second dry run in between must leave the folder as it was, by times and
// checksums.
func TestForecast(t *testing.T) {
	dir, c := filepath.Join(t.TempDir(), "new"), small(t)
	p, err := c.NewProblem()
	if err != nil {
		t.Fatal(err)
	}
	const threads = 2
	left := func() *Forecast {
		t.Helper()
		plan, err := DryRun(context.Background(), dir, c, env.Quiet(threads))
		if err != nil {
			t.Fatal(err)
		}
		e := plan.Forecast
		for what, w := range map[string]WorkLeft{"pairs": e.Pairs, "steps": e.Steps,
			"draws":      e.Draws,
			"references": e.References} {
			if w.Left < 0 || w.Left > w.Total || (w.Left > 0) != (w.Seconds > 0) {
				t.Errorf("%s: %+v", what, w)
			}
		}
		if sum := e.Pairs.Seconds + e.Steps.Seconds + e.Draws.Seconds +
			e.References.Seconds; e.Seconds != sum || e.Threads != threads && !e.nothing() {
			t.Errorf("%v s on %d threads, the parts sum up to %v", e.Seconds, e.Threads, sum)
		}
		return e
	}
	e := left()
	if e.MostThreads != c.Training.Batch {
		t.Errorf("training uses at most %d threads", e.MostThreads)
	}
	if e.Pairs.Left != 24 || e.Steps.Left != 8 || e.Draws.Left != 10 || e.References.Left != 2 ||
		e.Bytes != 24*4*int64(p.Spec().XLen()+p.Spec().YLen()) ||
		e.evaluations != 2*6*10 || e.solves != 2*typicalSolves {
		t.Errorf("of a new run is left %+v", e)
	}
	if atomicfile.Exists(dir) {
		t.Error("a dry run made the folder")
	}

	for _, stop := range []struct {
		stage string
		at    int
		// Work that remains. Draws in progress at the stop are finished.
		pairs, steps, draws, references int
		says, saysNot                   string
	}{
		{"training", 5, 0, 3, 10, 2, "for 24 pairs (12 kB)", "nothing"},
		{"sampling", 2, 0, 0, 8, 2, "for 3 training steps", "pairs"},
		{"reference", 0, 0, 0, 5, 2, " draws, ", "training steps"},
		{"", 0, 0, 0, 0, 0, "for 2 reference posteriors", "pairs"},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		env, said := env.Quiet(threads), ""
		env.Progress = func(stage string, done, _ int, _ string) {
			if stage == "sampling" && stop.stage == "sampling" {
				stop.draws = min(stop.draws, c.Cases*c.Sampling.Draws-done)
			}
			if stage == stop.stage && done == stop.at {
				cancel()
			}
		}
		env.Note = func(line string) {
			said += line + "\n"
			if stop.stage == "reference" && strings.Contains(line, "by quadrature") &&
				!strings.Contains(line, "held-out") {
				cancel()
			}
		}
		_, err := Chain(ctx, dir, c, env)
		if stopped := errors.Is(err, context.Canceled) ||
			errors.Is(err, train.ErrStopped); stopped != (stop.stage != "") {
			t.Errorf("to be stopped at %s, the run ended with %v", stop.stage, err)
		}
		cancel()
		told := ""
		for line := range strings.Lines(said) {
			if strings.HasPrefix(line, "about ") {
				told += line
			}
		}
		if !strings.Contains(told, stop.says) || strings.Contains(told, stop.saysNot) ||
			strings.Count(told, "\n") != 1 {
			t.Errorf("before the run that stopped at %s it said %q", stop.stage, told)
		}
		before := state(t, dir)
		if e := left(); e.Pairs.Left != stop.pairs || e.Steps.Left != stop.steps ||
			e.Draws.Left != stop.draws || e.References.Left != stop.references {
			t.Errorf("stopped at %s %d, it is left %+v", stop.stage, stop.at, e)
		} else if stop.stage == "training" && e.evaluations != 6*10 {
			// The first of two held-out losses was taken after step 4.
			t.Errorf("%d evaluations of held-out pairs are left", e.evaluations)
		}
		if after := state(t, dir); !reflect.DeepEqual(before, after) {
			t.Errorf("a dry run changed the folder from %v to %v", before, after)
		}
	}

	other := small(t)
	other.Seed++
	var mismatch *MismatchError
	if _, err := DryRun(context.Background(), dir, other, env.Quiet(1)); !errors.As(err,
		&mismatch) ||
		cli.Code(err) != cli.ExitExists {
		t.Errorf("other settings than the folder's: %v", err)
	}
	theirs := t.TempDir()
	if err := os.WriteFile(filepath.Join(theirs, "thesis.tex"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := DryRun(context.Background(), theirs, c,
		env.Quiet(1)); cli.Code(err) != cli.ExitExists {
		t.Errorf("a folder of others: %v", err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := DryRun(canceled, filepath.Join(t.TempDir(), "new"), c,
		env.Quiet(1)); !errors.Is(err,
		context.Canceled) {
		t.Errorf("a canceled dry run: %v", err)
	}
}

// TestForecastInWords checks the text of forecasts of known seconds.
func TestForecastInWords(t *testing.T) {
	noon := time.Date(2024, 2, 28, 12, 0, 0, 0, time.UTC) // a Wednesday before a leap day
	for _, c := range []struct {
		Forecast
		want string
	}{
		{Forecast{}, "nothing is left to compute"},
		{Forecast{Steps: WorkLeft{Left: 7, Seconds: 0.2}, Seconds: 0.2, Uncounted: "sleep"},
			"about 1 s for 7 training steps, until about 12:00; measured on this machine, " +
				"without sleep"},
		{
			Forecast{Pairs: WorkLeft{Left: 12288, Seconds: 180}, Bytes: 1.2e9,
				Steps: WorkLeft{Left: 4000, Seconds: 480}, MostThreads: 16,
				Draws:      WorkLeft{Left: 640, Seconds: 60},
				References: WorkLeft{Left: 1, Seconds: 10}, Seconds: 730, atMost: true},
			"about 3 min for 12288 pairs (1.2 GB), 8 min for 4000 training steps, 60 s for 640 " +
				"draws, at most 10 s for one reference posterior: 12 min in all, until about " +
				"12:12; measured on this machine; training uses at most 16 threads",
		},
	} {
		if got := c.sentence(noon); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
	for seconds, want := range map[float64]string{
		99.4: "99 s", 99.6: "2 min", 5900: "98 min", 6000: "1.7 h", 35_000: "9.7 h", 36_000: "10 h",
		172_799: "48 h", 172_801: "2.0 days", 1e7: "116 days",
	} {
		if got := durationInWords(seconds); got != want {
			t.Errorf("%v s are %s, want %s", seconds, got, want)
		}
	}
	for seconds, want := range map[float64]string{
		3 * 3600: "15:00", 13 * 3600: "01:00 on Thursday", 86400 * 7: "6 March",
		86400 * 366: "February 2025", 1e300: "January 4762",
	} {
		if got := clockInWords(noon, seconds); got != want {
			t.Errorf("%v s from then it is %s, want %s", seconds, got, want)
		}
	}
	for n, want := range map[int64]string{999: "999 bytes", 1000: "1.0 kB", 12_288: "12 kB",
		411e6: "411 MB", 9_960_000_000: "10 GB", 2.5e12: "2.5 TB"} {
		if got := bytesInWords(n); got != want {
			t.Errorf("%d bytes are %s, want %s", n, got, want)
		}
	}
}

// TestForecastUnderQuota checks that half a core is equally fast for any number
// of threads.
func TestForecastUnderQuota(t *testing.T) {
	for _, c := range []struct {
		threads, at int
		quota, want float64
	}{{4, 1, math.Inf(1), 4}, {4, 2, math.Inf(1), 2}, {4, 1, 0.5, 1}, {4, 1, 1.5, 1.5},
		{2, 2, 0.5, 1}, {8, 2, 3, 1.5}} {
		if got := scaled(c.threads, c.at, c.quota); got != c.want {
			t.Errorf("%d threads, %d looked at, %v CPUs: %v, want %v", c.threads, c.at, c.quota,
				got, c.want)
		}
	}
}
