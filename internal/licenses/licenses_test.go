package licenses

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write licenses.txt")

// systems are those for which csdm is built.
var systems = []string{"linux", "darwin", "windows"}

// linked returns the folders of the modules that csdm contains on any system,
// by path.
var linked = sync.OnceValues(func() (map[string]string, error) {
	folders := map[string]string{}
	for _, system := range systems {
		cmd := exec.Command("go", "list", "-deps", "-f",
			"{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", "csdm/cmd/csdm")
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%v: %w", cmd, err)
		}
		for line := range strings.Lines(string(out)) {
			if path, folder, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				folders[path] = folder
			}
		}
	}
	return folders, nil
})

// scriptFolder holds the files of script.
const scriptFolder = "../../lab/web/uplot"

// licenseFile matches the names of license files in the folder of a module.
var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|ftl)[^/]*$`)

// texts returns the license files of a folder, by their names.
func texts(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, in := range []string{folder, filepath.Join(folder, "licenses")} {
		entries, err := os.ReadDir(in)
		if err != nil && in == folder {
			t.Fatal(err)
		}
		for _, e := range entries {
			// FreeType may be used under its own license or under the GPL.
			if e.IsDir() || !licenseFile.MatchString(e.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(in, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			found[e.Name()] = string(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r"), nil)))
		}
	}
	return found
}

// collected returns the content of licenses.txt.
func collected(t *testing.T) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules, err := linked()
	if err != nil {
		t.Fatal(err)
	}
	folders := maps.Clone(modules)
	folders["csdm"], folders[library] = "../..", strings.TrimSpace(string(root))
	folders[script] = scriptFolder
	names := []string{"csdm", library}
	for name := range folders {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[2:])

	var order []string // texts
	with, files := map[string][]string{}, map[string]string{}
	for _, name := range names {
		of := texts(t, folders[name])
		if len(of) == 0 {
			t.Errorf("%s has no license file in %s", name, folders[name])
		}
		var sorted []string
		for file := range of {
			sorted = append(sorted, file)
		}
		slices.Sort(sorted)
		for _, file := range sorted {
			text := of[file]
			if with[text] == nil {
				order, files[text] = append(order, text), file
			}
			with[text] = append(with[text], name)
		}
	}
	var b strings.Builder
	for k, text := range order {
		if k > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "===== %s: %s =====\n\n%s\n", strings.Join(with[text], ", "),
			files[text], text)
	}
	return b.String()
}

// TestTexts compares licenses.txt with the files of the modules that csdm
// contains.
func TestTexts(t *testing.T) {
	want := collected(t)
	if *update && !t.Failed() {
		if err := os.WriteFile("licenses.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if Text != want {
		t.Error("licenses.txt differs from the licenses of the modules: run " +
			"go test ./internal/licenses -update")
	}
}

// TestIdentifiers names licenses that NOTICE lists, and requires one for each
// module.
func TestIdentifiers(t *testing.T) {
	ids := identifiers()
	for name, want := range map[string]string{
		"csdm": "BSD-3-Clause", library: "BSD-3-Clause", "github.com/spf13/cobra": "Apache-2.0",
		"github.com/golang/freetype":       "FTL",
		"codeberg.org/go-fonts/liberation": "BSD-3-Clause OFL-1.1",
		"github.com/klauspost/cpuid/v2":    "MIT",
		script:                             "MIT",
	} {
		if got := strings.Join(ids[name], " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	modules, err := linked()
	if err != nil {
		t.Fatal(err)
	}
	for name := range modules {
		if len(ids[name]) == 0 {
			t.Errorf("%s: its license is not known", name)
		}
	}
}

// TestNotice requires the name of each module in NOTICE.
func TestNotice(t *testing.T) {
	notice, err := os.ReadFile("../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := linked()
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`/v\d+$`)
	for _, name := range append(slices.Collect(maps.Keys(modules)), script) {
		name := path.Base(version.ReplaceAllString(name, ""))
		if !bytes.Contains(notice, []byte(name)) {
			t.Errorf("NOTICE does not name %s", name)
		}
	}
}

// TestScriptVersion compares scriptVersion with the package in the sources.
func TestScriptVersion(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(scriptFolder, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var found struct{ Name, Version, License string }
	if err := json.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	if found.Name != script || found.Version != scriptVersion || found.License != "MIT" {
		t.Errorf("the lab holds %+v, the bill of materials %s %s", found, script, scriptVersion)
	}
}

// TestSBOM reads back the bill of materials of a program of two modules.
func TestSBOM(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.1", Main: debug.Module{Path: "csdm"},
		Deps: []*debug.Module{{Path: "github.com/spf13/cobra", Version: "v1.10.2", Sum: "h1:x="},
			{Path: "example.org/old", Version: "v1.0.0",
				Replace: &debug.Module{Path: "example.org/a", Version: "v2.0.0"}}},
		Settings: []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "-trimpath"}}}
	var b bytes.Buffer
	if err := WriteSBOM(&b, info, "v1.2.3"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		BOMFormat, SpecVersion string
		Metadata               struct{ Component map[string]any }
		Components             []struct {
			PURL     string
			Licenses []struct{ License struct{ ID string } }
		}
		Dependencies []struct {
			Ref       string
			DependsOn []string
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []string{"pkg:golang/example.org/a@v2.0.0", "pkg:golang/github.com/spf13/cobra@v1.10.2",
		"pkg:golang/std@1.26.1", "pkg:npm/" + script + "@" + scriptVersion}
	for k, c := range got.Components {
		if k >= len(want) || c.PURL != want[k] {
			t.Errorf("component %d is %s, want %s", k, c.PURL, want[k])
		}
	}
	if got.BOMFormat != "CycloneDX" || got.SpecVersion != "1.5" ||
		got.Metadata.Component["version"] != "v1.2.3" ||
		got.Components[1].Licenses[0].License.ID != "Apache-2.0" ||
		!slices.Equal(got.Dependencies[0].DependsOn, want) ||
		got.Dependencies[0].Ref != "pkg:golang/csdm@v1.2.3" {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(b.String(), "arm64") || !strings.Contains(b.String(), "h1:x=") {
		t.Errorf("processor or checksum is missing:\n%s", b.String())
	}
}
