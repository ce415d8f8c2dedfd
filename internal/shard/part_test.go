package shard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/internal/recordfile"
	"csdm/internal/shard"
)

// plan returns the plan of ten items of two values.
func plan() *shard.Plan {
	return &shard.Plan{Verb: "sample", Items: "draws", Count: 10, Values: 2,
		Identity: identity.New("draws", 1).Add("seed", 7).Identity()}
}

// item returns the values of item i.
func item(i int) []float64 { return []float64{float64(i), 1 / float64(i+1)} }

// run makes at most most items of a shard in dir.
func run(t *testing.T, p *shard.Plan, dir string, s shard.Shard, most int) *shard.Made {
	t.Helper()
	w, err := p.Start(context.Background(), dir, s, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	for i := w.From + w.Len(); i < w.To && failed == nil; i++ {
		if most--; most < 0 {
			failed = cli.ErrStopped
		} else if err := w.Append(item(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(failed); err != nil {
		t.Fatal(err)
	}
	return w.Made()
}

// parts makes all m parts in a new folder.
func parts(t *testing.T, m int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "parts[1]") // no pattern
	for k := m; k >= 1; k-- {
		run(t, plan(), dir, shard.Shard{K: k, M: m}, 10)
	}
	return dir
}

// TestMerge checks that parts of any division give the bytes of the undivided
// work, also from a resumed part and from a folder for each part.
func TestMerge(t *testing.T) {
	want := filepath.Join(t.TempDir(), "want")
	var values []float64
	for i := range 10 {
		values = append(values, item(i)...)
	}
	if err := recordfile.Write(want, values, 2, plan().Identity, false); err != nil {
		t.Fatal(err)
	}
	same := func(paths ...string) {
		t.Helper()
		out := filepath.Join(t.TempDir(), "out")
		for range 2 { // the second call finds the file
			if err := plan().Merge(out, false, paths...); err != nil {
				t.Fatal(err)
			}
		}
		a, err1 := os.ReadFile(want)
		b, err2 := os.ReadFile(out)
		if err := errors.Join(err1, err2); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%d bytes, want %d; %v", len(b), len(a), err)
		}
	}
	for _, m := range []int{1, 3, 7, 10, 13} {
		same(parts(t, m))
	}
	dir := t.TempDir()
	for _, want := range []shard.Made{{Found: 0, Made: 2}, {Found: 2, Made: 3}, {Found: 5}} {
		made := run(t, plan(), dir, shard.Shard{K: 1, M: 2}, max(2, 3*want.Found))
		if made.Found != want.Found || made.Made != want.Made {
			t.Errorf("%+v, want %+v", made, want)
		}
	}
	other := t.TempDir()
	run(t, plan(), other, shard.Shard{K: 2, M: 2}, 10)
	same(other, dir)
	same(filepath.Join(other, "draws-00005-00009.part"), dir)
}

// TestMergeRefuses checks that a set with a missing, doubled, foreign, renamed
// or damaged part is refused, and that the file is named.
func TestMergeRefuses(t *testing.T) {
	const second = "draws-00003-00005.part"
	for name, c := range map[string]struct {
		spoil func(dir string) error
		want  []string
	}{
		"missing": {func(dir string) error { return os.Remove(filepath.Join(dir, second)) },
			[]string{"draws 3 to 5 are missing"}},
		"doubled": {func(dir string) error {
			run(t, plan(), dir, shard.Shard{K: 1, M: 4}, 10) // draws 0 and 1
			return nil
		}, []string{"draws-00000-00001.part", "draws-00000-00002.part", "both have draws 0 to 1"}},
		"foreign": {func(dir string) error {
			p := plan()
			p.Identity = identity.New("draws", 1).Add("seed", 8).Identity()
			from := t.TempDir()
			run(t, p, from, shard.Shard{K: 2, M: 3}, 10)
			return os.Rename(filepath.Join(from, second), filepath.Join(dir, second))
		}, []string{second, "another computation", "of.seed: 8 in the file, 7 in the other parts"}},
		"renamed": {func(dir string) error {
			return os.Rename(filepath.Join(dir, "draws-00000-00002.part"),
				filepath.Join(dir, second))
		}, []string{"draws 0 to 2 are missing"}},
		"swapped": {func(dir string) error {
			text, err := os.ReadFile(filepath.Join(dir, "draws-00000-00002.part"))
			return errors.Join(err, os.WriteFile(filepath.Join(dir, second), text, 0o666))
		}, []string{second, "from: 0 in the file, 3 in the other parts"}},
		"cut off": {func(dir string) error {
			info, err := os.Stat(filepath.Join(dir, second))
			return errors.Join(err, os.Truncate(filepath.Join(dir, second), info.Size()-1))
		}, []string{second, "damaged: 2 of its 3 draws are intact"}},
		"flipped": {func(dir string) error {
			path := filepath.Join(dir, second)
			text, err := os.ReadFile(path)
			text[len(text)-3] ^= 4
			return errors.Join(err, os.WriteFile(path, text, 0o666))
		}, []string{second, "damaged"}},
		"without head": {func(dir string) error {
			path := filepath.Join(dir, second)
			text, err := os.ReadFile(path)
			text[20] ^= 1
			return errors.Join(err, os.WriteFile(path, text, 0o666))
		}, []string{second, "damaged: 0 of its 3"}},
		"beyond": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "draws-00010-00012.part"), nil, 0o666)
		}, []string{"draws-00010-00012.part", "0 to 9"}},
	} {
		dir := parts(t, 3)
		// The ranges of three shards are 0 to 2, 3 to 5 and 6 to 9.
		if err := c.spoil(dir); err != nil {
			t.Fatal(name, err)
		}
		out := filepath.Join(t.TempDir(), "out")
		err := plan().Merge(out, false, dir)
		for _, want := range c.want {
			if err == nil || cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: code %d, %v; want %q", name, cli.Code(err), err, want)
			}
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: there is a result", name)
		}
	}
	taken := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(taken, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := plan().Merge(taken, false, parts(t, 2)); cli.Code(err) != cli.ExitExists {
		t.Errorf("a taken name: %v", err)
	}
}

// TestBegin checks that a folder takes the parts of one computation only.
func TestBegin(t *testing.T) {
	dir := parts(t, 2)
	for want, change := range map[string]func(p *shard.Plan){
		"seed: 7 in the file, 8 in this call": func(p *shard.Plan) {
			p.Identity = identity.New("draws", 1).Add("seed", 8).Identity()
		},
		"is for 10 draws, and this call for 12": func(p *shard.Plan) { p.Count = 12 },
		"measurements of csdm check": func(p *shard.Plan) {
			p.Verb, p.Items = "check", "measurements"
		},
	} {
		p := plan()
		change(p)
		if err := p.Begin(dir); cli.Code(err) != cli.ExitExists ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "notes.txt"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := plan().Begin(other); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("a folder of other files: %v", err)
	}
	path := filepath.Join(dir, shard.PlanFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{text[:len(text)/2], bytes.Replace(text, []byte(`"count": 10`),
		[]byte(`"count": 11`), 1), nil, []byte("{}\n")} {
		if err := os.WriteFile(path, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := shard.ReadPlan(dir); cli.Code(err) != cli.ExitData {
			t.Errorf("a damaged plan: %v", err)
		}
	}
}

// TestStatus checks the status of a finished, an unfinished, a failed and
// a missing shard, and of one at work.
func TestStatus(t *testing.T) {
	dir := t.TempDir()
	at := func(k int) shard.Shard { return shard.Shard{K: k, M: 5} }
	run(t, plan(), dir, at(1), 10)
	run(t, plan(), dir, at(2), 1)
	w, err := plan().Start(context.Background(), dir, at(3), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.End(cli.Data(errors.New("no solution"))); err != nil {
		t.Fatal(err)
	}
	if w, err = plan().Start(context.Background(), dir, at(4), func(string) {}); err != nil {
		t.Fatal(err)
	}
	status := func() *shard.Status {
		t.Helper()
		s, err := plan().Status(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := status()
	if s.Done != 2 || s.Begun != 1 || s.Whole() || len(s.Missing) != 1 ||
		s.Missing[0] != (shard.ItemRange{From: 2, To: 10}) {
		t.Errorf("%+v", s)
	}
	if len(s.Failed) != 1 || s.Failed[0].Shard != "3/5" || s.Failed[0].Error != "no solution" {
		t.Errorf("failed: %+v", s.Failed)
	}
	if len(s.Running) != 1 || !strings.HasPrefix(s.Running[0], "shard 4/5: process ") {
		t.Errorf("running: %q", s.Running)
	}
	if err := w.End(cli.ErrStopped); err != nil {
		t.Fatal(err)
	}
	for k := 1; k <= 5; k++ {
		run(t, plan(), dir, at(k), 10)
	}
	if s := status(); !s.Whole() || s.Done != 10 || s.Begun+len(s.Failed)+len(s.Running) != 0 {
		t.Errorf("at the end: %+v", s)
	}
	if err := os.Truncate(filepath.Join(dir, "draws-00004-00005.part"), 100); err != nil {
		t.Fatal(err)
	}
	if s := status(); s.Whole() || s.Done != 8 {
		t.Errorf("with a part cut off: %+v", s)
	}
}

// TestBeginAtOnce lets the shards of an array begin a folder at the same time.
func TestBeginAtOnce(t *testing.T) {
	for range 50 {
		dir := filepath.Join(t.TempDir(), "parts[1]") // no pattern
		failed := make(chan error)
		const shards = 8
		for k := range shards {
			go func() {
				err := plan().Begin(dir)
				if err == nil { // its first file, as Start makes it
					name := fmt.Sprintf("draws-%d.partial", k)
					err = os.WriteFile(filepath.Join(dir, name), nil, 0o666)
				}
				failed <- err
			}()
		}
		for range shards {
			if err := <-failed; err != nil {
				t.Fatal(err)
			}
		}
	}
}
