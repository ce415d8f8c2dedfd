package run

import (
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/problems"
)

// TestResolved holds what each preset of each problem resolves to, number by
// number: testdata has the resolved configurations as they once were.
func TestResolved(t *testing.T) {
	files, err := filepath.Glob("../recipe/testdata/resolved/*.toml")
	if err != nil || len(files) != 33 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		var want Config
		if err := cli.ReadConfig(file, &want); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(want.Problem, "testdata") {
			want.Problem = filepath.Join("../recipe", want.Problem)
		}
		got, err := Resolve(want.Problem, want.Preset,
			problems.Options{Grid: want.Grid, NoisePercent: want.NoisePercent}, want.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if d := want.differences(got); d != nil {
			t.Errorf("%s: %v", file, d)
		}
	}
}
