package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// silent returns the program with its verbs, which print nothing.
func silent() (*app, *cobra.Command) {
	a := &app{stdout: io.Discard, console: newConsole(io.Discard),
		getenv: func(string) string { return "" }}
	return a, a.root()
}

// TestOutputs checks that every verb states what it prints with --json, and
// that each field has a help text.
func TestOutputs(t *testing.T) {
	a, root := silent()
	bare := map[string]bool{}
	var walk func(path string, fields []fieldHelp)
	walk = func(path string, fields []fieldHelp) {
		for _, f := range fields {
			if f.Help == "" {
				bare[path+"."+f.Name] = true
			}
			walk(path+"."+f.Name, f.Fields)
		}
	}
	eachVerb(root, func(verb *cobra.Command) {
		forms := a.outputsOf(verb)
		if groups := verb.HasSubCommands() && verb.Name() != "data"; groups != (forms == nil) {
			t.Errorf("%s prints %d forms of output", verb.CommandPath(), len(forms))
		}
		for _, f := range forms {
			walk(verb.CommandPath(), f.Fields)
		}
	})
	for path := range bare {
		t.Errorf("%s has no help: write a comment above the field, and name its file in "+
			"sources.go", path)
	}
}

// TestPrintedFields runs verbs with --json and compares the keys that they
// print with the fields that help --json lists, at all depths: no other key is
// there, and all that are not optional are.
func TestPrintedFields(t *testing.T) {
	workdir(t)
	a, root := silent()
	root.InitDefaultHelpCmd()
	const y = " --y models/measurements/quasistatic-28-n5.npz:y"
	for _, line := range []string{
		"version", "problems", "problems --toml phantom", "help bench fem",
		"info finished", "info finished/config.toml", "info finished/data",
		"info finished/data/x-00000.npy", "info finished/cases/000/posterior.npz",
		"info finished/checkpoints/checkpoint-000000012.safetensors",
		"info finished/model.safetensors", "info nn/testdata/scorenet_ngf8_28.safetensors",
		"schedule check", "schedule propose", "verify finished/data", "data verify finished/data",
		"data export finished/data --set to=3 -o pairs.npz", "status finished/data",
		"run -o finished --allow-extrapolation", "run --problem phantom --dry-run",
		"data --problem phantom --pairs 4 --dry-run -o dry",
		"compare models/measurements/quasistatic-28-n5.npz " +
			"models/measurements/quasistatic-28-n5.npz --set case_a=0 --set case_b=1",
		"mesh mesh/testdata/meshio41.msh", "man pages", "docs -o site",
		"slurm --json --mem 1G --time 1h data --problem phantom --pairs 4 -o pairs",
		"bench fem --size 8 --runs 1", "bench train --runs 1 --ngf 4 --batch 2 --size 16",
		"fem plane-strain --e fem/testdata/plane_strain_q16.npz:E_cells -o strain.npz",
		"fem helmholtz --mu fem/testdata/helmholtz_80x96.npz:mu --width 0.0044 " +
			"--set height=0.0053 -o wave.npz",
		"sample --allow-extrapolation --draws 2 --dry-run -o x.npz --case 1" +
			" --model builtin:quasistatic-28-n5" + y,
		"sample --allow-extrapolation --draws 2 -o p.npz --case 1" +
			" --model builtin:quasistatic-28-n5" + y,
		"sample --allow-extrapolation --draws 2 -o p.npz --case 1" +
			" --model builtin:quasistatic-28-n5" + y, // already there
		"sample --allow-extrapolation --draws 2 --case 0:2 -o cases" +
			" --model builtin:quasistatic-28-n5" + y,
		"reference --problem quasistatic --grid 28 --case 1 -o r.npz" + y,
		"reference --problem quasistatic --grid 28 --case 1 -o r.npz" + y, // already there
	} {
		args := strings.Fields(line)
		if !slices.Contains(args, "--json") { // of slurm, not of the verb after it
			args = append(args, "--json", "-q")
		}
		out := printed(t, args...)
		verb, _, err := root.Find(args)
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		forms, faults := a.outputsOf(verb), []string{"it has none"}
		for k, form := range forms {
			if k == 0 {
				faults = nil
			}
			fault := differs(got, form.Fields, "")
			if fault == "" {
				faults = nil
				break
			}
			faults = append(faults, fault)
		}
		if faults != nil {
			t.Errorf("%s: no form of the output fits: %s", line, strings.Join(faults, "; "))
		}
	}
}

// differs returns the first difference between a value and the fields of its
// objects; "" if there is none. Without fields any value fits.
func differs(v any, fields []fieldHelp, at string) string {
	if fields == nil {
		return ""
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if d := differs(item, fields, at+"[]"); d != "" {
				return d
			}
		}
	case map[string]any:
		named := func(name string) func(f fieldHelp) bool {
			return func(f fieldHelp) bool { return f.Name == name }
		}
		for _, f := range fields {
			value, ok := v[f.Name]
			if !ok && !f.Optional {
				return at + "." + f.Name + " is not printed"
			}
			inner := f.Fields
			if values, ok := value.(map[string]any); ok && strings.HasPrefix(f.Type, "map of") {
				for _, item := range values {
					if d := differs(item, inner, at+"."+f.Name+"[]"); d != "" {
						return d
					}
				}
				continue
			}
			if d := differs(value, inner, at+"."+f.Name); d != "" {
				return d
			}
		}
		for name := range v {
			if !slices.ContainsFunc(fields, named(name)) {
				return at + "." + name + " is not listed"
			}
		}
	}
	return ""
}
