package csdm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// mayImport holds the direction of imports between the rooms (ARCHITECTURE.md):
// for each room the rooms that it may import, apart from itself, rng and
// internal packages. Except for cmd, which may import every room, each import
// is in use.
var mayImport = map[string][]string{
	"rng":      {},
	"mesh":     {},
	"fem":      {"mesh"},
	"autodiff": {},
	"nn":       {"autodiff", "langevin"},
	"langevin": {},
	"priors":   {},
	"models":   {},
	"problems": {"mesh", "fem", "priors"},
	"dataset":  {"problems", "priors"},
	"fidelity": {"dataset"},
	"bench":    {"langevin", "priors", "problems"},
	"certify":  {"explain", "priors", "problems", "bench"},
	"course":   {},
	"docs":     {},
	"examples": {},
	"measured": {"nn", "priors", "problems", "dataset"},
	"explain":  {"nn", "priors", "problems"},
	"env":      {},
	"peers":    {"langevin"},
	"recipe":   {"nn", "langevin", "problems", "priors", "dataset", "bench", "certify"},
	"infer": {"nn", "langevin", "priors", "problems", "bench", "models", "certify", "measured",
		"explain", "env", "recipe"},
	"run": {"nn", "langevin", "priors", "problems", "dataset", "bench", "models", "certify",
		"measured", "explain", "env", "recipe", "infer"},
	"calibrate": {"nn", "langevin", "priors", "problems", "dataset", "bench", "certify", "explain",
		"env", "run", "infer", "recipe", "measured"},
	"table5": {"nn", "langevin", "priors", "problems", "bench", "models", "env", "recipe",
		"run", "infer", "measured"},
	"accuracy": {"nn", "langevin", "priors", "problems", "bench", "certify", "models", "env",
		"recipe", "run", "infer", "tasks", "dataset", "measured"},
	"tasks": {"nn", "langevin", "bench", "env", "infer"},
	"lab": {"nn", "langevin", "problems", "bench", "env", "infer", "recipe", "dataset", "measured",
		"models", "run"},
	"cmd": {"mesh", "fem", "autodiff", "nn", "langevin", "priors", "problems", "dataset", "bench",
		"models", "certify", "measured", "explain", "env", "recipe", "infer", "run", "calibrate",
		"table5",
		"accuracy", "tasks", "lab", "peers", "docs", "fidelity"},
}

// internalUsers restricts who may import an internal package; those not named
// are open to all.
var internalUsers = map[string][]string{
	"internal/kernel": {"autodiff", "nn", "internal/sparse", "dataset", "run", "tasks", "cmd"},
	"internal/sparse": {"fem", "cmd"},
	"internal/report": {"env", "run", "infer", "calibrate", "table5", "cmd"},
}

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	GoFiles                            []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,GoFiles",
		"./...")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return packages
}

// room returns the unit that the rules speak of: "internal/x" or the first path
// element.
func room(importPath string) (string, bool) {
	rest, ok := strings.CutPrefix(importPath, "csdm/")
	if !ok {
		return "", false
	}
	parts := strings.Split(rest, "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return "internal/" + parts[1], true
	}
	return parts[0], true
}

func allows(list []string, name string) bool {
	for _, l := range list {
		if l == name {
			return true
		}
	}
	return false
}

func TestImportGraph(t *testing.T) {
	used := map[string][]string{} // who imports what
	defer func() { unused(t, used) }()
	for _, p := range listPackages(t) {
		from, ours := room(p.ImportPath)
		if !ours {
			continue
		}
		if _, known := mayImport[from]; !known && !strings.HasPrefix(from, "internal/") {
			t.Errorf("%s: room %q is not on the map: add it here and to ARCHITECTURE.md",
				p.ImportPath, from)
		}
		for _, imp := range p.Imports {
			if imp == "unsafe" && from != "internal/kernel" {
				t.Errorf("%s imports unsafe: only internal/kernel may", p.ImportPath)
			}
			if imp == "C" {
				t.Errorf("%s uses cgo", p.ImportPath)
			}
			to, ours := room(imp)
			if !ours || to == from {
				continue
			}
			used[from] = append(used[from], to)
			if users, restricted := internalUsers[to]; restricted && !allows(users, from) {
				t.Errorf("%s imports %s, which only %v may", p.ImportPath, imp, users)
			}
			// every room may draw random numbers
			if strings.HasPrefix(to, "internal/") || to == "rng" {
				continue
			}
			if strings.HasPrefix(from, "internal/") {
				t.Errorf("%s imports %s: internal packages import no room above them", p.ImportPath,
					imp)
			} else if !allows(mayImport[from], to) {
				t.Errorf("%s imports %s: not in the direction of ARCHITECTURE.md", p.ImportPath,
					imp)
			}
		}
	}
}

// unused reports imports that the maps allow and no package has, so that the
// table in ARCHITECTURE.md shows the rooms as they are.
func unused(t *testing.T, used map[string][]string) {
	for from, rooms := range mayImport {
		for _, to := range rooms {
			if from != "cmd" && !allows(used[from], to) {
				t.Errorf("%s may import %s and does not: take it from the list", from, to)
			}
		}
	}
	for to, users := range internalUsers {
		for _, from := range users {
			if !allows(used[from], to) {
				t.Errorf("%s may import %s and does not: take it from the list", from, to)
			}
		}
	}
}
