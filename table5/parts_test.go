package table5

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/nn"
)

func id(k int) identity.Identity { return identity.New("part", 1).Add("k", k).Identity() }

// TestKeep checks that a part of the study is computed once, that a part with
// other settings is refused, and that Overwrite replaces it.
//
// The values must survive the way to physical units and back, with 2 as the
// width of the range, so that a wrong scale shows. The call of Saved is
// counted: a monitor may stop the program there.
func TestKeep(t *testing.T) {
	s := &study{dir: t.TempDir(), env: env.Quiet(1), Result: &Result{}}
	saved := 0
	s.env.Saved = func() { saved++ }
	path := s.path(&NoiseResult{NoisePercent: 2.5}, "phantom-00-exact.npz")
	if want := filepath.Join(s.dir, "noise-2p5", "phantom-00-exact.npz"); path != want {
		t.Fatalf("path %s, want %s", path, want)
	}
	computed := 0
	make := func() ([]format.Named, infer.Origin, error) {
		computed++
		p := &bench.Posterior{Mean: []float64{0.25, 0.5}, Std: []float64{0.1, 0.2}}
		return infer.SummaryArrays(p, 1, 2, nn.Normalization{XMin: 1, XMax: 3}),
			infer.Origin{Problem: "made up"}, nil
	}
	for range 2 {
		got, err := s.keep(path, id(1), make)
		if err != nil {
			t.Fatal(err)
		}
		if n := got.Normalized(); !reflect.DeepEqual(n.Mean, []float64{0.25, 0.5}) ||
			got.Rows != 1 || got.Cols != 2 || got.Origin.Problem != "made up" ||
			got.Origin.Identity != id(1) {
			t.Errorf("%+v of %+v", n, got.Origin)
		}
	}
	if computed != 1 || saved != 1 {
		t.Errorf("computed %d times, saved %d times", computed, saved)
	}
	if _, err := s.keep(path, id(2), make); cli.Code(err) != cli.ExitExists {
		t.Errorf("other settings: %v", err)
	}
	s.s.Overwrite = true
	part := infer.KeptPart{Path: path, Identity: id(2), Overwrite: true}
	if there, err := part.There(); there || err != nil {
		t.Errorf("to be overwritten: %v, %v", there, err)
	}
	if got, err := s.keep(path, id(2), make); err != nil || computed != 2 ||
		got.Origin.Identity != id(2) {
		t.Errorf("overwritten: %v, computed %d times", err, computed)
	}
}

// TestPrepare checks when a study counts as finished, and what Overwrite
// removes.
//
// It counts as finished only with table5.json and the page. Overwrite removes
// parts by their patterns; a file of the user in the same folder must stay.
func TestPrepare(t *testing.T) {
	dir := t.TempDir()
	newStudy := func(overwrite bool) *study {
		return &study{dir: dir, s: Settings{Seed: 5, Overwrite: overwrite},
			Result: &Result{Report: filepath.Join(dir, "report.html")}}
	}
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := newStudy(false)
	if finished, err := s.prepare(); finished || err != nil {
		t.Errorf("an empty folder: %v, %v", finished, err)
	}
	text, err := s.Identity.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	write(studyFile, `{"identity":`+string(text)+`}`)
	if finished, err := newStudy(false).prepare(); finished || err != nil {
		t.Errorf("without a report: %v, %v", finished, err)
	}
	write("report.html", "")
	if finished, err := newStudy(false).prepare(); !finished || err != nil {
		t.Errorf("a finished study: %v, %v", finished, err)
	}
	write("noise-5/phantom-00-exact.npz", "")
	write("curves/cost-00.json", "")
	write("keep.txt", "")
	if finished, err := newStudy(true).prepare(); finished || err != nil {
		t.Errorf("to be overwritten: %v, %v", finished, err)
	}
	for name, want := range map[string]bool{studyFile: false, "noise-5/phantom-00-exact.npz": false,
		"curves/cost-00.json": false, "keep.txt": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v, want there %v", name, err, want)
		}
	}
	write(studyFile, "{")
	if _, err := newStudy(false).prepare(); cli.Code(err) != cli.ExitData {
		t.Errorf("a damaged %s: %v", studyFile, err)
	}
}
