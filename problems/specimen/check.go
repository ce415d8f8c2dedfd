package specimen

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Limits of a file.
//
// They bound memory and time for any file: a field of 512×512 nodes with a mesh
// refined eight times is the largest forward model, and a file from elsewhere
// cannot ask for more.
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
//
// name is the key as the file writes it, such as "prior.radius".
func bad(name string, value any, want string) error {
	return fmt.Errorf("%s = %v: must be %s", name, value, want)
}

// check returns an error about the first setting that is not valid.
//
// The parts run in an order in which each may rely on the ones before: the
// prior needs a valid grid, and the errors need the edges.
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

// positive and notNegative report whether v is finite and above 0, or at least
// 0. A NaN is neither, since each comparison with it is false.
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

// checkPhysics checks the equation, its mesh and its constants, and that the
// measured components are ones that the equation has. Poisson's ratio must be
// below ½: at ½ the bulk modulus is infinite. Displacements and strains do not
// mix, since one noise level cannot have two units.
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
	case d.Prior.Nu != nil && p.Nu != 0:
		return bad("physics.nu", p.Nu, "left out: prior.nu is Poisson's ratio")
	case e.modulus != "shear modulus" && d.Prior.Nu == nil && !(p.Nu > 0 && p.Nu < mostNu):
		return bad("physics.nu", p.Nu, fmt.Sprintf("Poisson's ratio, above 0 and below %v", mostNu))
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
//
// In one dimension linear elements with n cells per wavelength make the wave
// number too small by (2π/n)²/24 of itself: 2.6 % at n = 8.
const leastCells = 8

// checkWave returns an error about the settings of a wave.
//
// A shear wave has the speed √(μ/ρ) and the length √(μ/ρ)/f. The medians of the
// backgrounds stand for μ and ρ. An inclusion softer than the background has
// shorter waves, which this check does not see.
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
		return bad("physics.rho", p.Rho, "the density, or the unit of a density in the prior, "+
			"positive, in prior.unit·s²/grid.unit² (water: 1e-6 for kPa and mm)")
	case !notNegative(p.Alpha):
		return bad("physics.alpha", p.Alpha, "the dissipation in s, positive or 0")
	}
	background, err := parse(d.Prior.Background)
	if err != nil || !(background.lo > 0) {
		return nil // checkPrior returns the error
	}
	density := 1.0
	if d.Prior.Density != nil {
		of, err := parse(d.Prior.Density.Background)
		if err != nil || !(of.lo > 0) {
			return nil // likewise
		}
		density = of.middle()
	}
	length := math.Sqrt(background.middle()/(p.Rho*density)) / p.Frequency
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
// section is its place. A second field with the shapes of the modulus, whose
// kind is shared, has only their factors.
//
// A key that has no effect would be believed: a file with aspect = 2 for a disc
// means something that csdm does not do.
func (p *Prior) checkKeys(section, shared string) error {
	kind := p.Kind
	if kind == "" {
		kind = shared
	}
	for _, key := range []struct {
		name  string
		given bool
		kinds []string // that have it
	}{
		{"density", p.Density != nil && section != "prior", nil},
		{"nu", p.Nu != nil && section != "prior", nil},
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
		factor := key.name == "ratio" || key.name == "ratios" || key.name == "std"
		switch {
		case key.given && key.kinds == nil:
			return fmt.Errorf("%s.%s: must be left out: the section is [prior.%[2]s]", section,
				key.name)
		case key.given && !slices.Contains(key.kinds, kind):
			return fmt.Errorf("%s.%s: %[1]s.kind = %[3]q does not have it; %[4]s has it", section,
				key.name, kind, strings.Join(key.kinds, " or "))
		case key.given && p.Kind == "" && !factor:
			return fmt.Errorf("%s.%s: must be left out: without %[1]s.kind the field has the "+
				"shapes of the modulus", section, key.name)
		}
	}
	return nil
}

// checkPrior returns an error about the first setting of the prior that is not
// valid. It builds the whole prior once, because limits of variables depend on
// each other: the range of the modulus is a product of the ranges of
// background, trend and factors.
func (d *Definition) checkPrior() error {
	if err := d.Prior.check("prior", "modulus", ""); err != nil {
		return err
	}
	of, second := d.second()
	for _, f := range []struct {
		of    *secondField
		given *Prior
	}{{ofRatio, d.Prior.Nu}, {ofDensity, d.Prior.Density}} {
		if f.given != nil && f.given != second {
			return fmt.Errorf("prior.%s: must be left out: physics.kind = %q has no %s", f.of.key,
				d.Physics.Kind, f.of.name)
		}
	}
	if second != nil {
		if err := second.check("prior."+of.key, of.name, d.Prior.Kind); err != nil {
			return err
		}
	}
	made, err := newPrior(d)
	if err != nil {
		return err
	}
	if made.dim() == 0 {
		return fmt.Errorf("prior: all its variables are constant: there is nothing to infer")
	}
	if err := made.checkRange("prior", "modulus", &made.property, math.MaxFloat64); err != nil {
		return err
	}
	if second == nil {
		return nil
	}
	return made.checkRange("prior."+of.key, of.name, made.second, of.most)
}

// check returns an error about the first setting of a section that is not
// valid. what is its field, and shared the kind of the modulus if a kind may be
// left out.
func (p *Prior) check(section, what, shared string) error {
	switch {
	case !slices.Contains(kinds, p.Kind) && (p.Kind != "" || section == "prior"):
		return bad(section+".kind", fmt.Sprintf("%q", p.Kind), "one of "+strings.Join(kinds, ", "))
	case !notNegative(p.Gradient):
		return bad(section+".gradient", p.Gradient, "positive, or 0 for a uniform background")
	// No term exceeds 1 on the rectangle and no coefficient trendReach standard
	// deviations, so that the left side bounds |Σ c_k P_k|; e⁸ is about 3000.
	case trendReach*trendTerms*p.Gradient/math.Sqrt(trendSquares) > mostSpread:
		return bad(section+".gradient", p.Gradient, "so small that the background varies by less "+
			"than a factor of 3000")
	case strings.TrimSpace(p.Unit) == "" || len(p.Unit) > 200:
		return bad(section+".unit", fmt.Sprintf("%q", p.Unit), "the unit of the "+what)
	}
	return p.checkKeys(section, shared)
}

// checkRange returns an error if a property can have values that are not
// positive or too large, or outside the bounds of its transform.
//
// A modulus of zero makes the stiffness matrix singular, and a modulus at a
// bound has an infinite logit.
func (p *prior) checkRange(section, what string, q *property, most float64) error {
	r := p.valueLimits(q)
	if !(r.Min > 0) || !(r.Max <= most) {
		want := "positive and finite"
		if most < math.MaxFloat64 {
			want = fmt.Sprintf("above 0, at most %v", most)
		}
		return fmt.Errorf("%s: the %s can be from %v to %v: must be %s", section, what, r.Min,
			r.Max, want)
	}
	if t := &q.transform; t.kind == bounded && !(t.lo < r.Min && r.Max < t.hi) {
		return fmt.Errorf("%s.transform: the %s can be from %v to %v, which is not within the "+
			"bounds %v to %v: widen them", section, what, r.Min, r.Max, t.lo, t.hi)
	}
	return nil
}

func (d *Definition) checkQuantities() error {
	_, err := newFunctionals(d, nil)
	return err
}

// checkErrors checks sensors, gaps, noise, nuisances and discrepancy. The noise
// must be positive: the likelihood is a density only then. A range of missing
// values begins at 0, so that whole measurements belong to the training.
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
