package licenses

import (
	"cmp"
	"encoding/json"
	"io"
	"runtime/debug"
	"slices"
	"strings"
)

// The parts of a bill of materials that csdm writes, by the names of the
// CycloneDX specification, version 1.5.
type (
	bom struct {
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl"`
		Licenses   []choice   `json:"licenses,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	choice struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// library is the name of Go's library in bills of materials.
const library = "std"

// script is the part of the lab's page that comes from npm, and scriptVersion
// is its version.
const script, scriptVersion = "uplot", "1.6.32"

// WriteSBOM writes the bill of materials of a binary with the given build
// information: the program in the given version, Go's library, the script of
// the lab, and all modules with their licenses and checksums. The output of one
// binary is identical.
func WriteSBOM(w io.Writer, info *debug.BuildInfo, version string) error {
	ids := identifiers()
	make := func(kind, registry, name, version string) component {
		purl := "pkg:" + registry + "/" + name + "@" + version
		c := component{Type: kind, Ref: purl, Name: name, Version: version, PURL: purl}
		for _, id := range ids[name] {
			var l choice
			l.License.ID = id
			c.Licenses = append(c.Licenses, l)
		}
		return c
	}
	b := bom{Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata: metadata{make("application", "golang", info.Main.Path, version)},
		Components: []component{
			make("library", "golang", library, strings.TrimPrefix(info.GoVersion, "go")),
			make("library", "npm", script, scriptVersion)}}
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" {
			p := &b.Metadata.Component.Properties
			*p = append(*p, property{"go:" + s.Key, s.Value})
		}
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := make("library", "golang", m.Path, m.Version)
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		b.Components = append(b.Components, c)
	}
	slices.SortFunc(b.Components, func(x, y component) int { return cmp.Compare(x.Ref, y.Ref) })
	all := dependency{Ref: b.Metadata.Component.Ref}
	for _, c := range b.Components {
		all.DependsOn = append(all.DependsOn, c.Ref)
	}
	b.Dependencies = []dependency{all}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(b)
}
