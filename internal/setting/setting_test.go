package setting

import (
	_ "embed"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"csdm/internal/cli"
)

type kind string

// sampler is a section with a setting of every kind.
type sampler struct {
	// algorithm that draws
	Kind kind `toml:"kind" default:"heun" range:"heun|pc|annealed"`
	// number of noise levels, which are
	// geometric
	//
	// Not a part of the help.
	Levels int     `toml:"levels" default:"12" range:"[1, 40]"`
	Keep   float64 `toml:"keep" range:"[0, 1)" of:"pc|annealed"` // without a comment above

	// step size
	Step  float64 `toml:"step" range:"(0, inf)" default:"0.5" unit:"m" is:"expert"`
	Exact bool    `toml:"exact" is:"neutral"`
	Seed  uint64  `toml:"seed"`
	// file to start from
	Init string `toml:"init"`

	Threads int         `toml:"-"`
	Note    func(error) `toml:"-"`
	None    int
}

type all struct {
	// whole problem
	Problem string  `toml:"problem"`
	Draw    sampler `toml:"draw"`
}

//go:embed setting_test.go
var source string

func (*sampler) Source() string { return source }
func (*all) Source() string     { return source }

func find(t *testing.T, v any, name string) Setting {
	t.Helper()
	s, err := Find(v, name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOf(t *testing.T) {
	var v all
	var names []string
	for _, s := range Of(&v) {
		names = append(names, s.Name)
	}
	if got, want := strings.Join(names, " "), "problem draw.kind draw.levels draw.keep draw.step "+
		"draw.exact draw.seed draw.init"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	levels := find(t, &v, "draw.levels")
	if levels.Help != "number of noise levels, which are geometric" || levels.Default != "12" {
		t.Errorf("%+v", levels)
	}
	step, keep := find(t, &v, "draw.step"), find(t, &v, "draw.keep")
	if !step.Expert || step.Neutral || step.Unit != "m" || keep.Help != "" ||
		!find(t, &v, "draw.exact").Neutral || find(t, &v, "problem").Help != "whole problem" {
		t.Errorf("%+v, %+v", step, keep)
	}
	if !keep.GoesWith("pc") || keep.GoesWith("heun") || !step.GoesWith("heun") {
		t.Error("what settings belong to")
	}
	for name, says := range map[string]string{"draw": "is a section", "nosuch": "no setting nosuch",
		"": "no setting", "draw.nosuch": "no setting", "dra": "no setting"} {
		if _, err := Find(&v, name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestDefaultsAndSet(t *testing.T) {
	v := all{Problem: "p", Draw: sampler{Seed: 3, Threads: 2}}
	Defaults(&v)
	want := all{Draw: sampler{Kind: "heun", Levels: 12, Step: 0.5, Threads: 2}}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("%+v, want %+v", v, want)
	}
	for name, text := range map[string]string{"draw.kind": "pc", "draw.levels": "3",
		"draw.keep": "0.25", "draw.exact": "true", "draw.seed": "18446744073709551615",
		"draw.init": "a b"} {
		s := find(t, &v, name)
		if err := s.Set(text); err != nil || s.Text() != text {
			t.Errorf("%s = %s: %v, %s", name, text, err, s.Text())
		}
	}
	want.Draw = sampler{Kind: "pc", Levels: 3, Keep: 0.25, Step: 0.5, Exact: true,
		Seed: math.MaxUint64, Init: "a b", Threads: 2}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("%+v, want %+v", v, want)
	}
	for name, text := range map[string]string{"draw.levels": "1.5", "draw.keep": "NaN",
		"draw.step": "+Inf", "draw.exact": "maybe", "draw.seed": "-1"} {
		if err := find(t, &v, name).Set(text); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %s: %v", name, text, err)
		}
	}
	if find(t, &v, "draw.seed").Clear(); v.Draw.Seed != 0 {
		t.Error("a setting was not cleared")
	}
	if !reflect.DeepEqual(find(t, &v, "draw.levels").Value(), 3) {
		t.Error("a refused value changed something")
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*sampler)
		want  string
	}{
		"kind":   {func(s *sampler) { s.Kind = "euler" }, "heun, pc or annealed"},
		"levels": {func(s *sampler) { s.Levels = 0 }, "between 1 and 40"},
		"keep":   {func(s *sampler) { s.Keep = 1 }, "at least 0 and less than 1"},
		"step":   {func(s *sampler) { s.Step = 0 }, "positive"},
	} {
		var v sampler
		Defaults(&v)
		if err := Check(&v); err != nil {
			t.Fatal(err)
		}
		c.spoil(&v)
		err := In("draw", Check(&v))
		if e, ok := errors.AsType[*Error](err); !ok || e.Name != "draw."+name || e.Want != c.want {
			t.Errorf("spoiled %s: %v", name, err)
		}
		if err := Check(&v, name); err != nil {
			t.Errorf("%s was looked at: %v", name, err)
		}
	}
	v := sampler{Levels: 1, Step: math.Inf(1)} // an empty kind is the default
	if e, ok := errors.AsType[*Error](Check(&v)); !ok || e.Name != "step" {
		t.Error("an infinite step is accepted")
	}
	if other := errors.New("x"); In("draw", other) != other || In("draw", nil) != nil {
		t.Error("another error was changed")
	}
}

func TestRanges(t *testing.T) {
	for text, c := range map[string]struct {
		wants   string
		in, out []float64
	}{
		"[0, 1)":     {"at least 0 and less than 1", []float64{0, 0.5}, []float64{-1e-9, 1}},
		"(0, 1]":     {"more than 0 and at most 1", []float64{1, 1e-9}, []float64{0, 1.1}},
		"(0, 1)":     {"more than 0 and less than 1", []float64{0.5}, []float64{0, 1}},
		"[2, 8]":     {"between 2 and 8", []float64{2, 8}, []float64{1, 9}},
		"(0, inf)":   {"positive", []float64{1e-300, 1e300}, []float64{0, -1}},
		"(2, inf)":   {"more than 2", []float64{3}, []float64{2}},
		"[-1, inf)":  {"at least -1", []float64{-1, 7}, []float64{-2}},
		"":           {"", []float64{-1e300, 1e300}, nil},
		"(-1, 0.5)":  {"more than -1 and less than 0.5", []float64{0}, []float64{-1, 0.5}},
		"[0, 1e-05)": {"at least 0 and less than 0.00001", []float64{0}, []float64{1}},
	} {
		s := Setting{Range: text, field: reflect.ValueOf(0.)}
		if s.Wants() != c.wants {
			t.Errorf("%s: %q, want %q", text, s.Wants(), c.wants)
		}
		for k, values := range [][]float64{c.in, c.out} {
			for _, x := range values {
				if s.interval().contains(x) == (k == 1) {
					t.Errorf("%s has %v: %v", text, x, k == 1)
				}
			}
		}
	}
}

func TestTOML(t *testing.T) {
	var v, back all
	Defaults(&v)
	v.Problem, v.Draw.Step, v.Draw.Seed, v.Draw.Init = "it's", 1e-7, 5, `a"b`
	text, err := TOML(&v)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# whole problem\nproblem = ",
		"\n[draw]\n# algorithm that draws " +
			"(heun, pc or annealed)\nkind = 'heun'\n", "# step size (positive; in m)\nstep = ",
		"(at least 0 and less than 1; only for pc or annealed)"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s\nlacks %q", text, want)
		}
	}
	for line := range strings.Lines(string(text)) {
		if len(line) > 81 {
			t.Errorf("a line of %d: %s", len(line), line)
		}
	}
	if err := cli.DecodeConfig(text, "x", &back); err != nil || !reflect.DeepEqual(back, v) {
		t.Errorf("%s\nreads back as %+v, %v", text, back, err)
	}
}

func TestJSON(t *testing.T) {
	v := sampler{Kind: "pc", Levels: 3, Keep: 0.1, Step: 1e-300, Exact: true, Seed: 1 << 63,
		Init: `a"b`, Threads: 3}
	text, err := JSON(&v)
	if err != nil || !json.Valid(text) || strings.Contains(string(text), "hreads") {
		t.Fatal(string(text), err)
	}
	var back sampler
	if err := SetJSON(&back, text); err != nil {
		t.Fatal(err)
	}
	if v.Threads = 0; !reflect.DeepEqual(back, v) {
		t.Errorf("%s reads back as %+v", text, back)
	}
	if err := SetJSON(&back, []byte(`{"keep": 0.5}`)); err != nil || back.Levels != 12 ||
		back.Keep != 0.5 || back.Kind != "heun" {
		t.Errorf("%+v, %v", back, err)
	}
	for text, says := range map[string]string{`{"kept": 1}`: "no setting kept", `[]`: "array",
		`{"levels": 1.5}`: "levels"} {
		if err := SetJSON(&back, []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestPage(t *testing.T) {
	page := Page(&all{}, map[string]string{"": "General", "draw": "Draws"})
	for _, want := range []string{"## General\n\n| setting | default | values | meaning |\n",
		"| `problem` |  | text | whole problem |\n", "\n## Draws\n",
		"| `step` | `0.5` | positive | step size (in m; expert) |\n",
		"| `exact` |  | true or false |  |\n", "| `seed` |  | any integer |  |\n",
		"|  | at least 0 and less than 1 |  (only for pc or annealed) |"} {
		if !strings.Contains(page, want) {
			t.Errorf("%s\nlacks %q", page, want)
		}
	}
}

// TestTagsOfNoSense: tags that cannot be parsed are defects of the program and
// panic.
func TestTagsOfNoSense(t *testing.T) {
	for name, do := range map[string]func(){
		"default": func() {
			Defaults(&struct {
				N int `toml:"n" default:"many"`
			}{})
		},
		"range": func() {
			_ = Check(&struct {
				X float64 `toml:"x" range:"0 to 1"`
			}{})
		},
		"type": func() {
			s := Of(&struct {
				X []int `toml:"x"`
			}{})
			_ = s[0].Set("1")
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a %s of no sense is accepted", name)
				}
			}()
			do()
		}()
	}
}

// TestWrap: comments break at spaces, and a long word stays whole.
func TestWrap(t *testing.T) {
	for text, want := range map[string][]string{
		"":                {""},
		"one":             {"one"},
		"one two three":   {"one two", "three"},
		"a b c d e f":     {"a b c d", "e f"},
		"extraordinary a": {"extraordinary", "a"},
	} {
		if got := wrap(text, 8); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
