package run

import (
	"io/fs"
	"path/filepath"
	"testing"

	"csdm/env"
	"csdm/recipe"
)

// TestDisk compares the estimate with the folder of a run, and its part for
// pairs, draws and checkpoints with their files.
//
// The differences between two estimates isolate one kind of file each: twice
// the pairs, and one more kept checkpoint. Both must be within −5 % and +20 %
// of the files' sizes.
func TestDisk(t *testing.T) {
	c := small(t)
	dir := t.TempDir()
	estimate := func(change func(*recipe.Recipe)) float64 {
		c := *c
		change(&c)
		plan, err := DryRun(t.Context(), t.TempDir(), &c, env.Quiet(1))
		if err != nil {
			t.Fatal(err)
		}
		bytes, err := plan.Disk()
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	size := func(pattern string) (sum float64) {
		t.Helper()
		if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if match, _ := filepath.Match(pattern, d.Name()); err == nil && match {
				sum += float64(info.Size())
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	if _, err := chain(dir, c, 2); err != nil {
		t.Fatal(err)
	}
	all := estimate(func(*recipe.Recipe) {})
	if there := size("*"); there > all || there < all/20 {
		t.Errorf("an estimate of %.0f bytes for a folder of %.0f", all, there)
	}
	for what, v := range map[string][2]float64{
		"pairs": {estimate(func(c *recipe.Recipe) { c.Data.Pairs *= 2 }) - all,
			size("[xy]-*.npy")},
		// a run this short has one
		"checkpoints": {estimate(func(c *recipe.Recipe) {
			c.Training.KeepEvery = c.Training.Steps
		}) - all, size("checkpoint-*")},
	} {
		if ratio := v[1] / v[0]; !(ratio > 0.95 && ratio < 1.2) {
			t.Errorf("%s: an estimate of %.0f bytes for files of %.0f", what, v[0], v[1])
		}
	}
}
