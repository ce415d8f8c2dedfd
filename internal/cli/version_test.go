package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseArchived(t *testing.T) {
	if v, c, ok := parseArchived(archived); ok {
		t.Logf("these sources come from an archive: %s, %s", v, c)
	}
	for _, x := range []struct {
		text, version, commit string
		ok                    bool
	}{
		{"$Format:%(describe:tags)$\n$Format:%H$\n", "", "", false}, {"", "", "", false},
		{"v1.2.3\n0123abcd\n", "v1.2.3", "0123abcd", true},
		{"\n0123abcd\n", "(devel)", "0123abcd", true},
	} {
		v, c, ok := parseArchived(x.text)
		if v != x.version || c != x.commit || ok != x.ok {
			t.Errorf("%q: %s, %s, %v", x.text, v, c, ok)
		}
	}
}

// TestArchive has git make an archive, whose version file must hold the tag and
// the commit.
func TestArchive(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git makes the archive, and is not installed")
	}
	dir := t.TempDir()
	for name, from := range map[string]string{"internal/cli/version.txt": "version.txt",
		".gitattributes": "../../.gitattributes"} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, ok := parseArchived(archived); ok {
		t.Skip("the source is an archive already: git would not fill in its version")
	}
	out, err := exec.Command("sh", "-ec", `cd "$1"; git init -q; git add .
git -c user.name=n -c user.email=e commit -qm m; git tag v9.8.7
git archive HEAD internal/cli/version.txt | tar -xO; git rev-parse HEAD`, "sh", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 3 || lines[0] != "v9.8.7" || lines[1] != lines[2] {
		t.Errorf("the archive holds %q", lines)
	}
}
