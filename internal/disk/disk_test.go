package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestRenameNew renames a file to a taken and to a free name, with both
// methods.
func TestRenameNew(t *testing.T) {
	for name, rename := range map[string]func(string, string) error{"rename": RenameNew,
		"link": linkNew} {
		dir := t.TempDir()
		from, taken, free := filepath.Join(dir, "t"), filepath.Join(dir, "a"),
			filepath.Join(dir, "b")
		for path, content := range map[string]string{from: "late", taken: "first"} {
			if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := rename(from, taken); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s to a taken name: %v", name, err)
		}
		if err := rename(from, free); err != nil {
			t.Errorf("%s to a free name: %v", name, err)
		}
		for path, want := range map[string]string{taken: "first", free: "late"} {
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Errorf("%s: %s holds %q (%v), want %q", name, filepath.Base(path), got, err, want)
			}
		}
		if _, err := os.Lstat(from); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s left the old name behind: %v", name, err)
		}
	}
}
