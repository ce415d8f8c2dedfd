package recipe

import (
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/setting"
	"csdm/langevin"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
)

func resolve(t *testing.T, problem, preset string, o problems.Options) *Recipe {
	t.Helper()
	r, err := Resolve(problem, preset, o, 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPresets checks that each preset of each problem is valid, and that it is
// found by the listed names.
func TestPresets(t *testing.T) {
	for _, e := range builtin.List() {
		for _, preset := range Presets(e.Name) {
			r := resolve(t, e.Name, preset, problems.Options{})
			if err := r.Validate(); err != nil {
				t.Errorf("%s %s: %v", e.Name, preset, err)
			}
		}
		for name := range read(e.Name) {
			if err := KnownPreset(e.Name, name); name != "default" && err != nil {
				t.Error(err)
			}
		}
	}
	for _, err := range []error{KnownPreset("phantom", "huge"), KnownPreset("x", "tiny"),
		KnownPreset("phantom", "default"), KnownPreset("phantom", "lesson")} {
		if u, ok := errors.AsType[*builtin.UnknownError](err); !ok || len(u.Known) < 2 {
			t.Error(err)
		}
	}
	if err := KnownPreset("quasistatic", "lesson"); err != nil {
		t.Error(err)
	}
	_, err := Resolve("quasistatic", "tiny", problems.Options{Grid: 3}, 1)
	if _, ok := errors.AsType[*problems.OptionError](err); !ok {
		t.Errorf("a grid of 3: %v", err)
	}
}

// TestTable2 compares the preset paper with the paper's hyper-parameters
// (Tables 1 and 2).
func TestTable2(t *testing.T) {
	for name, want := range map[string]struct {
		sigma         float64
		levels        int
		batch, steps  int
		pairs         int
		learning, ema float64
	}{
		"quasistatic": {20, 128, 128, 100_000, 10_000, 1e-4, 0.999},
		"opticnerve":  {50, 256, 64, 300_000, 12_000, 1e-4, 0.999},
		"phantom":     {50, 256, 128, 400_000, 10_000, 1e-4, 0.999},
		"duallayer":   {50, 256, 128, 300_000, 3_000, 1e-4, 0.999},
		"spheroid":    {120, 680, 32, 300_000, 30_000, 1e-4, 0.999}, // 24,000 and 6,000 held out
	} {
		r := resolve(t, name, "paper", problems.Options{})
		s, tr := r.Sampling, r.Training
		if s.Sampler != langevin.SamplerAnnealed || s.Form != langevin.FormEq18 ||
			s.SigmaMax != want.sigma || s.SigmaMin != 0.01 || s.Levels != want.levels ||
			s.StepsPerLevel != 5 || s.Epsilon != 5.7e-6 || tr.SigmaMax != want.sigma ||
			tr.SigmaMin != 0.01 || tr.SigmaLevels != want.levels ||
			tr.Batch != want.batch || tr.Steps != want.steps || tr.LearningRate != want.learning ||
			tr.EMA != want.ema || r.Data.Pairs != want.pairs || tr.ClipNorm != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestNoise checks that settings which depend on the measurement noise come
// from the preset's table at that noise, and only there.
func TestNoise(t *testing.T) {
	at := func(noise float64) langevin.Settings {
		return resolve(t, "quasistatic", "small", problems.Options{NoisePercent: noise}).Sampling
	}
	if at(5).CorrectKeep != 0.55 || !reflect.DeepEqual(at(0), at(5)) ||
		!reflect.DeepEqual(at(1), at(5)) {
		t.Errorf("at 5 %%: %v; at 1 %%: %v", at(5), at(1))
	}
	if s := at(10); s.Corrections != 8 || s.CorrectKeep != 0 || s.SigmaMax != 8 {
		t.Errorf("at 10 %%: %v", s)
	}
	if s := at(2.5); s.Corrections != 5 || s.CorrectKeep != 0.4 || s.SigmaMax != 2.2 {
		t.Errorf("at 2.5 %%: %v", s)
	}
}

// TestExternal checks that the range of noise levels of an external problem
// follows from its number of pixels, and the number of levels from Eq. 17.
func TestExternal(t *testing.T) {
	for file, pixels := range map[string]float64{"outside": 16 * 24, "few": 64} {
		r := resolve(t, "testdata/"+file+".toml", "paper", problems.Options{})
		ratio := r.Training.SigmaMax / r.Training.SigmaMin
		gamma := math.Pow(ratio, 1/float64(r.Training.SigmaLevels-1))
		if v := langevin.Eq17(int(pixels), gamma); math.Abs(v-0.5) > 0.02 {
			t.Errorf("%s: Eq. 17 gives %v", file, v)
		}
		if r.Sampling.Levels != r.Training.SigmaLevels || r.Training.SigmaMin != 0.02/4 {
			t.Errorf("%s: %+v", file, r)
		}
	}
	if n := levels(2, 100); n != 8 { // log₂ 100 = 6.6
		t.Errorf("two pixels take %d levels", n)
	}
}

func TestReference(t *testing.T) {
	for problem, want := range map[string]string{"quasistatic": MethodQuadrature,
		"phantom": MethodAdaptive, "duallayer": MethodNone, "opticnerve": MethodNone} {
		r := resolve(t, problem, "tiny", problems.Options{})
		if r.Reference != NewReference(want) || r.Reference.MaxSolves != 50_000 {
			t.Errorf("%s: %+v, want %s", problem, r.Reference, want)
		}
	}
	phantom, err := builtin.Lookup("phantom", problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := Reference{Method: MethodImportance, PriorDraws: 7, MaxSolves: 9}
	works := map[string]int{MethodImportance: 7, MethodAdaptive: 9, MethodAuto: 9}
	for method, work := range works {
		if r.Method = method; r.Work() != work || r.For(phantom) != nil {
			t.Errorf("%s: %d, %v", method, r.Work(), r.For(phantom))
		}
	}
	layers, err := builtin.Lookup("duallayer", problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Method = MethodQuadrature; r.Work() != 0 || r.For(phantom) != nil || r.For(layers) == nil {
		t.Error("quadrature takes four variables, and not six")
	}
	for _, method := range []string{MethodAuto, MethodQuadrature, MethodNone, MethodAdaptive} {
		r.Method, r.MaxError = method, 0.002
		if err := r.For(phantom); (err == nil) == (method == MethodAdaptive) {
			t.Errorf("an error of %v for method %s: %v", r.MaxError, method, err)
		}
	}
	r.Method, r.PriorDraws = MethodAuto, 1
	if err := r.For(phantom); err == nil ||
		!strings.Contains(err.Error(), "reference.prior_draws") {
		t.Error(err)
	}
	r.Method = "guess"
	if err := r.For(phantom); err == nil ||
		!strings.Contains(err.Error(), "quadrature, importance") {
		t.Error(err)
	}
	known, err := builtin.Lookup("spheroid", problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if NewReference(MethodAuto).Fits(known) == nil {
		t.Error("a prior that is no map from variables")
	}
}

func TestValidate(t *testing.T) {
	for name, spoil := range map[string]func(*Recipe){
		"cases":                    func(r *Recipe) { r.Cases = 1001 },
		"data.pairs":               func(r *Recipe) { r.Data.Pairs = 1 },
		"data.held_out":            func(r *Recipe) { r.Data.HeldOut = r.Data.Pairs },
		"data.neighbors":           func(r *Recipe) { r.Data.Neighbors = -1 },
		"network.variant":          func(r *Recipe) { r.Network.Variant = "wide" },
		"network.ngf":              func(r *Recipe) { r.Network.NGF = 1 },
		"network.pool":             func(r *Recipe) { r.Network.Pool = "least" },
		"network.parameterization": func(r *Recipe) { r.Network.Parameterization = "none" },
		"network.center":           func(r *Recipe) { r.Network.Center = "row" },
		"training.batch":           func(r *Recipe) { r.Training.Batch = 0 },
		"training.sigma_max":       func(r *Recipe) { r.Training.SigmaMax = r.Training.SigmaMin },
		"sampling.draws":           func(r *Recipe) { r.Sampling.Draws = 1 << 40 },
		"sampling.sampler":         func(r *Recipe) { r.Sampling.Sampler = "euler" },
		"section sampling":         func(r *Recipe) { r.Sampling.SigmaMax = r.Sampling.SigmaMin },
		"section network": func(r *Recipe) {
			r.Network.Variant, r.Network.NGF = nn.Light, 17
		},
		"section reference": func(r *Recipe) {
			r.Problem, r.Grid, r.NoisePercent = "spheroid", 0, 0
			r.Reference.Method = MethodAuto
		},
		"grid":   func(r *Recipe) { r.Grid = 3 },
		"nosuch": func(r *Recipe) { r.Problem = "nosuch" },
	} {
		r := resolve(t, "quasistatic", "tiny", problems.Options{})
		spoil(r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("spoiled %s: %v", name, err)
		}
	}
	r := resolve(t, "spheroid", "tiny", problems.Options{})
	made, err := r.NewProblem()
	if err != nil {
		t.Fatal(err)
	}
	if _, known := made.Measurement().(priors.Likelihood); known {
		t.Fatal("the density of a phase is known: take another problem")
	}
	if r.Data.Neighbors = 5; r.Validate() == nil {
		t.Error("neighbors by a density that is not known")
	}
}

// TestSettings checks all settings by name. Each has a help text, and changing
// it gives one difference, which names it.
func TestSettings(t *testing.T) {
	r := resolve(t, "quasistatic", "tiny", problems.Options{})
	all := r.Settings()
	if len(all) != 56 || all[0].Name != "problem" || all[7].Name != "data.pairs" {
		t.Errorf("%d settings, the first %q, the eighth %q: raise the number here for a new one",
			len(all), all[0].Name, all[7].Name)
	}
	for i, s := range all {
		first, _, _ := strings.Cut(s.Help, " ")
		if s.Help == "" || first != strings.ToLower(first) && first != "T:" ||
			strings.HasSuffix(s.Help, ".") {
			t.Errorf("%s: help %q", s.Name, s.Help)
		}
		other := resolve(t, "quasistatic", "tiny", problems.Options{})
		text := "7"
		if on, is := s.Value().(bool); is {
			text = strconv.FormatBool(!on)
		}
		if err := other.Set(s.Name, text); err != nil {
			t.Error(err)
		}
		d := r.Differences(other)
		if len(d) != 1 || !strings.HasPrefix(d[0], s.Name+": "+s.Text()+" in config.toml") {
			t.Errorf("%s, number %d: %v", s.Name, i, d)
		}
	}
	before := *r
	for name, text := range map[string]string{"data": "1", "data.nosuch": "1", "": "1",
		"training": "1", "training.steps": "x", "seed": "-1", "training.decay": "NaN",
		"training.clip": "much"} {
		if err := r.Set(name, text); err == nil {
			t.Errorf("%s = %s was taken", name, text)
		}
	}
	if !reflect.DeepEqual(before, *r) {
		t.Error("a refused value changed something")
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recipe.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFiles(t *testing.T) {
	r := resolve(t, "quasistatic", "small", problems.Options{NoisePercent: 2.5})
	r.Training.Init, r.Seed, r.Training.LearningRate = "a'b", 1<<40, 1e-3/3
	text, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(write(t, string(text)))
	if err != nil || r.Differences(back) != nil {
		t.Errorf("%s\nreads back with %v, %v", text, r.Differences(back), err)
	}
	if !strings.Contains(string(text), "# upper bound of the Euclidean norm") {
		t.Errorf("%s\nhas no comments", text)
	}

	// A setting that a file leaves out keeps its value, or has its default.
	err = r.Overlay(write(t, "[sampling]\nlevels = 30\n"))
	if err != nil || r.Sampling.Levels != 30 || r.Sampling.CorrectKeep != 0.4 {
		t.Errorf("%+v, %v", r.Sampling, err)
	}
	d, err := Read(write(t, "grid = 9\n"))
	if err != nil || d.Grid != 9 || d.Sampling.Levels != 12 || d.Training.EMA != 0.999 {
		t.Errorf("%+v, %v", d, err)
	}

	for text, says := range map[string]string{
		"[training]\nclips = 1\n":                "line 2: training.clips",
		"clip = 1\n":                             "line 1: clip",
		"[training]\nclip = 1\nstep = 2\n":       "line 3: training.step",
		"[training]\nclip = 'much'\n":            "training.clip_norm",
		"[reference]\ndraws = 1.5\n":             "an integer",
		"[sampling]\nlevels = 'many'\n":          "line 2",
		"[sampling]\nsampler = 3\n":              "line 2",
		"[sampling]\nthreads = 3\n":              "sampling.threads",
		"[data]\nPairs = 3\nblock_pairs = 7\n":   "data.block_pairs",
		"[training]\nlearning_rate = 1\n[train]": "line 3: train",
	} {
		if _, err := Read(write(t, text)); cli.Code(err) != cli.ExitConfig ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want 78 and %q", text, err, says)
		}
	}
	if _, err := Read("nosuch.toml"); cli.Code(err) != cli.ExitNoInput {
		t.Error(err)
	}
}

// TestFormerNames checks files and assignments with the names of earlier
// versions.
func TestFormerNames(t *testing.T) {
	r, err := Read(write(t, "[training]\nclip = 500.5\nneighbours = 256\ngroups = 8\n"+
		"[sampling]\ncases = 3\n"+
		"steps = 20\n[reference]\nmethod = 'importance'\ndraws = 1000\n"))
	if err != nil || r.Training.ClipNorm != 500.5 || r.Data.Neighbors != 256 || r.Cases != 3 ||
		r.Sampling.Levels != 20 || r.Reference != (Reference{MethodImportance, 1000, 50_000, 0}) {
		t.Errorf("%+v, %v", r, err)
	}
	for method, want := range map[string]Reference{
		MethodAdaptive: {MethodAdaptive, 500_000, 1000, 0},
		MethodAuto:     {MethodAuto, 500_000, 1000, 0},
	} {
		r.Reference = NewReference(method)
		if err := r.Set("reference.draws", "1000"); err != nil || r.Reference != want {
			t.Errorf("%+v, %v", r.Reference, err)
		}
		if err := r.Set("reference.draws", "0"); err != nil || r.Reference != want {
			t.Errorf("0 draws: %+v, %v", r.Reference, err)
		}
	}
	if err := r.Set("training.groups", "8"); err == nil {
		t.Error("training.groups is a setting of earlier versions only")
	}
	for was, is := range formerly {
		if _, err := setting.Find(r, NameNow(was)); is != "" && err != nil {
			t.Errorf("%s is now %s: %v", was, is, err)
		}
		if _, err := setting.Find(r, was); err == nil {
			t.Errorf("%s is the name of a setting", was)
		}
	}
}

// TestSampling checks that a model draws by DPM-Solver++(2M) with at most 12
// levels by default, for any recipe.
func TestSampling(t *testing.T) {
	m := &nn.Model{Sampling: resolve(t, "quasistatic", "small", problems.Options{}).Sampling}
	s := Sampling(m, 7)
	if s.Draws != 7 || s.Levels != 12 || s.Corrections != 5 || s.CorrectKeep != 0.55 ||
		s.SigmaMax != 8 || s.SigmaMin != 0.02 || s.Validate() != nil {
		t.Errorf("%+v", s)
	}
	m.Sampling.Levels = 8
	if s := Sampling(m, 7); s.Levels != 8 {
		t.Errorf("%+v", s)
	}
	m.Sampling = resolve(t, "quasistatic", "paper", problems.Options{}).Sampling
	if s := Sampling(m, 7); s.Sampler != langevin.SamplerDPMSolverPP2M || s.Levels != 12 ||
		s.StepsPerLevel != 0 || s.Epsilon != 0 || s.SigmaMax != 20 || s.SigmaMin != 0.01 {
		t.Errorf("%+v", s)
	}
}

// TestCall checks the settings of a recipe that a training and its pairs use.
func TestCall(t *testing.T) {
	r := resolve(t, "quasistatic", "small", problems.Options{})
	r.Seed = 9
	s, d := r.TrainSettings(3), r.PairSettings(2)
	if s.Seed != 9 || s.Threads != 3 || s.Steps != r.Training.Steps || s.LogEvery != 10 ||
		s.CheckpointMinutes != 1 || s.Validate() != nil {
		t.Errorf("%+v", s)
	}
	if d.Seed != 9 || d.Threads != 2 || d.Neighbors != 256 || d.HeldOut != 128 {
		t.Errorf("%+v", d)
	}
	r.FineTune("c", 8000)
	if tr := r.Training; tr.Init != "c" || tr.Steps != 3000 || tr.LearningRate != 0.6*1e-3 ||
		tr.WarmUp != 50 || tr.Decay != 0.9 {
		t.Errorf("%+v", tr)
	}
	if MostDraws(1<<10) != 1<<21 {
		t.Error(MostDraws(1 << 10))
	}
}

var update = flag.Bool("update", false, "write docs/reference/settings.md")

// TestPage compares the reference page with the settings.
func TestPage(t *testing.T) {
	const path = "../docs/reference/settings.md"
	want, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s is not up to date: go test ./recipe -run TestPage -update (%v)", path, err)
	}
	for _, s := range new(Recipe).Settings() {
		key := s.Name[strings.LastIndex(s.Name, ".")+1:]
		if !strings.Contains(want, "| `"+key+"` |") {
			t.Errorf("the page lacks %s", s.Name)
		}
	}
}
