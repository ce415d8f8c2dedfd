package recipe

import (
	"path/filepath"
	"testing"

	"csdm/problems"
)

// TestResolved holds what each preset of each problem resolves to, number by
// number: testdata has the resolved configurations as they once were, under the
// names of then.
func TestResolved(t *testing.T) {
	files, err := filepath.Glob("testdata/resolved/*.toml")
	if err != nil || len(files) != 33 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		want, err := Read(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Resolve(want.Problem, want.Preset,
			problems.Options{Grid: want.Grid, NoisePercent: want.NoisePercent}, want.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if want.Sampling.Form == "" { // as it was written where it did not count
			want.Sampling.Form = got.Sampling.Form
		}
		if d := want.Differences(got); d != nil {
			t.Errorf("%s: %v", file, d)
		}
	}
}
