package specimen

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Limits of a file.
const (
	leastSide  = 8 // nodes along a side
	mostSide   = 512
	mostCount  = 8    // inclusions
	mostRefine = 8    // of a cell of the grid, along each side
	mostPoints = 4096 // stored displacements of an edge
	mostSpread = 8    // of the logarithm of the background, from its middle
)

var nameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// bad returns an error about a setting.
func bad(name string, value any, want string) error {
	return fmt.Errorf("%s = %v: must be %s", name, value, want)
}

// check returns an error about the first setting that is not valid.
func (d *Definition) check() error {
	if !nameRule.MatchString(d.Name) {
		return bad("name", fmt.Sprintf("%q", d.Name), "1 to 64 letters, digits, - and _")
	}
	for _, part := range []func() error{d.checkGrid, d.checkPhysics, d.checkEdges, d.checkPrior,
		d.checkErrors, d.checkQuantities} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func positive(v float64) bool    { return v > 0 && !math.IsInf(v, 0) }
func notNegative(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }

func (d *Definition) checkGrid() error { return d.Grid.Check() }

// Check returns an error about the first setting that is not valid.
func (g *Grid) Check() error {
	for _, n := range []struct {
		name  string
		value int
	}{{"grid.rows", g.Rows}, {"grid.cols", g.Cols}} {
		if n.value < leastSide || n.value > mostSide {
			return bad(n.name, n.value, fmt.Sprintf("from %d to %d", leastSide, mostSide))
		}
	}
	for _, n := range []struct {
		name  string
		value float64
	}{{"grid.width", g.Width}, {"grid.height", g.Height}} {
		if !positive(n.value) || n.value > 1e6 || n.value < 1e-6 {
			return bad(n.name, n.value, "positive, in grid.unit")
		}
	}
	if s := strings.TrimSpace(g.Unit); s == "" || len(s) > 200 {
		return bad("grid.unit", fmt.Sprintf("%q", g.Unit),
			"the unit of lengths and displacements, such as \"mm\"")
	}
	return nil
}

func (d *Definition) checkPhysics() error {
	p := &d.Physics
	e := equations[p.Kind]
	switch {
	case e == nil:
		return bad("physics.kind", fmt.Sprintf("%q", p.Kind), "one of "+
			strings.Join(physicsKinds, ", "))
	case !slices.Contains(e.meshes, p.Mesh):
		return bad("physics.mesh", fmt.Sprintf("%q", p.Mesh), strings.Join(e.meshes, " or ")+
			" for "+p.Kind)
	case e.modulus == "shear modulus" && p.Nu != 0:
		return bad("physics.nu", p.Nu, "left out: the solid is incompressible")
	case e.modulus != "shear modulus" && !(p.Nu > 0 && p.Nu < 0.4999):
		return bad("physics.nu", p.Nu, "Poisson's ratio, above 0 and below 0.4999")
	case p.Refine > mostRefine:
		return bad("physics.refine", p.Refine, fmt.Sprintf("from 1 to %d", mostRefine))
	case p.Kind != axisymmetric && p.Inner != 0:
		return bad("physics.inner", p.Inner, "left out: only an axisymmetric specimen has it")
	case !notNegative(p.Inner):
		return bad("physics.inner", p.Inner, "positive, or 0 for the axis")
	}
	if err := d.checkWave(); err != nil {
		return err
	}
	names := d.Measurement.Components
	if len(names) == 0 {
		return bad("measurement.components", names, `a list such as ["uy"] or ["ux", "uy"]`)
	}
	for k, name := range names {
		if !slices.Contains(e.outputs, name) || slices.Contains(names[:k], name) {
			return bad("measurement.components", fmt.Sprintf("%q", name),
				strings.Join(e.outputs, ", ")+", each at most once")
		}
		if isStrain(name) != isStrain(names[0]) {
			return bad("measurement.components", names,
				"displacements or strains, not both: they have different units and noise")
		}
	}
	return nil
}

// leastCells is the smallest number of cells of the mesh along a wavelength.
// With fewer, linear elements make the wave too long by several percent.
const leastCells = 8

// checkWave returns an error about the settings of a wave.
func (d *Definition) checkWave() error {
	p := &d.Physics
	if p.Kind != helmholtz {
		if p.Frequency != 0 || p.Alpha != 0 || p.Rho != 0 {
			return fmt.Errorf("physics.frequency, alpha and rho are for physics.kind = %q",
				helmholtz)
		}
		return nil
	}
	switch {
	case !positive(p.Frequency):
		return bad("physics.frequency", p.Frequency, "positive, in Hz")
	case !positive(p.Rho):
		return bad("physics.rho", p.Rho, "the density, positive, in prior.unit·s²/grid.unit² "+
			"(water: 1e-6 for kPa and mm)")
	case !notNegative(p.Alpha):
		return bad("physics.alpha", p.Alpha, "the dissipation in s, positive or 0")
	}
	background, err := parse(d.Prior.Background)
	if err != nil || !(background.lo > 0) {
		return nil // checkPrior returns the error
	}
	length := math.Sqrt(background.middle()/p.Rho) / p.Frequency
	cell := max(d.Grid.Width/float64(d.Grid.Cols-1), d.Grid.Height/float64(d.Grid.Rows-1)) /
		float64(p.Refine)
	if length < leastCells*cell {
		return fmt.Errorf("physics: a wave in the background is %.3g %s long, less than %d cells "+
			"of %.3g: raise physics.refine or the grid, or check frequency and rho", length,
			d.Grid.Unit, leastCells, cell)
	}
	return nil
}

// kinds lists the kinds of priors.
var kinds = []string{inclusion, ellipse, layered, random, twoPhases}

// checkKeys returns an error about a setting that the kind of prior lacks.
func (p *Prior) checkKeys() error {
	for _, key := range []struct {
		name  string
		given bool
		kinds []string // that have it
	}{
		{"count", p.Count != any(int64(1)), []string{inclusion, ellipse}},
		{"x", p.X != nil, []string{inclusion, ellipse}},
		{"y", p.Y != nil, []string{inclusion, ellipse}},
		{"radius", p.Radius != nil, []string{inclusion, ellipse}},
		{"aspect", p.Aspect != nil, []string{ellipse}},
		{"angle", p.Angle != nil, []string{ellipse}},
		{"ratio", p.Ratio != nil, []string{inclusion, ellipse, twoPhases}},
		{"interfaces", p.Interfaces != nil, []string{layered}},
		{"tilt", p.Tilt != nil, []string{layered}},
		{"ratios", p.Ratios != nil, []string{layered}},
		{"length", p.Length != 0, []string{random, twoPhases}},
		{"modes", p.Modes != 0, []string{random, twoPhases}},
		{"std", p.Std != nil, []string{random}},
		{"share", p.Share != nil, []string{twoPhases}},
		{"sharp", p.Sharp, []string{inclusion, ellipse, layered, twoPhases}},
	} {
		if key.given && !slices.Contains(key.kinds, p.Kind) {
			return fmt.Errorf("prior.%s: prior.kind = %q does not have it; %s has it", key.name,
				p.Kind, strings.Join(key.kinds, " or "))
		}
	}
	return nil
}

func (d *Definition) checkPrior() error {
	p := &d.Prior
	switch {
	case !slices.Contains(kinds, p.Kind):
		return bad("prior.kind", fmt.Sprintf("%q", p.Kind), "one of "+strings.Join(kinds, ", "))
	case !notNegative(p.Gradient):
		return bad("prior.gradient", p.Gradient, "positive, or 0 for a uniform background")
	case trendReach*trendTerms*p.Gradient/math.Sqrt(trendSquares) > mostSpread:
		return bad("prior.gradient", p.Gradient, "so small that the background varies by less "+
			"than a factor of 3000")
	case strings.TrimSpace(p.Unit) == "" || len(p.Unit) > 200:
		return bad("prior.unit", fmt.Sprintf("%q", p.Unit), "the unit of the modulus")
	}
	if err := p.checkKeys(); err != nil {
		return err
	}
	made, err := newPrior(d)
	if err != nil {
		return err
	}
	if made.dim() == 0 {
		return fmt.Errorf("prior: all its variables are constant: there is nothing to infer")
	}
	r := made.moduliLimits()
	if !(r.Min > 0) || math.IsInf(r.Max, 0) {
		return fmt.Errorf("prior: the modulus can be from %v to %v: must be positive and finite",
			r.Min, r.Max)
	}
	if t := &made.transform; t.kind == bounded && !(t.lo < r.Min && r.Max < t.hi) {
		return fmt.Errorf("prior.transform: the modulus can be from %v to %v, which is not within "+
			"the bounds %v to %v: widen them", r.Min, r.Max, t.lo, t.hi)
	}
	return nil
}

func (d *Definition) checkQuantities() error {
	_, err := newFunctionals(d, nil)
	return err
}

func (d *Definition) checkErrors() error {
	if _, err := d.newSensors(); err != nil {
		return err
	}
	if s := d.Missing.Share; s[0] != 0 || !(s[1] >= 0 && s[1] < 1) {
		return bad("missing.share", s, "a range [0, most] with most below 1, such as [0, 0.97]")
	}
	if !positive(d.Noise.Std) {
		return bad("noise.std", d.Noise.Std, "positive, in grid.unit")
	}
	for _, v := range []struct {
		name  string
		value float64
	}{{"noise.spread", d.Noise.Spread}, {"noise.correlation", d.Noise.Correlation},
		{"noise.stretch", d.Noise.Stretch},
		{"nuisance.shift", d.Nuisance.Shift},
		{"nuisance.tilt", d.Nuisance.Tilt}, {"nuisance.gain", d.Nuisance.Gain},
		{"nuisance.registration", d.Nuisance.Registration}, {"edges.jitter", d.Edges.Jitter},
	} {
		if !notNegative(v.value) {
			return bad(v.name, v.value, "positive, or 0 to leave it out")
		}
	}
	if d.Noise.Stretch > 0 && d.Noise.Correlation == 0 {
		return bad("noise.stretch", d.Noise.Stretch, "0, because noise.correlation is 0")
	}
	if err := d.checkFactors(); err != nil {
		return err
	}
	if d.Discrepancy == (Discrepancy{}) {
		return nil
	}
	for _, v := range []struct {
		name  string
		value [2]float64
	}{{"discrepancy.std", d.Discrepancy.Std}, {"discrepancy.length", d.Discrepancy.Length}} {
		if !positive(v.value[0]) || !positive(v.value[1]) || v.value[0] > v.value[1] {
			return bad(v.name, v.value, "a range [lo, hi] of positive numbers")
		}
	}
	return nil
}
