package run

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/filelock"
	"csdm/internal/identity"
	"csdm/nn"
)

// TestDrawStore: draws survive whatever cuts the file off or damages its end,
// and are read by their owner only.
func TestDrawStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "draws")
	samples := make([]float64, 6)
	id := func(k int) identity.Identity {
		return identity.New("test", 1).Add("sigma", k).Identity()
	}
	overwrite := false
	open := func(k int) (*drawStore, error) {
		clear(samples)
		return openDraws(path, samples, 2, id(k), overwrite, func(string) {})
	}
	head := len(drawsHead(id(1)))
	s, err := open(1)
	if err != nil || s.draws != 0 {
		t.Fatal(s, err)
	}
	if _, err := open(1); !isHeld(err) {
		t.Errorf("two processes have the file: %v", err)
	}
	if err := errors.Join(s.append([]float64{1, 2}), s.append([]float64{3, 4})); err != nil {
		t.Fatal(err)
	}
	s.close()
	if _, err := open(2); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "sigma: 1 there, 2 asked for") {
		t.Errorf("draws of another job: %v", err)
	}
	if n := countDraws(path, 2); n != 2 {
		t.Errorf("%d draws are counted", n)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for end := range len(whole) + 1 { // cut off, or zeros from there on, as after a power failure
		zeros := append(whole[:end:end], make([]byte, len(whole)-end)...)
		for _, data := range [][]byte{whole[:end], zeros} {
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			want := max(0, end-head) / 20
			s, err := open(1)
			if err != nil {
				t.Fatal(err)
			}
			if s.draws != want || want == 1 && !reflect.DeepEqual(samples,
				[]float64{1, 2, 0, 0, 0, 0}) {
				t.Errorf("%d bytes of %d: %d draws, %v", end, len(whole), s.draws, samples)
			}
			for s.draws < 3 {
				if err := s.append([]float64{5, 6}); err != nil {
					t.Fatal(err)
				}
			}
			s.close()
			if s, err = open(1); err != nil || s.draws != 3 || samples[5] != 6 {
				t.Errorf("after it went on: %v %v", samples, err)
			}
			s.close()
		}
	}
	for what, data := range map[string][]byte{"of another identity": whole,
		"of an earlier version": append(bytes.Repeat([]byte{7}, 32), make([]byte, 40)...)} {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := open(3); cli.Code(err) != cli.ExitExists {
			t.Errorf("a file %s: %v", what, err)
		}
		if there, err := os.ReadFile(path); err != nil || !bytes.Equal(there, data) {
			t.Errorf("a file %s was changed", what)
		}
		overwrite = true
		s, err := open(3)
		if err != nil || s.draws != 0 {
			t.Fatalf("overwriting a file %s: %v", what, err)
		}
		if err := s.append([]float64{5, 6}); err != nil {
			t.Fatal(err)
		}
		s.close()
		overwrite = false
		if s, err = open(3); err != nil || s.draws != 1 || samples[0] != 5 {
			t.Errorf("after overwriting a file %s: %v", what, err)
		}
		s.close()
	}
}

// TestSampleGoesOn: more draws go on from fewer, from unfinished ones and from
// a result, to the same numbers as in one go.
func TestSampleGoesOn(t *testing.T) {
	model, err := BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	cases, err := embeddedCases("quasistatic-28-n5", &model.Meta)
	if err != nil {
		t.Fatal(err)
	}
	sampling, dir := DefaultSampling(model, 4), t.TempDir()
	sampling.Steps = 2
	draw := func(n int, job Job, model *nn.Model) *Posterior {
		t.Helper()
		sampling.Draws = n
		p, err := Sample(context.Background(), model, cases[0].Y, sampling, job, Quiet(2))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole := draw(4, Job{Seed: 5}, model)
	partial, result := filepath.Join(dir, "partial"), filepath.Join(dir, "result.npz")
	draw(2, Job{Seed: 5, Partial: partial}, model)
	p := draw(3, Job{Seed: 5, Partial: partial}, model)
	if p.Evidence.Draws != 1 || !reflect.DeepEqual(p.Samples, whole.Samples[:len(p.Samples)]) {
		t.Errorf("from unfinished draws: %d new ones, or others", p.Evidence.Draws)
	}
	if err := p.WriteFile(result, false); err != nil {
		t.Fatal(err)
	}
	p = draw(4, Job{Seed: 5, Earlier: result}, model)
	if p.Evidence.Draws != 1 || !reflect.DeepEqual(p.Samples, whole.Samples) {
		t.Errorf("from a result: %d new draws, or others", p.Evidence.Draws)
	}
	for what, p := range map[string]*Posterior{
		"seed":    draw(4, Job{Seed: 6, Earlier: result}, model),
		"nothing": draw(4, Job{Seed: 5, Earlier: filepath.Join(dir, "none.npz")}, model),
	} {
		if p.Evidence.Draws != 4 {
			t.Errorf("draws of another %s were taken over", what)
		}
	}
	read, err := ReadPosterior(result)
	if err != nil {
		t.Fatal(err)
	}
	if read.Draws != 3 || !reflect.DeepEqual(read.Mean, draw(3, Job{Seed: 5}, model).Mean) ||
		read.Normalization.XMax != model.Meta.Normalization.XMax {
		t.Errorf("read back %d draws, range %v", read.Draws, read.Normalization)
	}
}

// isHeld reports whether an error says that another process holds a lock.
func isHeld(err error) bool {
	_, held := errors.AsType[*filelock.HeldError](err)
	return held
}
