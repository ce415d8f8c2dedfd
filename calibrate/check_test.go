package calibrate

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/internal/report"
	"csdm/measured"
	"csdm/recipe"
)

// TestCheckIsFinished removes files that a killed check may lack. The same
// check writes them again without a draw. A finished check is not touched. With
// overwrite all records are computed again, with the same values, and a check
// of other settings is replaced.
//
// Every order in which a process may die must leave a folder from which the
// same call ends with the same bytes.
func TestCheckIsFinished(t *testing.T) {
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		t.Fatal(err)
	}
	settings, dir := Settings{Measurements: 2, Sampling: recipe.Sampling(model, 3), Seed: 1},
		t.TempDir()
	settings.Sampling.Levels = 2
	checked := 0
	env := env.Quiet(2)
	env.Progress = func(stage string, done, _ int, _ string) { checked = max(checked, done) }
	check := func(overwrite bool) *Result {
		t.Helper()
		checked = 0
		r, err := Check(t.Context(), Job{model, "m", problem, dir, overwrite, nil}, settings, env)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	files := func() map[string]string {
		all := map[string]string{}
		for _, name := range []string{report.PageFile, checkFile, checkDataFile, recordsFile,
			"figures/ranks-1.png"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
			}
			all[name] = string(data)
		}
		return all
	}
	var notes []string
	env.Note = func(note string) { notes = append(notes, note) }
	first := check(false)
	want := files()
	all := strings.Join(notes, "\n")
	if u := first.Support; u == nil || u.In || !strings.Contains(all, u.Text) ||
		!strings.Contains(u.Text, "not accurate") ||
		!strings.Contains(want[checkFile], `"std_over_sigma_min"`) {
		t.Errorf("two steps of the sampler: support %+v, notes %q", u, notes)
	}
	if first.AlreadyThere || checked != 2 {
		t.Errorf("the first check made %d measurements", checked)
	}
	if again := check(false); !again.AlreadyThere || checked != 0 ||
		again.Verdict != first.Verdict || !reflect.DeepEqual(files(), want) {
		t.Errorf("a finished check: %d measurements were made, or files changed", checked)
	}
	for _, lost := range [][]string{{report.PageFile}, {report.PageFile, report.FigureFolder},
		{checkFile},
		{checkFile, report.PageFile, report.FigureFolder},
		{checkFile, report.PageFile, report.FigureFolder, checkDataFile}} {
		for _, name := range lost {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if r := check(false); r.AlreadyThere || checked != 0 {
			t.Errorf("without %v: %d measurements were made", lost, checked)
		}
		files()
	}
	if check(true); checked != 2 {
		t.Errorf("overwriting made %d measurements", checked)
	}
	if now := files(); now[recordsFile] != want[recordsFile] ||
		now[checkDataFile] != want[checkDataFile] {
		t.Error("overwriting changed the scores")
	}
	if err := os.WriteFile(filepath.Join(dir, checkFile), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), Job{model, "m", problem, dir, false, nil}, settings,
		env); cli.Code(err) != cli.ExitData {
		t.Errorf("a damaged %s: %v", checkFile, err)
	}
	if check(true); checked != 2 {
		t.Errorf("overwriting a damaged %s made %d measurements", checkFile, checked)
	}
	settings.Sampling.SigmaMax = 70
	other := check(true)
	if now := files(); checked != 2 || now[recordsFile] == want[recordsFile] {
		t.Errorf("other settings with overwrite: %d measurements were made", checked)
	}
	dir = t.TempDir()
	check(false)
	fresh := files()
	if dir = filepath.Dir(other.Report); files()[recordsFile] != fresh[recordsFile] {
		t.Error("other settings with overwrite give other scores than in a new folder")
	}
}

// TestCheckResumes stops a check and truncates its last record. The check
// resumes on another number of threads to identical output. A check of more
// measurements resumes from it, and a check with another seed is refused.
func TestCheckResumes(t *testing.T) {
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		t.Fatal(err)
	}
	settings := Settings{Measurements: 4, Sampling: recipe.Sampling(model, 7), Seed: 1}
	settings.Sampling.Levels = 2
	check := func(ctx context.Context, dir string, s Settings, overwrite bool,
		env env.Env) (*Result, error) {
		return Check(ctx, Job{model, "m", problem, dir, overwrite, nil}, s, env)
	}
	whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	r, err := check(context.Background(), whole, settings, false, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict == bench.Pass || r.Passed || len(r.Posteriors) != 5 ||
		len(r.Posteriors[0].Ranks) != 4 || r.Posteriors[0].Predictive == nil {
		t.Errorf("four measurements: %+v", r)
	}
	if weights, err := identity.ShortHash(model.Net.Flat()); err != nil || r.Weights != weights ||
		r.Call.Threads != 1 {
		t.Errorf("made by %+v of weights %q, want %q, %v", r.Call, r.Weights, weights, err)
	}
	// The residuals of the true field are the noise, whose truncation gives a
	// variance of 0.973. Draws of the prior do not explain the measurement.
	if p := r.Posteriors[0].Predictive; p.Truth < 0.9 || p.Truth > 1.05 ||
		r.Posteriors[4].Predictive.Draws < 1.2*p.Truth {
		t.Errorf("posterior predictive: %+v, of the prior %+v", p, r.Posteriors[4].Predictive)
	}

	ctx, stop := context.WithCancel(context.Background())
	env, first := env.Quiet(2), -1
	env.Progress = func(_ string, done, _ int, _ string) {
		if done == 2 {
			stop()
		}
	}
	if _, err := check(ctx, parts, settings, false, env); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	records := filepath.Join(parts, recordsFile)
	data, err := os.ReadFile(records)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(records, data[:len(data)-10], 0o666); err != nil {
		t.Fatal(err)
	}
	env.Progress = func(_ string, done, _ int, _ string) {
		if first < 0 {
			first = done
		}
	}
	if _, err := check(context.Background(), parts, settings, false, env); err != nil ||
		first != 1 {
		t.Fatalf("resumed from %d: %v", first, err)
	}
	table := map[string][]byte{}
	for _, name := range []string{checkFile, checkDataFile, recordsFile} {
		table[name], err = os.ReadFile(filepath.Join(whole, name))
		other, err2 := os.ReadFile(filepath.Join(parts, name))
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if name == checkFile { // it holds its own folder and threads
			call := regexp.MustCompile(`"threads": *\d+`)
			table[name] = call.ReplaceAll(bytes.ReplaceAll(table[name], []byte(whole), nil), nil)
			other = call.ReplaceAll(bytes.ReplaceAll(other, []byte(parts), nil), nil)
		}
		if !bytes.Equal(table[name], other) {
			t.Errorf("%s differs", name)
		}
	}

	settings.Seed = 2
	if _, err := check(context.Background(), parts, settings, false,
		env); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "scores.seed: 1 in the file, 2 in this call") {
		t.Errorf("another seed: %v", err)
	}
	settings.Seed, settings.Measurements, first = 1, 5, -1
	if _, err := check(context.Background(), parts, settings, true, env); err != nil || first != 4 {
		t.Errorf("more measurements resumed from %d: %v", first, err)
	}
	if longer, err := os.ReadFile(filepath.Join(parts, checkDataFile)); err != nil ||
		!bytes.HasPrefix(longer, table[checkDataFile]) {
		t.Errorf("more measurements changed the first ones: %v", err)
	}
	settings.Seed = model.Meta.Training.Seed ^ checkSeed
	if _, err := check(context.Background(), "", settings, false,
		env); cli.Code(err) != cli.ExitUsage {
		t.Errorf("the training's own pairs were accepted: %v", err)
	}
}
