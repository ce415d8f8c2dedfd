package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
)

// TestHelpJSON checks the help for tools: each verb and flag of the text is
// there, and so are names of settings, defaults and required flags.
func TestHelpJSON(t *testing.T) {
	var root verbHelp
	if err := json.Unmarshal([]byte(printed(t, "help", "--json")), &root); err != nil {
		t.Fatal(err)
	}
	all := map[string]verbHelp{}
	var walk func(v verbHelp)
	walk = func(v verbHelp) {
		all[v.Name] = v
		if v.Short == "" || v.Use == "" {
			t.Errorf("%s has no help", v.Name)
		}
		text := printed(t, append([]string{"help"}, strings.Fields(v.Name)[1:]...)...)
		for _, f := range v.Flags {
			if f.Usage == "" || f.Type == "" {
				t.Errorf("%s --%s has no help: %+v", v.Name, f.Name, f)
			}
			if f.SettingName == "" && !strings.Contains(text, "--"+f.Name) {
				t.Errorf("%s --%s is not in the text", v.Name, f.Name)
			}
		}
		for _, child := range v.Verbs {
			walk(child)
		}
	}
	walk(root)
	flag := func(verb, name string) (f flagHelp) {
		v, ok := all[verb]
		if i := slices.IndexFunc(v.Flags, func(f flagHelp) bool { return f.Name == name }); ok &&
			i >= 0 {
			return v.Flags[i]
		}
		t.Errorf("%s has no flag %s", verb, name)
		return f
	}
	if f := flag("csdm", "seed"); f.Default != "1" || f.Required {
		t.Errorf("%+v", f)
	}
	if f := flag("csdm bench truth", "cases"); f.SettingName != "cases" || f.Default != "20" {
		t.Errorf("%+v", f)
	}
	if f := flag("csdm bench truth", "problem"); !f.Required || f.SettingName != "" {
		t.Errorf("%+v", f)
	}
	if _, _, err := csdm(t, "help", "bench", "nonesuch"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("an unknown verb: %v, want code 64", err)
	}
	if printed(t, "help", "bench", "truth") != printed(t, "bench", "truth", "--help") {
		t.Error("help prints another text than --help")
	}
}
