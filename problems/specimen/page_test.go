package specimen_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"csdm/problems"
	"csdm/problems/specimen"
)

// TestPage makes a pair of each file of the page that documents the format. Its
// first block is a whole file. Each later block replaces sections of it.
//
// An example that no longer runs is worse than none, because it is copied.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/specimen-file.md")
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	count := 0
	for _, block := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllSubmatch(page, -1) {
		var sections map[string]any
		if err := toml.Unmarshal(block[1], &sections); err != nil {
			t.Fatalf("%v in\n%s", err, block[1])
		}
		if whole == nil {
			whole = sections
		}
		merged := map[string]any{}
		for _, part := range []map[string]any{whole, sections} {
			for key, value := range part {
				merged[key] = value
			}
		}
		text, err := toml.Marshal(merged)
		if err != nil {
			t.Fatal(err)
		}
		count++
		p, err := tryRead(t, string(text), problems.Options{})
		if err != nil {
			t.Errorf("%v in\n%s", err, block[1])
			continue
		}
		pair(t, p, 0)
	}
	if count < 2 {
		t.Errorf("%d files on the page", count)
	}
}

// TestSettings checks that defaults are among the settings of a file.
//
// A reader of a result must see the mesh and the conditions that were used,
// also where the file leaves them out.
func TestSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lab.toml")
	if err := os.WriteFile(path, []byte(lab), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := specimen.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Settings()
	if err != nil {
		t.Fatal(err)
	}
	physics, prior := all["physics"].(map[string]any), all["prior"].(map[string]any)
	if physics["mesh"] != "crossed" || physics["refine"] != int64(1) || prior["unit"] != "kPa" ||
		all["edges"].(map[string]any)["left"] != "free" {
		t.Errorf("the settings are %v", all)
	}
}
