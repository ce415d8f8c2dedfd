package main

import (
	"csdm/internal/cli"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// shown calls do with each flag that the help of a verb shows, except global
// flags.
func shown(c *cobra.Command, do func(f *pflag.Flag)) {
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			do(f)
		}
	})
}

// TestFewFlags checks that a verb has at most twelve flags beside the flags
// of every verb, that all verbs together have at most 100 that are their own,
// and that the names of all flags are at most 60: a flag has one meaning in all
// verbs, so that a name is learned once. A value that is changed rarely is a
// setting of --set.
func TestFewFlags(t *testing.T) {
	all, sum := map[string]bool{}, 0
	newRoot(io.Discard, newConsole(io.Discard),
		os.Getenv).PersistentFlags().VisitAll(func(f *pflag.Flag) { all[f.Name] = true })
	verbs(func(path string, c *cobra.Command) {
		var names []string
		shown(c, func(f *pflag.Flag) {
			names = append(names, f.Name)
			all[f.Name] = true
			if !slices.Contains(commonFlags, f.Name) {
				sum++
			}
		})
		if len(names) > 12 {
			t.Errorf("%s has %d flags: %s", path, len(names), strings.Join(names, " "))
		}
	})
	t.Logf("%d names of flags; %d flags that are a verb's own", len(all), sum)
	if sum > 100 {
		t.Errorf("the verbs have %d flags of their own; at most 100", sum)
	}
	if len(all) > 60 {
		t.Errorf("%d names of flags: %s", len(all), slices.Sorted(maps.Keys(all)))
	}
}

// TestCommonFlags checks that help shows the common flags once, apart from a
// verb's own, and that a verb without one refuses it.
func TestCommonFlags(t *testing.T) {
	help, _, err := csdm(t, "prior", "--help")
	if err != nil {
		t.Fatal(err)
	}
	_, own, _ := strings.Cut(help, "\nFlags:\n")
	own, common, _ := strings.Cut(own, "\n"+commonTitle+":\n")
	common, every, _ := strings.Cut(common, "\nGlobal Flags:\n")
	for _, c := range []struct{ section, flag string }{{own, "--draws"}, {own, "--noise"},
		{common, "--grid"},
		{common, "--out"}, {common, "--problem"}, {every, "--json"}} {
		if !strings.Contains(c.section, c.flag) || strings.Count(help, "  "+c.flag)+
			strings.Count(help, ", "+c.flag) != 1 {
			t.Errorf("%s is not once in its section of\n%s", c.flag, help)
		}
	}
	if help, _, err := csdm(t, "problems", "--help"); err != nil ||
		strings.Contains(help, commonTitle) {
		t.Errorf("csdm problems has common flags: %v\n%s", err, help)
	}
	if _, _, err := csdm(t, "problems", "-o", "x"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("csdm problems -o x: %v", err)
	}
}

// TestSet: --set gives flags that are hidden and settings of a recipe, and
// refuses others.
func TestSet(t *testing.T) {
	workdir(t)
	const sample = "sample --model builtin:quasistatic-28-n5 --y " +
		"models/measurements/quasistatic-28-n5.npz:y --case 1 --draws 2 --allow-extrapolation " +
		"-o p.npz "
	for flags, want := range map[string]string{
		"--set sampling.levels=4 --set map.unit=cm": "",
		// the former is the same, the latter nothing
		"--set sampling.steps=4 --set problem=": "in the file, ",
		"--set map.unit=furlong":                "furlong",
		"--set map.color=red":                   "no setting map.color",
		"--set training.steps=4":                "must begin with sampling",
		"--set levels":                          "NAME=VALUE",
		"--set sampling.levels=x":               "an integer is expected",
		"--set sampling.keep=1":                 "no setting sampling.keep",
		"--set sampling.form=eq18":              "is a setting of annealed, not of dpmpp2m",
		"--set map.rows_down=maybe":             "maybe",
		"--color red":                           "unknown flag",
	} {
		_, _, err := csdm(t, strings.Fields(sample+flags)...)
		switch {
		case want == "in the file, " && err == nil: // the same levels: it was there
		case want == "" && err != nil, want != "" && (err == nil ||
			!strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", flags, err, want)
		}
	}
	for _, args := range []string{
		"fem plane-strain --e fem/testdata/plane_strain_q16.npz:E_cells --set top=-0.02 -o a.npz",
		"fem plane-strain --e fem/testdata/plane_strain_q16.npz:E_cells --top -0.02 -o a.npz",
	} { // the second finds what the first made
		if _, _, err := csdm(t, strings.Fields(args)...); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, _, err := csdm(t, "fem", "plane-strain", "--e", "e.npy", "--set", "bottom=1", "-o",
		"b.npz"); cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), "nu, top") {
		t.Errorf("a setting that the verb does not have: %v", err)
	}
	if err := os.WriteFile("layers.toml", []byte("e_top = 4000\ne_bottom = 12000\ninterface = "+
		"0.0028\nframes = 1\ndt = 5e-5\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := csdm(t, strings.Fields("fem axisym-dynamics --config layers.toml "+
		"-o f.npz")...); err != nil {
		t.Error(err)
	}
	// a model sets problem, grid and noise
	for _, flag := range []string{"--problem", "--model"} {
		if _, _, err := csdm(t, "prior", flag, "builtin:quasistatic-28-n5", "--draws", "1", "-o",
			"sheet"); err != nil {
			t.Errorf("%s: %v", flag, err)
		}
	}
}

// TestHelpStandsAlone: flags are sorted, so that no help text can lean on its
// neighbor's.
func TestHelpStandsAlone(t *testing.T) {
	verbs(func(path string, c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			first, _, _ := strings.Cut(f.Usage, " ")
			letters := []rune(first)
			switch {
			case len(letters) == 0:
				t.Errorf("%s --%s has no help text", path, f.Name)
			case strings.Contains(" that these it this those they ", " "+strings.ToLower(first)+
				" "):
				t.Errorf("%s --%s: %s", path, f.Name, f.Usage)
			case slices.Contains([]string{"Young's", "Poisson's"}, first): // names of people
			case unicode.IsUpper(letters[0]) && len(letters) > 1 && unicode.IsLower(letters[1]):
				t.Errorf("%s --%s begins in upper case: %s", path, f.Name, f.Usage)
			case strings.HasSuffix(f.Usage, "."):
				t.Errorf("%s --%s ends in a period: %s", path, f.Name, f.Usage)
			}
		})
	})
}
