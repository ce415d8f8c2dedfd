package certify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/certify"
	"csdm/internal/cli"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/specimen"
	"csdm/rng"
)

// The specimen of the mistakes is a gel between platens that slide, as in the
// problem phantom.
const (
	gelSide  = 20
	gelNoise = 0.001 // mm
	gelLoad  = 0.308 // mm
	gelTag   = 10    // of random streams
)

const gelFile = `
name = "gel"
grid = { rows = 20, cols = 20, width = 26, height = 34, unit = "mm" }
physics = {}
%s
[prior]
x = [7, 19]
y = [7, 27]
radius = [3.5, 6.5]
ratio = [1.5, 4]
background = 1
[noise]
std = 0.001
`

// The platens slide, or are glued to the gel.
const gelSlides = `edges = { bottom = 0.392, top = 0.084 }`

func gelGlued() string {
	row := func(v float64) string { return strings.Repeat(fmt.Sprint(v, ", "), gelSide) }
	return fmt.Sprintf(`edges.bottom = "measured"
edges.top = "measured"
edges.measured.bottom = { ux = [%[1]s], uy = [%[2]s] }
edges.measured.top = { ux = [%[1]s], uy = [%[3]s] }`, row(0), row(0.392), row(0.084))
}

// The nuisances that are on, each as large as a careless setup makes it.
const gelNuisances = `spread = 0.3
correlation = 0.7
stretch = 0.5
[nuisance]
shift = 0.015
tilt = 0.03
gain = 0.1
registration = 1.2
`

func gel(t *testing.T, text string) problems.Parametric {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gel.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := specimen.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := specimen.New(d, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.(problems.Parametric)
}

// exact returns the displacement of a specimen without noise.
func exact(t *testing.T, p problems.Parametric, theta []float64) []float64 {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.(problems.Simulator).Simulate(x, y, theta); err != nil {
		t.Fatal(err)
	}
	return y
}

// mistake is a kind of mistake with a map. It returns the map that is given for
// the displacement y.
type mistake struct {
	name  string
	apply func(y []float64) []float64
	glued bool // the platens of the specimen
}

// each returns y with each value replaced; x and up run from −½ to ½.
func each(y []float64, f func(x, up, v float64) float64) []float64 {
	out := slices.Clone(y)
	for k, v := range y {
		out[k] = f(float64(k%gelSide)/(gelSide-1)-0.5, float64(k/gelSide)/(gelSide-1)-0.5, v)
	}
	return out
}

// moved returns y shifted by whole nodes, extrapolated linearly.
func moved(y []float64, rows, cols int) []float64 {
	out := slices.Clone(y)
	along := func(at func(k int) *float64, by int) {
		var line [gelSide]float64
		for k := range line {
			line[k] = *at(k)
		}
		for k := range line {
			from := min(max(k+by, 0), gelSide-1)
			a := min(max(from, 0), gelSide-2)
			slope := line[a+1] - line[a]
			*at(k) = line[from] + float64(k+by-from)*slope
		}
	}
	for r := range gelSide {
		along(func(k int) *float64 { return &out[r*gelSide+k] }, cols)
	}
	for c := range gelSide {
		along(func(k int) *float64 { return &out[k*gelSide+c] }, rows)
	}
	return out
}

// mistakes returns twenty mistakes of the kinds that a nuisance absorbs.
func mistakes() (all []mistake) {
	add := func(name string, f func(x, up, v float64) float64) {
		all = append(all, mistake{name: name,
			apply: func(y []float64) []float64 { return each(y, f) }})
	}
	for _, share := range []float64{0.03, -0.03, 0.05, -0.05} {
		add(fmt.Sprintf("offset %+.0f %%", 100*share),
			func(_, _, v float64) float64 { return v + share*gelLoad })
	}
	for _, share := range []float64{0.1, 0.2} {
		add(fmt.Sprintf("tilt %.0f %% along x", 100*share),
			func(x, _, v float64) float64 { return v + share*gelLoad*x })
		add(fmt.Sprintf("tilt %.0f %% along y", 100*share),
			func(_, up, v float64) float64 { return v + share*gelLoad*up })
	}
	for _, share := range []float64{0.05, -0.05, -0.1, 0.2} {
		add(fmt.Sprintf("strain %+.0f %%", 100*share),
			func(_, _, v float64) float64 { return v * (1 + share) })
	}
	for _, by := range [][2]int{{0, 1}, {0, -1}, {1, 0}, {-1, 0}} {
		name := fmt.Sprintf("moved by %d rows and %d columns", by[0], by[1])
		all = append(all, mistake{name: name,
			apply: func(y []float64) []float64 { return moved(y, by[0], by[1]) }})
	}
	add("offset 5 % and tilt 10 %",
		func(x, _, v float64) float64 { return v + gelLoad*(0.05+0.1*x) })
	all = append(all,
		mistake{name: "strain -5 % and moved by a column", apply: func(y []float64) []float64 {
			return moved(each(y, func(_, _, v float64) float64 { return 0.95 * v }), 0, 1)
		}},
		mistake{name: "smoothed over a pixel", apply: func(y []float64) []float64 {
			out := slices.Clone(y)
			priors.Blur{Rows: gelSide, Cols: gelSide, FWHM: 2.3548}.Apply(out, out)
			return out
		}},
		mistake{name: "glued platens", glued: true, apply: slices.Clone[[]float64]})
	return all
}

// absorbed is a line of the file of mistakes. Arrays hold the center, the
// radius and the ratio.
type absorbed struct {
	Mistake    string     `json:"mistake"`
	Seed       uint64     `json:"seed"`
	Nuisances  bool       `json:"nuisances"`
	Certified  bool       `json:"certified"`
	Reasons    []string   `json:"reasons,omitempty"`
	Truth      [4]float64 `json:"truth"`
	Low        [4]float64 `json:"q05"`
	Median     [4]float64 `json:"q50"`
	High       [4]float64 `json:"q95"`
	Solves     int        `json:"solves"`
	CPUSeconds float64    `json:"cpu_seconds"`
}

// held returns the number of intervals that hold their true value.
func (a *absorbed) held() (n int) {
	for k, v := range a.Truth {
		if a.Low[k] <= v && v <= a.High[k] {
			n++
		}
	}
	return n
}

// absorb makes the map of a mistake and returns its posterior, with the
// nuisances on or off. For glued platens and a smoothed map, edges and noise
// are taken from the map, as csdm specimen does.
func absorb(t *testing.T, m mistake, seed uint64, nuisances bool) absorbed {
	t.Helper()
	edges, errors := gelSlides, ""
	if m.glued {
		edges = gelGlued()
	}
	truth := gel(t, fmt.Sprintf(gelFile, edges))
	a := absorbed{Mistake: m.name, Seed: seed, Nuisances: nuisances}
	theta := make([]float64, len(truth.Spec().Variables))
	truth.Latent(theta, seed, 0)
	copy(a.Truth[:], theta)
	y := exact(t, truth, theta)
	if !m.smooths() {
		y = m.apply(y)
	}
	noise := rng.New(seed, rng.Test, gelTag, 0)
	for k := range y {
		y[k] += gelNoise * noise.Normal()
	}
	if m.smooths() {
		y = m.apply(y)
	}
	if nuisances {
		errors = gelNuisances
	}
	p := gel(t, fmt.Sprintf(gelFile, gelSlides)+errors)
	if nuisances && (m.glued || m.smooths()) {
		p = gelProposed(t, y)
	}
	r, err := certify.Certify(context.Background(), p.(problems.Problem), y, nil,
		certify.Settings{Seed: seed, Threads: 1, ESS: standInESS})
	if err != nil {
		t.Fatal(err)
	}
	a.Low, a.Median, a.High = discIntervals(r)
	a.Certified, a.Reasons = r.Certificate.Certified, r.Certificate.Reasons
	a.Solves = r.Certificate.Solves
	return a
}

// smooths reports whether the mistake is made with the noisy map.
func (m *mistake) smooths() bool { return strings.HasPrefix(m.name, "smoothed") }

// gelProposed returns the specimen that a map proposes.
func gelProposed(t *testing.T, y []float64) problems.Parametric {
	t.Helper()
	made, err := specimen.Propose(y, specimen.Setup{Name: "gel",
		Grid:       specimen.Grid{Rows: gelSide, Cols: gelSide, Width: 26, Height: 34, Unit: "mm"},
		Components: []string{"uy"}, Measured: []string{"bottom", "top", "left", "right"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := specimen.New(made.Definition, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.(problems.Parametric)
}

// TestNuisance infers one map that is offset and tilted. With the nuisances on,
// the posterior is certified and its intervals hold the truth; with them off,
// the map is refused.
func TestNuisance(t *testing.T) {
	m := mistakes()[16]
	if a := absorb(t, m, 1, true); !a.Certified || a.held() < 3 {
		t.Errorf("with nuisances: %+v", a)
	}
	if a := absorb(t, m, 1, false); a.Certified {
		t.Errorf("without nuisances: %+v", a)
	}
}

// TestNuisances makes the mistakes with two specimens each, all different, if
// CSDM_NUISANCES names the file for their lines. It resumes behind its last
// line.
func TestNuisances(t *testing.T) {
	all := mistakes()
	path, count := os.Getenv("CSDM_NUISANCES"), 2*len(all)
	if path == "" {
		path, count = filepath.Join(t.TempDir(), "nuisances.jsonl"), 0
	}
	old, _ := os.ReadFile(path) // none at the first call
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i := bytes.Count(old, []byte("\n")); i < count; i++ {
		begin, _, _ := cli.Used()
		a := absorb(t, all[i/2], uint64(20+i), true)
		if end, _, ok := cli.Used(); ok {
			a.CPUSeconds = (end - begin).Seconds()
		}
		line, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(append(line, '\n')); err != nil {
			t.Fatal(err)
		}
	}
}
