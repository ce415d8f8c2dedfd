package external_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/external"
	"csdm/problems/problemstest"
)

// definition returns a file for the program in the given mode, with lines
// replaced by the pairs of edits.
func definition(t *testing.T, mode, kind string, edits ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	files, prior, channels := "npy", "", 2
	if mode != "pair" {
		channels = 1
		prior = "[prior]\nkind = \"inclusion\"\nx = [0.3, 0.5]\ny = [0.4, 0.6]\nradius = [0.15, " +
			"0.25]\nratio = [2.0, 8.0]\nbackground = 1.0\n"
	}
	if mode == "csv" {
		files = "csv"
	}
	text := fmt.Sprintf(`name = "spring"
title = "Springs in a row"
rows = %d
cols = %d
width = 0.8
height = 0.9
length_unit = "cm"

[x]
name = "stiffness"
unit = "kPa"
min = 1.0
max = 8.0

[y]
name = "stretch"
unit = "mm"
channels = %d

[noise]
distribution = "gaussian"
std = 0.05
scale = 0.5

[program]
command = [%q, %q, %q, %q]
timeout = "50s"
files = %q

%s`, rows, cols, channels, self, programArgument, mode, kind, files, prior)
	for k := 0; k < len(edits); k += 2 {
		if !strings.Contains(text, edits[k]) {
			t.Fatalf("no %q in the definition", edits[k])
		}
		text = strings.Replace(text, edits[k], edits[k+1], 1)
	}
	path := filepath.Join(t.TempDir(), "spring.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func problem(path string, o problems.Options) (problems.Problem, error) {
	d, err := external.Read(path)
	if err != nil {
		return nil, err
	}
	return external.New(d, o)
}

// TestProblem runs the checks of every problem on all modes.
func TestProblem(t *testing.T) {
	for mode, edits := range map[string][]string{"pair": {"channels = 2",
		"channels = 2\nchannel_names = [\"left\", \"right\"]"}, "forward": nil, "csv": nil} {
		t.Run(mode, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			path := definition(t, mode, "", edits...)
			problemstest.Problem(t, problemstest.Case{
				New: func(o problems.Options) (problems.Problem, error) {
					return problem(path, o)
				},
				NoiseStd: func(float64) float64 { return 0.05 },
			})
		})
	}
}

// TestDefinitionIsIdentified checks that pairs of another prior or program are
// different pairs, and that the timeout of a program does not matter.
func TestDefinitionIsIdentified(t *testing.T) {
	id := func(edits ...string) identity.Identity {
		p, err := problem(definition(t, "forward", "", edits...), problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p.(problems.Defined).Definition()
	}
	base := id()
	for _, edit := range [][2]string{{"ratio = [2.0, 8.0]", "ratio = [2.1, 7.0]"},
		{"x = [0.3, 0.5]", "x = [0.3, 0.51]"}, {"radius = [0.15, 0.25]", "radius = [0.15, 0.2]"},
		{`"forward"`, `"csv"`}} {
		if id(edit[0], edit[1]) == base {
			t.Errorf("%s in place of %s is the same definition", edit[1], edit[0])
		}
	}
	if d := identity.Compare(base, id(`"50s"`, `"40s"`)); d != nil {
		t.Errorf("another timeout is another definition: %s", d)
	}
}

// TestNoiseInPercent checks that percent refers to scale, and that the noise of
// the file is used unchanged.
func TestNoiseInPercent(t *testing.T) {
	path := definition(t, "pair", "")
	for percent, want := range map[float64]string{0: "Gaussian of standard deviation 0.05",
		10: "Gaussian of standard deviation 0.05", 40: "Gaussian of standard deviation 0.2"} {
		p, err := problem(path, problems.Options{NoisePercent: percent})
		if err != nil || p.Measurement().String() != want {
			t.Errorf("%v %%: %v, %v", percent, p.Measurement(), err)
		}
	}
	p, err := problem(definition(t, "pair", "", `distribution = "gaussian"`,
		`distribution = "recorded"`,
		"std = 0.05\nscale = 0.5\n", ""), problems.Options{})
	if err != nil || p.Measurement().String() != "as recorded" ||
		p.Spec().Options.NoisePercent != 0 {
		t.Errorf("recorded: %v, %v", p, err)
	}
	p, err = problem(definition(t, "pair", "", `distribution = "gaussian"`,
		`distribution = "truncated"`,
		"std = 0.05", "std = 0.05\nlimit = 3.0"), problems.Options{})
	if err != nil || !strings.Contains(p.Measurement().String(), "truncated at ±3") {
		t.Errorf("truncated: %v, %v", p, err)
	}
}

// TestOwnGrid checks that values on a grid of y's own stand at the nodes next
// to its points, and that a measurement has no others, with noise and without.
func TestOwnGrid(t *testing.T) {
	grid := fmt.Sprintf("channels = 2\nrows = %d\ncols = %d", ownRows, ownCols)
	for _, edits := range [][]string{{"channels = 2", grid},
		{"channels = 2", grid, "distribution = \"gaussian\"\nstd = 0.05\nscale = 0.5",
			"distribution = \"recorded\""}} {
		p, err := problem(definition(t, "pair", "coarse", edits...), problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		spec := p.Spec()
		_, y, err := problems.MeasuredPair(p, 1, broken)
		if err != nil {
			t.Fatal(err)
		}
		const n = 2 * ownRows * ownCols
		if priors.Present(y) != n || priors.Values(p.Measurement(), len(y)) != n {
			t.Errorf("%d values, want %d", priors.Present(y), n)
		}
		values := make([]float64, n)
		spec.FromNodes(values, y)
		for k, v := range values {
			if want := float64(k + broken); math.Abs(v-want) > 0.5 {
				t.Errorf("value %d is %v, want about %v", k, v, want)
			}
		}
	}
	for _, lines := range []string{"rows = 10\ncols = 8", "rows = 4"} {
		_, err := problem(definition(t, "pair", "", "channels = 2", "channels = 2\n"+lines),
			problems.Options{})
		if err == nil || !strings.Contains(err.Error(), "y.rows, y.cols") {
			t.Errorf("%q: %v", lines, err)
		}
	}
}

// TestFailures lets the program fail in every way at one pair. The error states
// how, nothing hangs or fills memory, and the next pair is made as usual.
func TestFailures(t *testing.T) {
	healthy := newGenerator(t, definition(t, "pair", ""))
	x, y := make([]float64, rows*cols), make([]float64, 2*rows*cols)
	wantX, wantY := slices.Clone(x), slices.Clone(y)
	if err := healthy.Pair(wantX, wantY, 1, broken+2); err != nil {
		t.Fatal(err)
	}
	for kind, says := range map[string]string{
		"crash": "ended before it answered: exit status 3; the last it printed to standard " +
			"error:\n  first line\n  the matrix is [31msingular[0m",
		"quiet end": "ended before it answered",
		"hang": "gave no answer within 2s and was killed; the last it printed to standard " +
			"error:\n  iteration 1: residual 1e3",
		"child":    "gave no answer within 2s and was killed",
		"number":   `answers "17", which is not a JSON object`,
		"no id":    `answers "{}" to request 0, whose id it must repeat`,
		"other id": "whose id it must repeat",
		"line":     "answers in a line of more than 65536 bytes",
		"flood":    "…\n  the last word",
		"half":     `ended within its answer "{\"id\":"`,
		"refusal":  "answers: did not  converge",
		"range":    "x[0, 3] = 8.5, outside of x.min = 1, x.max = 8",
		"nan":      "y that it wrote: element (0, 0, 7) is NaN",
		"shape":    "y that it wrote: has shape (2, 8, 9), not (2, 9, 8)",
		"missing":  "answers without having written y",
		"folder":   "y that it wrote is not a regular file",
		"link":     "y that it wrote is not a regular file",
		"huge":     "wrote y of 1099511627776 bytes, where 144 values are expected",
		"garbage":  "y that it wrote: ",
		"cut":      "y that it wrote: ends early",
	} {
		t.Run(kind, func(t *testing.T) {
			var edits []string
			if kind == "hang" || kind == "child" {
				edits = []string{`timeout = "50s"`, `timeout = "2s"`}
			}
			g := newGenerator(t, definition(t, "pair", kind, edits...))
			start := time.Now()
			err := g.Pair(x, y, 1, broken)
			if _, ok := errors.AsType[*external.ProgramError](err); !ok ||
				!strings.Contains(err.Error(), says) {
				t.Errorf("error %v, want %q", err, says)
			}
			if d := time.Since(start); d > 40*time.Second {
				t.Errorf("it took %v", d)
			}
			if err != nil && len(err.Error()) > 10<<10 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			if err := g.Pair(x, y, 1, broken+2); err != nil || !slices.Equal(x, wantX) ||
				!slices.Equal(y, wantY) {
				t.Errorf("the next pair: %v", err)
			}
		})
	}
	t.Run("text", func(t *testing.T) { // before the first answer it would be a banner
		g := newGenerator(t, definition(t, "pair", "text"))
		if err := g.Pair(x, y, 1, broken-1); err != nil {
			t.Fatal(err)
		}
		if err := g.Pair(x, y, 1, broken); err == nil ||
			!strings.Contains(err.Error(), `answers "iteration 1", which is not a JSON`) {
			t.Error(err)
		}
	})
	t.Run("banner", func(t *testing.T) {
		g := newGenerator(t, definition(t, "pair", "banner"))
		if err := g.Pair(x, y, 1, broken+2); err != nil || !slices.Equal(x, wantX) ||
			!slices.Equal(y, wantY) {
			t.Error(err)
		}
	})
	t.Run("long banner", func(t *testing.T) {
		g := newGenerator(t, definition(t, "pair", "long banner"))
		says := "printed 65536 bytes to standard output that are not JSON before its first " +
			"answer; the last of them: \"reading the mesh\""
		if err := g.Pair(x, y, 1, 0); err == nil || !strings.Contains(err.Error(), says) {
			t.Error(err)
		}
	})
	// A superfluous answer must not count as the answer to the next request.
	t.Run("twice", func(t *testing.T) {
		g := newGenerator(t, definition(t, "pair", "twice"))
		if err := g.Pair(x, y, 1, broken); err != nil {
			t.Fatal(err)
		}
		if err := g.Pair(x, y, 1, broken+1); err == nil ||
			!strings.Contains(err.Error(), "to request 1, whose id it must repeat") {
			t.Error(err)
		}
		if err := g.Pair(x, y, 1, broken+2); err != nil || !slices.Equal(y, wantY) {
			t.Error(err)
		}
	})
}

// newGenerator returns a generator whose files must be gone when it is closed.
func newGenerator(t *testing.T, path string) problems.Generator {
	t.Helper()
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)
	p, err := problem(path, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.(io.Closer).Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	return g
}

// TestReadRefuses reads definitions that are not valid, and checks that the
// error names the setting.
func TestReadRefuses(t *testing.T) {
	for says, edits := range map[string][]string{
		`name = "../x"`:                 {`name = "spring"`, `name = "../x"`},
		"unknown setting: line 3: rowz": {"rows", "rowz"},
		"rows, cols = 9, 1":             {"cols = 8", "cols = 1"},
		"grid of 9×99999":               {"cols = 8", "cols = 99999"},
		"channels of y":                 {"channels = 1", "channels = 99999"},
		"channel_names = 2 names": {"channels = 1",
			"channels = 1\nchannel_names = [\"a\", \"b\"]"},
		"width = -1":            {"width = 0.8", "width = -1.0"},
		"width = +Inf":          {"width = 0.8", "width = inf"},
		`length_unit = ""`:      {`"cm"`, `""`},
		"x.min, x.max = 1, nan": {"max = 8.0", "max = nan"},
		"noise.distribution":    {`"gaussian"`, `"loud"`},
		"noise.std = 0":         {"std = 0.05", ""},
		"noise.scale = 0":       {"scale = 0.5", ""},
		"noise.limit":           {"std = 0.05", "std = 0.05\nlimit = 2.0"},
		"program.timeout":       {`"50s"`, `"50"`},
		"program.files":         {`files = "npy"`, `files = "xml"`},
		"program.command = []": {"command", "# command", `timeout = "50s"`,
			"command = []"},
		"prior.kind":                {`"inclusion"`, `"crack"`},
		"outside of x.min":          {"ratio = [2.0, 8.0]", "ratio = [2.0, 9.0]"},
		"Radius from 0.3 to 0.1":    {"radius = [0.15, 0.25]", "radius = [0.3, 0.1]"},
		"images_per_simulation = 2": {"rows = 9", "rows = 9\nimages_per_simulation = 2"},
		"there is nothing to infer": {"x = [0.3, 0.5]", "x = [0.3, 0.3]", "y = [0.4, 0.6]",
			"y = [0.4, 0.4]", "[0.15, 0.25]", "[0.2, 0.2]", "[2.0, 8.0]", "[2.0, 2.0]"},
		"line 3, column": {"rows = 9", `rows = "nine"`},
		"more than 65536 bytes": {"rows = 9", "rows = 9" +
			strings.Repeat("\n# much ado", 10_000)},
		"images_per_simulation = -1: must": {"rows = 9", "rows = 9\nimages_per_simulation = -1"},
		"y.name = \"   \": must be a word": {`"stretch"`, `"   "`},
	} {
		_, err := external.Read(definition(t, "forward", "", edits...))
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "NaN", "nan"), says) ||
			cli.Code(err) != cli.ExitConfig {
			t.Errorf("want %q, got %v (code %d)", says, err, cli.Code(err))
		}
	}
	if _, err := external.Read("none.toml"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	p, err := problem(definition(t, "pair", "", "[program]", "[ignored]"), problems.Options{})
	if err == nil {
		t.Errorf("an unknown section is ignored: %v", p)
	}
	g := newGenerator(t, definition(t, "pair", "", `command = [`,
		`command = ["./no-such-program", `))
	if err := g.Pair(make([]float64, rows*cols), make([]float64, 2*rows*cols), 1,
		0); cli.Code(err) != cli.ExitConfig || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("a program that is not there: %v", err)
	}
}

// TestFormerKey reads noise.law, the name of noise.distribution in earlier
// versions, and refuses both at once.
func TestFormerKey(t *testing.T) {
	former := definition(t, "pair", "", `distribution = "gaussian"`, `law = "gaussian"`)
	if _, err := problem(former, problems.Options{}); err != nil {
		t.Error(err)
	}
	both := definition(t, "pair", "", `distribution = "gaussian"`,
		"distribution = \"gaussian\"\nlaw = \"gaussian\"")
	if _, err := problem(both, problems.Options{}); err == nil ||
		!strings.Contains(err.Error(), "noise.law") {
		t.Errorf("both keys: %v", err)
	}
}
