package infer

import (
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
)

// middle is a problem whose fields have two quantities: the value of their
// first pixel, and the value of the second where it is positive.
type middle struct{ problems.Problem }

func (middle) Quantities() []problems.Variable {
	return []problems.Variable{{Name: "first", Unit: "kPa"}, {Name: "second", Unit: "kPa"},
		{Name: "other", Unit: "kPa"}}
}

func (middle) Quantify(dst, x []float64) {
	dst[0], dst[1], dst[2] = x[0], x[1], x[0]
	if x[1] <= 0 {
		dst[1] = math.NaN()
	}
}

// banded returns a posterior of 2×2 pixels with six draws, and a model with
// bands around the first four. Pixel k of draw i is (i+1)·(k+1), except for
// the second pixel, which is positive in the first draw only.
func banded() (*Posterior, *nn.Model, langevin.Settings) {
	s := langevin.Default()
	s.SigmaMax, s.SigmaMin, s.Draws = 10, 0.01, 6
	p := &Posterior{Rows: 2, Cols: 2, Normalization: nn.Normalization{XMin: 1, XMax: 3}}
	for i := range 6 {
		v := float64(i + 1)
		p.Samples = append(p.Samples, v, -2*v, 3*v, 4*v)
	}
	p.Samples[1] = 2
	p.Posterior = *bench.FromDraws(p.Samples, 6, 4, 1)
	levels := []float64{2, 1, 1, 1, 1}
	first := 1.5
	m := &nn.Model{Meta: nn.Metadata{Bands: &nn.BandLevels{Coverage: 0.9, Count: 40, Sampling: s,
		Grain: 1, Levels: levels, Quantities: []nn.QuantityBand{
			{Name: "first", Level: &first, Grain: 0.5, Count: 40},
			{Name: "second", Level: &first, Grain: 0.5, Count: 20}, {Name: "other", Grain: 1}}}}}
	m.Meta.Bands.Sampling.Draws = 4
	return p, m, s
}

// TestBand checks bands around the first draws, in result files too, with a
// quantity that too few draws have and one without a finite level.
//
// With levels 2, 1, 1, 1, 1 and four pixels the first region, a sixteenth of
// the pixels, is empty, so every pixel runs from its smallest to its largest
// draw. A band that used all six draws would end at 6, 2, 18 and 24 instead.
func TestBand(t *testing.T) {
	p, m, s := banded()
	p.Band(m, middle{}, s)
	b := p.Bands
	// No pixel of four is in the first region; all others are at level 1.
	if want := []float64{1, -8, 3, 4}; !near(b.Low, want) {
		t.Errorf("lower ends %v, want %v", b.Low, want)
	}
	if want := []float64{4, 2, 12, 16}; !near(b.High, want) {
		t.Errorf("upper ends %v, want %v", b.High, want)
	}
	if want := 2 * (3. + 10 + 9 + 12) / 4; math.Abs(b.Width-want) > 1e-6 {
		t.Errorf("width %v, want %v", b.Width, want)
	}
	// The first pixel of the first four draws is 3, 5, 7, 9 in physical units.
	low, high := b.Interval("first")
	if !near([]float64{low, high}, []float64{3 - 0.5*6.5, 9 + 0.5*6.5}) {
		t.Errorf("first: %v to %v", low, high)
	}
	if q := b.Quantities[1]; q.Low != nil || q.Missing != "fewer than two draws have it" {
		t.Errorf("second: %+v", q)
	}
	if q := b.Quantities[2]; q.Low != nil || q.Missing != "no finite level has the coverage" {
		t.Errorf("other: %+v", q)
	}
	if text := b.Text("kPa"); !strings.Contains(text, "90 % of the pixels") ||
		!strings.Contains(text, "from 40 held-out measurements") ||
		!strings.HasSuffix(text, "17.0 kPa wide on average") {
		t.Errorf("text %q", text)
	}
	table := &report.Table{Columns: []string{"Quantity"}, Rows: [][]string{{"first"}, {"second"}}}
	b.AddTo(table)
	if len(table.Columns) != 3 || table.Rows[0][1] != "−0.250" || table.Rows[1][2] != "–" {
		t.Errorf("table %+v", table)
	}

	path := filepath.Join(t.TempDir(), "post.npz")
	if err := p.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	again, err := ReadPosterior(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Bands, b) {
		t.Errorf("read %+v, want %+v", again.Bands, b)
	}
	ends, err := format.ReadArrayFile(path + ":" + quantityBandsEntry)
	if err != nil || len(ends.Float64()) != 6 || ends.Float64()[0] != low ||
		!math.IsNaN(ends.Float64()[2]) {
		t.Errorf("%v %v", ends, err)
	}
	if err := again.CheckBands(path, m); err != nil {
		t.Error(err)
	}
	m.Meta.Bands.Count++
	if err := again.CheckBands(path, m); cli.Code(err) != cli.ExitExists {
		t.Errorf("other bands: %v", err)
	}
	m.Meta.Bands = nil
	if err := again.CheckBands(path, m); cli.Code(err) != cli.ExitExists {
		t.Errorf("no bands any more: %v", err)
	}
}

// TestNoBand checks the reasons for which there are no bands, and that results
// without bands have no entries for them.
//
// A change of the sampler's levels by one must suffice to withdraw the bands.
func TestNoBand(t *testing.T) {
	p, m, s := banded()
	s.Levels++
	p.Band(m, nil, s)
	if p.Bands.Low != nil || !strings.Contains(p.Bands.Missing, "4 draws or more by dpmpp2m, 12") {
		t.Errorf("other settings: %+v", p.Bands)
	}
	path := filepath.Join(t.TempDir(), "post.npz")
	if err := p.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadPosterior(path); err != nil || again.Bands.Missing != p.Bands.Missing {
		t.Errorf("%+v, %v", again, err)
	}
	s.Levels--
	m.Meta.Bands.Levels = []float64{1, 1}
	p.Band(m, nil, s)
	if !strings.Contains(p.Bands.Missing, "levels of 2 regions") {
		t.Errorf("other regions: %+v", p.Bands)
	}
	p, m, s = banded()
	m.Meta.Bands = nil
	p.Band(m, nil, s)
	if err := p.WriteFile(path, true); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadPosterior(path); err != nil || again.Bands != nil ||
		again.CheckBands(path, m) != nil {
		t.Errorf("a model without bands: %+v, %v", again.Bands, err)
	}
}

// near reports whether two slices agree to 10⁻⁶, the outward rounding of
// bench.BandInterval.
func near(a, b []float64) bool {
	for k := range a {
		if math.Abs(a[k]-b[k]) > 1e-6 {
			return false
		}
	}
	return len(a) == len(b)
}
