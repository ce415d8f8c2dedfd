package table5

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/identity"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/rng"
)

// TestPoint computes a point of a curve once, reads it back, and refuses a file
// of other settings unless it is to be overwritten.
//
// A point that is silently read for other settings would put the errors of one
// sampler under the name of another. A damaged file is an error of the data,
// and a failed point leaves no file that the next call would take as finished.
func TestPoint(t *testing.T) {
	s := &study{dir: t.TempDir(), env: env.Quiet(1), Result: &Result{}}
	if err := disk.MkdirAll(filepath.Join(s.dir, "curves")); err != nil {
		t.Fatal(err)
	}
	id := func(k int) identity.Identity {
		return identity.New("point", 1).Add("levels", k).Identity()
	}
	made := 0
	compute := func() (*CurvePoint, error) {
		made++
		return &CurvePoint{Method: "heun", Steps: made, Mean: 0.1, FloorMean: infer.NotStated}, nil
	}
	first, err := s.point("p", id(1), compute)
	if err != nil || made != 1 {
		t.Fatalf("%d computed, %v", made, err)
	}
	again, err := s.point("p", id(1), compute)
	if err != nil || made != 1 || again.Steps != first.Steps || again.Method != "heun" {
		t.Errorf("again: %+v, %d computed, %v", again, made, err)
	}
	if _, err := s.point("p", id(2), compute); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "levels") {
		t.Errorf("other settings: code %d, %v", cli.Code(err), err)
	}
	s.s.Overwrite = true
	if p, err := s.point("p", id(2), compute); err != nil || p.Steps != 2 {
		t.Errorf("overwritten: %+v, %v", p, err)
	}
	s.s.Overwrite = false
	path := filepath.Join(s.dir, "curves", "p.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := strings.Replace(string(text), "heun", "hexn", 1)
	if err := os.WriteFile(path, []byte(damaged), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.point("p", id(2), compute); cli.Code(err) != cli.ExitData {
		t.Errorf("a damaged file: code %d, %v", cli.Code(err), err)
	}
	failed := errors.New("failed")
	if _, err := s.point("q", id(1), func() (*CurvePoint, error) {
		return nil, failed
	}); !errors.Is(
		err, failed) {
		t.Errorf("a failed point: %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "curves", "q.json")); err == nil {
		t.Error("a failed point left a file")
	}
}

// TestCurveLevel takes the level nearest to 5 %.
//
// It also checks the time of one core: seconds times recorded threads, or the
// threads of this call if none were recorded.
func TestCurveLevel(t *testing.T) {
	for _, c := range []struct {
		noises []float64
		want   float64
	}{{[]float64{10, 5, 2.5}, 5}, {[]float64{10, 2.5}, 2.5}, {[]float64{10}, 10}} {
		s := &study{Result: &Result{}}
		for _, n := range c.noises {
			s.Levels = append(s.Levels, &NoiseResult{NoisePercent: n})
		}
		if got := s.curveLevel().NoisePercent; got != c.want {
			t.Errorf("of %v: %v, want %v", c.noises, got, c.want)
		}
	}
	s := &study{env: env.Quiet(3)}
	if s.coreSeconds(2, 4) != 8 || s.coreSeconds(2, 0) != 6 {
		t.Errorf("core-seconds %v, %v", s.coreSeconds(2, 4), s.coreSeconds(2, 0))
	}
}

// TestAddPoint averages the errors of two cases with equal weights.
//
// A forgotten 1/n would give the sum, twice as large.
func TestAddPoint(t *testing.T) {
	var p CurvePoint
	p.add(comparison(0.1), 2)
	p.add(comparison(0.3), 2)
	if want := (CurvePoint{Mean: 0.2, Std: 0.4, FloorMean: 0.02,
		FloorStd: 0.04}); !reflect.DeepEqual(
		p, want) {
		t.Errorf("%+v, want %+v", p, want)
	}
}

// TestCostMethods runs the smallest method of each kind on a small problem:
// the number of solves is the one that its size states, and the name and size
// distinguish all methods.
//
// The identity of a point contains name and size. Two methods of equal identity
// would share one file.
func TestCostMethods(t *testing.T) {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8, NoisePercent: 10})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, 64), make([]float64, 64)
	if err := g.Pair(x, y, 1, 0); err != nil {
		t.Fatal(err)
	}
	p.Measurement().Sample(y, y, rng.New(1, rng.Noise, 0, 0))
	l := &NoiseResult{problem: p.(problems.Parametric)}
	seen, ran := map[string]bool{}, map[string]bool{}
	for _, m := range costMethods() {
		key := strings.Join([]string{m.name, number(m.size[0]), number(m.size[len(m.size)-1])}, " ")
		if len(m.size) > 1 {
			key += " " + number(m.size[1])
		}
		if seen[key] {
			t.Errorf("two methods %s", key)
		}
		seen[key] = true
		if ran[m.name] || m.name == "importance sampling" {
			continue
		}
		ran[m.name] = true
		c, err := m.run(context.Background(), l, y, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		// Proposals outside the prior's box need no solve.
		if most := int(m.size[0]*m.size[1]*1.25) + 4; c.solves < 1 || c.solves > most {
			t.Errorf("%s: %d solves of at most %d", m.name, c.solves, most)
		}
		if len(c.Mean) != 64 || c.coreSeconds <= 0 || c.ESS <= 0 {
			t.Errorf("%s: %d pixels, %v core-seconds, ESS %v", m.name, len(c.Mean), c.coreSeconds,
				c.ESS)
		}
	}
	if len(ran) != 2 {
		t.Errorf("methods %v", ran)
	}
}
