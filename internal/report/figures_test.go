package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// section returns the figures of a posterior by name, and all text of the
// section.
func section(p *Posterior) map[string]*Figure {
	figures := map[string]*Figure{}
	for _, b := range p.Section().Blocks {
		if f, ok := b.(*Figure); ok {
			figures[strings.TrimPrefix(f.Name, "posterior-")] = f
		}
	}
	return figures
}

func field(n int, value func(k int) float64) []float64 {
	f := make([]float64, n)
	for k := range f {
		f[k] = value(k)
	}
	return f
}

// small is a posterior of 4 × 5 cells with a step in the middle.
func small() *Posterior {
	step := field(20, func(k int) float64 { return float64(k / 10) })
	half := field(20, func(k int) float64 { return 0.5 })
	return &Posterior{Rows: 4, Cols: 5, Quantity: "shear modulus *μ*", Unit: "kPa",
		Measured: "displacement", Truth: step,
		Measurement: []Channel{{Name: "displacement", Unit: "mm",
			Values: field(20, func(k int) float64 { return float64(k) })}},
		Network:    PixelEstimate{Name: "network", Mean: half, Std: half},
		References: []PixelEstimate{{Name: "exact", Mean: step, Std: half}},
		Draws:      [][]float64{step, half, step}}
}

// TestPhysicalValues checks that normalized fields are shown in physical
// values: means and draws are shifted and scaled, standard deviations and
// differences only scaled. The posterior itself does not change. A shifted
// standard deviation would look plausible and be wrong.
func TestPhysicalValues(t *testing.T) {
	p := small()
	p.Range = [2]float64{3, 5}
	q := p.physical()
	for k, v := range p.Truth {
		if q.Truth[k] != 3+2*v || q.Draws[0][k] != 3+2*v || q.References[0].Mean[k] != 3+2*v {
			t.Fatalf("cell %d: the true %g became %g", k, v, q.Truth[k])
		}
		if q.Network.Mean[k] != 4 || q.Network.Std[k] != 1 || p.Network.Std[k] != 0.5 {
			t.Fatalf("cell %d: 0.5 ± 0.5 became %g ± %g", k, q.Network.Mean[k], q.Network.Std[k])
		}
	}
	// Half of the cells differ by −0.5 and half by 0.5, of a range of 2 kPa.
	if svg := string(section(p)["comparison"].SVG); !strings.Contains(svg, "RMS 1.000 kPa") {
		t.Error("the difference of the means is not 1 kPa")
	}
	p.Range = [2]float64{}
	if p.physical() != p {
		t.Error("fields without a range are copied")
	}
}

// TestUnitsAndCounts checks that every bar of the field and of its measurement
// has its unit, and that the draws shown are counted among all draws.
func TestUnitsAndCounts(t *testing.T) {
	p := small()
	p.DrawCount = 256
	p.Show = 2
	f := section(p)
	svg := string(f["comparison"].SVG)
	for text, want := range map[string]int{"(kPa)": 8, "(mm)": 1} {
		if n := strings.Count(strings.ReplaceAll(svg, "\u00a0", " "), text); n != want {
			t.Errorf("%q stands at %d bars of 9, want %d", text, n, want)
		}
	}
	for show, want := range map[int]string{1: "One of 256 draws", 2: "The first 2 of 256 draws"} {
		p.Show = show
		if c := section(p)["draws"].Caption; !strings.HasPrefix(c, want) {
			t.Errorf("showing %d, the caption is %q", show, c)
		}
	}
	p.DrawCount, p.Show = 0, 0
	if c := section(p)["draws"].Caption; !strings.HasPrefix(c, "All 3 draws") {
		t.Errorf("showing all, the caption is %q", c)
	}
}

// TestLegendOfTheComparison checks that the true field is outlined where it is
// known, and that gray cells are explained where there are any.
func TestLegendOfTheComparison(t *testing.T) {
	p := small()
	caption := func() string { return section(p)["comparison"].Caption }
	if c := caption(); !strings.Contains(c, "edges of the true field") ||
		strings.Contains(c, "Gray") {
		t.Errorf("caption %q", c)
	}
	p.Measurement[0].Values[3] = math.NaN()
	if c := caption(); !strings.Contains(c, "Gray cells were not measured.") {
		t.Errorf("with a missing value the caption is %q", c)
	}
	p.Truth = nil
	if c := caption(); strings.Contains(c, "true field") {
		t.Errorf("without a true field the caption is %q", c)
	}
}

// TestChannels checks that a wave that fades has a scale for each row of
// frames, that all frames of a measurement of both signs share the signed map,
// and that an angle has the cyclic one.
func TestChannels(t *testing.T) {
	p := small()
	p.Measurement = nil
	for c := range 7 {
		p.Measurement = append(p.Measurement, Channel{Name: fmt.Sprint(c, " ms"), Unit: "mm",
			Values: field(20, func(k int) float64 {
				return math.Pow(0.5, float64(c)) * math.Cos(float64(k))
			})})
	}
	f := section(p)["measurement"]
	if f == nil || !strings.Contains(f.Caption, "0 ms, 1 ms, 2 ms, 3 ms, 4 ms, 5 ms and 6 ms") ||
		!strings.Contains(f.Caption, "Each row has its own scale.") {
		t.Fatalf("the figure is %+v", f)
	}
	signed := p.measured("", p.Measurement[6], "")
	p.Measurement[6].Values = field(20, func(k int) float64 { return 1 })
	if other := p.measured("", p.Measurement[6], ""); other.Map != signed.Map {
		t.Error("a channel of one sign leaves the map of its measurement")
	}
	p.Period = 2 * math.Pi
	if angle := p.measured("", p.Measurement[0], ""); angle.Map == signed.Map ||
		angle.Lo != -math.Pi || angle.Hi != math.Pi {
		t.Errorf("an angle has map %d from %g to %g", angle.Map, angle.Lo, angle.Hi)
	}
}

// TestResidualScale checks that the residual is in standard deviations of the
// noise on a scale of ± 4 or more. A value that is not known widens nothing. A
// fitted scale would show white noise as strong colors.
func TestResidualScale(t *testing.T) {
	p := small()
	p.Residual = []Channel{{Name: "displacement", Values: field(20, func(k int) float64 {
		return 1 - 2*float64(k%2)
	})}}
	svg := func() string { return string(section(p)["misfit"].SVG) }
	if s := svg(); !strings.Contains(s, ">4<") || !strings.Contains(s, "RMS 1.000") ||
		!strings.Contains(s, "standard deviations") {
		t.Error("a residual of ± 1 has another scale, unit or RMS")
	}
	p.Residual[0].Values[2] = 8
	if !strings.Contains(svg(), ">5<") {
		t.Error("a residual of 8 leaves the scale at 4")
	}
	p.Residual[0].Values[2] = math.NaN()
	if s := svg(); !strings.Contains(s, ">4<") || !strings.Contains(s, "RMS 1.000") {
		t.Error("a missing residual changes scale or RMS")
	}
}

// TestSmoothed checks that the running average keeps a constant, begins with
// the first value, follows a steep start closely, and leaves out values that
// are not finite.
func TestSmoothed(t *testing.T) {
	constant := slices.Repeat([]float64{3}, 500)
	constant[7] = math.NaN()
	for i, v := range smoothed(constant) {
		if v != 3 {
			t.Fatalf("value %d of a constant is %g", i, v)
		}
	}
	falling := field(1000, func(k int) float64 { return math.Exp(-float64(k) / 20) })
	out := smoothed(falling)
	if out[0] != falling[0] {
		t.Errorf("it begins with %g, not %g", out[0], falling[0])
	}
	for _, k := range []int{3, 10, 25, 45} { // with a window of 20 the last lag is above 1
		if lag := math.Log(out[k] / falling[k]); lag < 0 || lag > 1 {
			t.Errorf("after %d values the average is %.2f times the value", k, math.Exp(lag))
		}
	}
	if out := smoothed([]float64{math.NaN(), 2}); !math.IsNaN(out[0]) || out[1] != 2 {
		t.Errorf("a first value that is NaN gives %v", out)
	}
}

// TestLossesApart checks that the caption of the losses gives the reasons why
// they cannot be compared, and the number of neighbors where it is known.
func TestLossesApart(t *testing.T) {
	training := &TrainingCurves{Step: []float64{1, 2}, Loss: []float64{1, 0.5},
		HeldOutStep: []float64{2}, HeldOut: []float64{0.7}}
	for neighbors, want := range map[int]string{0: "noise levels. The held-out",
		-1:  "may be averages",
		256: "averages over 256 neighboring pairs"} {
		training.Neighbors = neighbors
		if c := training.steps().Caption; !strings.Contains(c, want) ||
			!strings.Contains(c, "Compare each curve with itself only.") {
			t.Errorf("%d neighbors: caption %q", neighbors, c)
		}
	}
	training.HeldOutStep, training.HeldOut = nil, nil
	if c := training.steps().Caption; strings.Contains(c, "Compare") {
		t.Errorf("a single curve has the caption %q", c)
	}
}

// TestJoin checks lists of none, one, two and more names.
func TestJoin(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"},
		"a, b and c": {"a", "b", "c"}} {
		if got := join(names); got != want {
			t.Errorf("join(%q) = %q, want %q", names, got, want)
		}
	}
}
