package specimen

import (
	"fmt"
	"math"

	"csdm/priors"
	"csdm/problems"
)

// prior is the map from θ to a field.
type prior struct {
	grid       priors.Grid
	cells      *cells // where it is painted; nil: on the nodes
	transform  transform
	variables  []variable
	pattern    pattern
	background int             // index of its variable
	gradient   [trendTerms]int // indices of variables; −1: none
	position   [2]int          // of the map, along x and along y; −1: known
}

// variable is one random number of the prior.
type variable struct {
	problems.Variable
	distribution
	element int // of θ; −1: constant
}

// pattern is a kind of prior: the factors by which the modulus differs from the
// background's.
type pattern interface {
	// paint multiplies x, on the nodes, by the factors for the variables theta.
	paint(x []float64, p *prior, theta []float64)
	// factors returns the range of the factors.
	factors(p *prior) (lo, hi float64)
	// smooth reports whether the factors are continuous functions of θ.
	smooth() bool
	// multimodal reports whether other variables give the same field.
	multimodal() bool
}

// trendTerms is the number of terms of the background's logarithm: the Legendre
// polynomials of degree 1 and 2 on the rectangle, without the constant.
const trendTerms = 5

// trendReach is the distance at which a coefficient of the trend is truncated,
// in standard deviations.
const trendReach = 2.5

// trend sets p to the terms at a point of [−1, 1]².
func trend(p *[trendTerms]float64, x, y float64) {
	*p = [trendTerms]float64{x, y, (3*x*x - 1) / 2, x * y, (3*y*y - 1) / 2}
}

// trendSquares is the sum over the terms of the mean square on the rectangle.
const trendSquares = 1./3 + 1./3 + 1./5 + 1./9 + 1./5

var trendNames = [trendTerms]string{"background, slope in x", "background, slope in y",
	"background, curvature in x", "background, twist", "background, curvature in y"}

// reader collects the variables of a prior from a file.
type reader struct {
	prior  *prior
	failed error // the first
}

// limit is the range in which a variable must lie, in words too.
type limit struct {
	lo, hi float64
	want   string
}

// add returns the index of the variable of a setting.
func (r *reader) add(key, name, unit string, value any, l limit) int {
	dist, err := parse(value)
	switch {
	case r.failed != nil:
	case err != nil:
		r.failed = fmt.Errorf("prior.%s %w", key, err)
	case dist.lo < l.lo || dist.hi > l.hi:
		r.failed = bad("prior."+key, fmt.Sprintf("%v to %v", dist.lo, dist.hi), l.want)
	}
	return r.prior.add(name, unit, dist)
}

// positiveLimit holds for a variable that is positive.
var positiveLimit = limit{math.SmallestNonzeroFloat64, math.MaxFloat64, "positive"}

// newPrior returns the prior of a definition. Errors name the setting.
func newPrior(d *Definition) (*prior, error) {
	p := &prior{grid: priors.Grid{Rows: d.Grid.Rows, Cols: d.Grid.Cols, Width: d.Grid.Width,
		Height: d.Grid.Height}}
	r := &reader{prior: p}
	p.pattern = r.pattern(d)
	p.background = r.add("background", "background", d.Prior.Unit, d.Prior.Background,
		positiveLimit)
	for k := range p.gradient {
		p.gradient[k] = -1
		if std := d.Prior.Gradient / math.Sqrt(trendSquares); std > 0 {
			p.gradient[k] = p.add(trendNames[k], "", distribution{normal, -trendReach * std,
				trendReach * std, 0, std})
		}
	}
	for k, axis := range []string{"x", "y"} {
		p.position[k] = -1
		if std := d.Nuisance.Registration; std > 0 {
			p.position[k] = p.add("position of the map along "+axis, d.Grid.Unit,
				distribution{normal, -normalReach * std, normalReach * std, 0, std})
		}
	}
	if r.failed != nil {
		return p, r.failed
	}
	var err error
	p.transform, err = parseTransform(d.Prior.Transform)
	return p, err
}

// pattern returns the pattern of the kind of a definition.
func (r *reader) pattern(d *Definition) pattern {
	switch d.Prior.Kind {
	case layered:
		return r.layers(d)
	case random:
		return r.randomField(d)
	case twoPhases:
		return r.levelSet(d)
	}
	return r.inclusions(d)
}

func (p *prior) add(name, unit string, d distribution) int {
	v := variable{problems.Variable{Name: name, Unit: unit}, d, -1}
	if d.kind != constant {
		v.element = p.dim()
		if d.kind != uniform {
			v.Name, v.Unit = name+", as probability", ""
		}
	}
	p.variables = append(p.variables, v)
	return len(p.variables) - 1
}

// dim returns the number of elements of θ.
func (p *prior) dim() int {
	n := 0
	for k := range p.variables {
		if p.variables[k].element >= 0 {
			n++
		}
	}
	return n
}

// names returns the elements of θ.
func (p *prior) names() (all []problems.Variable) {
	for k := range p.variables {
		if p.variables[k].element >= 0 {
			all = append(all, p.variables[k].Variable)
		}
	}
	return all
}

// box returns the limits of θ, in new slices.
func (p *prior) box() (lo, hi []float64) {
	for k := range p.variables {
		if v := &p.variables[k]; v.element >= 0 {
			a, b := v.distribution.box()
			lo, hi = append(lo, a), append(hi, b)
		}
	}
	return lo, hi
}

// value returns variable k; missing if there is none.
func (p *prior) value(theta []float64, k int, missing float64) float64 {
	if k < 0 {
		return missing
	}
	v := &p.variables[k]
	if v.element < 0 {
		return v.lo
	}
	return v.at(theta[v.element])
}

// field sets x to the field of theta.
func (p *prior) field(x, theta []float64) {
	p.moduli(x, theta)
	p.transform.apply(x)
}

// moduli sets m to the moduli of theta.
func (p *prior) moduli(m, theta []float64) {
	var c, terms [trendTerms]float64
	graded := false
	for k, at := range p.gradient {
		c[k] = p.value(theta, at, 0)
		graded = graded || at >= 0
	}
	for i := range m {
		m[i] = 1
	}
	p.pattern.paint(m, p, theta)
	background := p.value(theta, p.background, 1)
	for i := range m {
		m[i] *= background
		if graded {
			x, y := p.at(i)
			trend(&terms, 2*x/p.grid.Width-1, 2*y/p.grid.Height-1)
			sum := 0.0
			for k, v := range terms {
				sum += c[k] * v
			}
			m[i] *= math.Exp(sum)
		}
	}
}

// rim returns the width of a transition between two moduli: a cell.
func (p *prior) rim() float64 {
	if p.cells != nil {
		return p.cells.rim
	}
	return max(p.grid.Width/float64(p.grid.Cols-1), p.grid.Height/float64(p.grid.Rows-1))
}

// moduliLimits returns the range of all moduli.
func (p *prior) moduliLimits() problems.Range {
	b := &p.variables[p.background]
	lo, hi := p.pattern.factors(p)
	lo, hi = lo*b.lo, hi*b.hi
	spread := 0.0
	for _, at := range p.gradient {
		if at >= 0 { // no term is larger than 1
			spread += p.variables[at].hi
		}
	}
	return problems.Range{Min: lo * math.Exp(-spread), Max: hi * math.Exp(spread)}
}

// limits returns the range of all fields.
func (p *prior) limits() problems.Range {
	r := p.moduliLimits()
	return problems.Range{Min: p.transform.of(r.Min), Max: p.transform.of(r.Max)}
}
