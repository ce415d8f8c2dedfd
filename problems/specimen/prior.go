package specimen

import (
	"fmt"
	"math"
	"strings"

	"csdm/priors"
	"csdm/problems"
)

// prior is the map from θ to x.
//
// It is immutable after newPrior, so that all workers share it.
type prior struct {
	grid      priors.Grid
	cells     *cells // where it is painted; nil: on the nodes
	variables []variable
	property            // the modulus
	second    *property // density or Poisson's ratio; nil: it is known
	position  [2]int    // of the map, along x and along y; −1: known
}

// property is a field of x before its transform: a background times the factors
// of a pattern.
//
// Its value at a point is background · exp(trend) · factor.
type property struct {
	transform  transform
	pattern    pattern
	background int             // index of its variable
	gradient   [trendTerms]int // indices of variables; −1: none
}

// variable is one random number of the prior.
//
// A constant has an index like any other variable, so that patterns need no
// second way to read their settings.
type variable struct {
	problems.Variable
	distribution
	element int // of θ; −1: constant
}

// pattern is a kind of prior: the factors by which the modulus differs from the
// background's.
//
// Factors are relative to the background and multiply: a soft inclusion has a
// factor below 1.
type pattern interface {
	// paint multiplies x, on the nodes, by the factors for the variables theta.
	paint(x []float64, p *prior, theta []float64)
	// factors returns the range of the factors.
	factors(p *prior) (lo, hi float64)
	// smooth reports whether the factors are continuous functions of θ.
	smooth() bool
	// multimodal reports whether other variables give the same field.
	multimodal() bool
	// again returns the pattern of the same shapes with the factors of another
	// property, whose variables r reads.
	again(r *reader) pattern
}

// trendTerms is the number of terms of the background's logarithm: the Legendre
// polynomials of degree 1 and 2 on the rectangle, without the constant.
//
// With coordinates (x, y) in [−1, 1]² these are x, y, (3x² − 1)/2, xy and (3y²
// − 1)/2.
const trendTerms = 5

// trendReach is the distance at which a coefficient of the trend is truncated,
// in standard deviations.
const trendReach = 2.5

// trend sets p to the terms at a point of [−1, 1]².
func trend(p *[trendTerms]float64, x, y float64) {
	*p = [trendTerms]float64{x, y, (3*x*x - 1) / 2, x * y, (3*y*y - 1) / 2}
}

// trendSquares is the sum over the terms of the mean square on the rectangle.
//
// Mean squares over [−1, 1]²: P_k(x) has 1/(2k + 1), and products multiply. The
// terms are orthogonal, so that coefficients with the standard deviation
// gradient/√trendSquares give the background's logarithm the variance gradient²
// on average over the rectangle, before truncation.
const trendSquares = 1./3 + 1./3 + 1./5 + 1./9 + 1./5

var trendNames = [trendTerms]string{"background, slope in x", "background, slope in y",
	"background, curvature in x", "background, twist", "background, curvature in y"}

// reader collects the variables of a prior from a file.
//
// It keeps the first error and continues, so that the methods of patterns need
// no error of their own.
type reader struct {
	prior  *prior
	given  *Prior       // the section that it reads
	second *secondField // whose section that is; nil: the modulus
	failed error        // the first
}

// key returns the key of a setting in the file.
func (r *reader) key(name string) string {
	if r.second != nil {
		return "prior." + r.second.key + "." + name
	}
	return "prior." + name
}

// put returns the index of a new variable.
//
// Variables of a second field carry its name in front.
func (r *reader) put(name, unit string, d distribution) int {
	if r.second != nil {
		name = r.second.name + ": " + strings.TrimPrefix(name, "modulus ")
	}
	return r.prior.add(name, unit, d)
}

// limit is the range in which a variable must lie, in words too.
type limit struct {
	lo, hi float64
	want   string
}

// add returns the index of the variable of a setting.
//
// value is a number or a distribution as parse describes them; its whole range
// must lie within l.
func (r *reader) add(key, name, unit string, value any, l limit) int {
	dist, err := parse(value)
	switch {
	case r.failed != nil:
	case err != nil:
		r.failed = fmt.Errorf("%s %w", r.key(key), err)
	case dist.lo < l.lo || dist.hi > l.hi:
		r.failed = bad(r.key(key), fmt.Sprintf("%v to %v", dist.lo, dist.hi), l.want)
	}
	return r.put(name, unit, dist)
}

// positiveLimit holds for a variable that is positive.
var positiveLimit = limit{math.SmallestNonzeroFloat64, math.MaxFloat64, "positive"}

// newPrior returns the prior of a definition. Errors name the setting.
//
// The order of the variables is part of the data sets: first the pattern, the
// background and the trend of the modulus, then the same of a second field,
// then the position of the map.
func newPrior(d *Definition) (*prior, error) {
	p := &prior{grid: priors.Grid{Rows: d.Grid.Rows, Cols: d.Grid.Cols, Width: d.Grid.Width,
		Height: d.Grid.Height}}
	r := &reader{prior: p, given: &d.Prior}
	p.property = r.property(d)
	if of, given := d.second(); given != nil {
		r.given, r.second = given, of
		second := r.property(d)
		p.second = &second
	}
	for k, axis := range []string{"x", "y"} {
		p.position[k] = -1
		if std := d.Nuisance.Registration; std > 0 {
			p.position[k] = p.add("position of the map along "+axis, d.Grid.Unit,
				distribution{normal, -normalReach * std, normalReach * std, 0, std})
		}
	}
	return p, r.failed
}

// property reads the section of a property.
//
// A gradient of 0 adds no variables.
func (r *reader) property(d *Definition) (p property) {
	p.pattern = r.pattern(d)
	p.background = r.add("background", "background", r.given.Unit, r.given.Background,
		positiveLimit)
	for k := range p.gradient {
		p.gradient[k] = -1
		if std := r.given.Gradient / math.Sqrt(trendSquares); std > 0 {
			p.gradient[k] = r.put(trendNames[k], "", distribution{normal, -trendReach * std,
				trendReach * std, 0, std})
		}
	}
	var err error
	if p.transform, err = parseTransform(r.given.Transform, r.key("transform")); r.failed == nil {
		r.failed = err
	}
	return p
}

// pattern returns the pattern of the kind of a section. A second property
// without a kind has the shapes of the modulus.
func (r *reader) pattern(d *Definition) pattern {
	switch r.given.Kind {
	case "":
		return r.prior.pattern.again(r)
	case layered:
		return r.layers(d)
	case random:
		return r.randomField()
	case twoPhases:
		return r.levelSet()
	}
	return r.inclusions(d)
}

// add appends a variable with the distribution d and returns its index. The
// element of θ of a variable that is not uniform is a probability, which its
// name states.
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

// field sets x to the fields of theta.
//
// x holds a plane of rows × cols values per property.
func (p *prior) field(x, theta []float64) {
	p.values(x, theta)
	for k, q := range p.properties() {
		q.transform.apply(part(x, k, len(p.properties())))
	}
}

// properties returns the properties in the order of x.
func (p *prior) properties() []*property {
	if p.second == nil {
		return []*property{&p.property}
	}
	return []*property{&p.property, p.second}
}

// part returns plane k of n equal planes of x.
//
// It shares the memory of x.
func part(x []float64, k, n int) []float64 { return x[k*len(x)/n : (k+1)*len(x)/n] }

// values sets m to the values of all properties for theta, without a transform.
func (p *prior) values(m, theta []float64) {
	all := p.properties()
	for k, q := range all {
		p.paint(part(m, k, len(all)), q, theta)
	}
}

// invert sets m to the values of all properties of x.
func (p *prior) invert(m, x []float64) {
	all := p.properties()
	for k, q := range all {
		q.transform.invert(part(m, k, len(all)), part(x, k, len(all)))
	}
}

// paint sets m to the values of a property for theta.
//
// m_i = background · exp(Σ_k c_k P_k) · pattern_i. The pattern is painted
// first, on ones.
func (p *prior) paint(m []float64, q *property, theta []float64) {
	var c, terms [trendTerms]float64
	graded := false
	for k, at := range q.gradient {
		c[k] = p.value(theta, at, 0)
		graded = graded || at >= 0
	}
	for i := range m {
		m[i] = 1
	}
	q.pattern.paint(m, p, theta)
	background := p.value(theta, q.background, 1)
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
//
// A sharper rim would make y jump as it passes a node; a wider one would blur
// the specimen.
func (p *prior) rim() float64 {
	if p.cells != nil {
		return p.cells.rim
	}
	return max(p.grid.Width/float64(p.grid.Cols-1), p.grid.Height/float64(p.grid.Rows-1))
}

// valueLimits returns the range of the values of a property.
//
// It is the product of the ranges, with |Σ c_k P_k| ≤ Σ max c_k. The limits are
// never attained together, and need not be.
func (p *prior) valueLimits(q *property) problems.Range {
	b := &p.variables[q.background]
	lo, hi := q.pattern.factors(p)
	lo, hi = lo*b.lo, hi*b.hi
	spread := 0.0
	for _, at := range q.gradient {
		if at >= 0 { // no term is larger than 1
			spread += p.variables[at].hi
		}
	}
	return problems.Range{Min: lo * math.Exp(-spread), Max: hi * math.Exp(spread)}
}

// limits returns the range of the field of a property.
//
// A transform is monotone, so that it maps ends to ends.
func (p *prior) limits(q *property) problems.Range {
	r := p.valueLimits(q)
	return problems.Range{Min: q.transform.of(r.Min), Max: q.transform.of(r.Max)}
}
