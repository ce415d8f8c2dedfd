package recipe

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"csdm/internal/setting"
	"csdm/problems"
	"csdm/problems/builtin"
)

// titles are the headings of the reference page, by section.
var titles = map[string]string{
	"":          "General",
	"data":      "`[data]`: pairs, and what a training takes from them",
	"network":   "`[network]`: the score network",
	"training":  "`[training]`: how the network is trained",
	"sampling":  "`[sampling]`: how posterior draws are made",
	"reference": "`[reference]`: how the reference posterior is computed",
}

//go:embed page_head.txt
var pageHead string

// Page returns docs/reference/settings.md.
func Page() (string, error) {
	presets, err := presetTables()
	if err != nil {
		return "", err
	}
	return pageHead + setting.Page(&Recipe{}, titles) + presets, nil
}

// presetTables returns a table for each problem of the settings that its
// presets change.
func presetTables() (string, error) {
	var out strings.Builder
	out.WriteString("\n## Presets\n\nAn empty cell is the default. The tables leave out settings " +
		"that no preset of the problem changes.\n")
	for _, e := range builtin.List() {
		recipes := []*Recipe{{}}
		setting.Defaults(recipes[0])
		names := slices.DeleteFunc(Presets(e.Name),
			func(name string) bool { return name == Lesson })
		for _, preset := range names {
			r, err := Resolve(e.Name, preset, problems.Options{}, 1)
			if err != nil {
				return "", err
			}
			recipes = append(recipes, r)
		}
		fmt.Fprintf(&out, "\n### %s\n\n| setting | %s |\n|%s\n", e.Name,
			strings.Join(names, " | "), strings.Repeat("---|", 1+len(names)))
		for i, s := range recipes[0].Settings() {
			if s.Name == "problem" || s.Name == "preset" {
				continue
			}
			row, differs := "", false
			for _, r := range recipes[1:] {
				cell := r.Settings()[i]
				row += " |"
				if cell.Value() != s.Value() {
					row, differs = row+" "+cell.Text(), true
				}
			}
			if differs {
				fmt.Fprintf(&out, "| `%s`%s |\n", s.Name, row)
			}
		}
	}
	return out.String(), nil
}
