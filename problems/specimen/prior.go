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
	background float64
	sharp      bool
	variables  []variable
	shapes     []shape
	gradient   [trendTerms]int // indices of variables; −1: none
}

// variable is one random number of the prior.
type variable struct {
	problems.Variable
	distribution
	element int // of θ; −1: constant
}

// shape is an inclusion: indices of its variables.
type shape struct{ x, y, radius, aspect, angle, ratio int }

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

// newPrior returns the prior of a definition. Errors name the setting.
func newPrior(d *Definition) (*prior, error) {
	p := &prior{background: d.Prior.Background, sharp: d.Prior.Sharp, grid: priors.Grid{
		Rows: d.Grid.Rows, Cols: d.Grid.Cols, Width: d.Grid.Width, Height: d.Grid.Height}}
	length := d.Grid.Unit
	var failed error
	add := func(key, name, unit string, value any) int {
		dist, err := parse(value)
		if err != nil && failed == nil {
			failed = fmt.Errorf("prior.%s %w", key, err)
		}
		return p.add(name, unit, dist)
	}
	for k := range d.Prior.Count {
		number := ""
		if d.Prior.Count > 1 {
			number = fmt.Sprintf(" of inclusion %d", k+1)
		}
		s := shape{aspect: -1, angle: -1}
		s.x = add("x", "center from the left"+number, length, d.Prior.X)
		s.y = add("y", "center from the bottom"+number, length, d.Prior.Y)
		s.radius = add("radius", "radius"+number, length, d.Prior.Radius)
		if d.Prior.Kind == ellipse {
			s.aspect = add("aspect", "aspect"+number, "", d.Prior.Aspect)
			s.angle = add("angle", "angle"+number, "°", d.Prior.Angle)
		}
		s.ratio = add("ratio", "modulus ratio"+number, "", d.Prior.Ratio)
		p.shapes = append(p.shapes, s)
	}
	for k := range p.gradient {
		p.gradient[k] = -1
		if std := d.Prior.Gradient / math.Sqrt(trendSquares); std > 0 {
			p.gradient[k] = p.add(trendNames[k], "", distribution{normal, -trendReach * std,
				trendReach * std, 0, std})
		}
	}
	return p, failed
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

// disc is an ellipse with its factor of the modulus.
type disc struct{ x, y, along, across, cos, sin, ratio float64 }

func (p *prior) disc(theta []float64, s *shape) disc {
	angle := p.value(theta, s.angle, 0) * math.Pi / 180
	r := p.value(theta, s.radius, 0)
	return disc{x: p.value(theta, s.x, 0), y: p.value(theta, s.y, 0),
		along: r * p.value(theta, s.aspect, 1), across: r, cos: math.Cos(angle),
		sin: math.Sin(angle), ratio: p.value(theta, s.ratio, 1)}
}

// field sets x to the field of theta.
func (p *prior) field(x, theta []float64) {
	g := p.grid
	var c, terms [trendTerms]float64
	graded := false
	for k, at := range p.gradient {
		c[k] = p.value(theta, at, 0)
		graded = graded || at >= 0
	}
	for i := range x {
		x[i] = 1
	}
	for k := range p.shapes {
		d := p.disc(theta, &p.shapes[k])
		p.paint(x, &d)
	}
	for i := range x {
		x[i] *= p.background
		if graded {
			trend(&terms, 2*float64(i%g.Cols)/float64(g.Cols-1)-1,
				2*float64(i/g.Cols)/float64(g.Rows-1)-1)
			sum := 0.0
			for k, v := range terms {
				sum += c[k] * v
			}
			x[i] *= math.Exp(sum)
		}
	}
}

// paint multiplies x by the factor of an inclusion. Across its rim, which is as
// wide as a cell, the logarithm of the factor is linear. Stiffness and
// compliance are then treated alike.
func (p *prior) paint(x []float64, d *disc) {
	g := p.grid
	rim := max(g.Width/float64(g.Cols-1), g.Height/float64(g.Rows-1))
	for i := range x {
		dx, dy := g.X(i%g.Cols)-d.x, g.Y(i/g.Cols)-d.y
		if p.sharp && d.along == d.across {
			if dx*dx+dy*dy <= d.across*d.across {
				x[i] *= d.ratio
			}
			continue
		}
		a, b := (d.cos*dx+d.sin*dy)/d.along, (d.cos*dy-d.sin*dx)/d.across
		far := math.Hypot(a, b)
		// The distance from the rim, to first order.
		slope := math.Hypot(a/d.along, b/d.across)
		inside := 1.0
		if far > 0 {
			inside = (1 - far) * far / slope / rim
			if p.sharp {
				inside *= math.MaxFloat32
			}
			inside = min(1, max(0, inside+0.5))
		}
		x[i] *= math.Pow(d.ratio, inside)
	}
}

// limits returns the range of all fields.
func (p *prior) limits() problems.Range {
	lo, hi := p.background, p.background
	for k := range p.shapes {
		r := &p.variables[p.shapes[k].ratio]
		lo, hi = lo*min(1, r.lo), hi*max(1, r.hi)
	}
	spread := 0.0
	for _, at := range p.gradient {
		if at >= 0 { // no term is larger than 1
			spread += p.variables[at].hi
		}
	}
	return problems.Range{Min: lo * math.Exp(-spread), Max: hi * math.Exp(spread)}
}
