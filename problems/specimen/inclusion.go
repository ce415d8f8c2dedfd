package specimen

import (
	"fmt"
	"math"
	"slices"
)

// inclusions is a number of discs or ellipses, each with its factor. Factors of
// those that overlap multiply.
//
// At a node inside of discs 1 and 2 the factor is ratio₁ · ratio₂.
type inclusions struct {
	sharp  bool
	count  int // index of the variable of their number; −1: all
	shapes []shape
}

// shape is an inclusion: indices of its variables.
type shape struct{ x, y, radius, aspect, angle, ratio int }

// ratioLimit holds for the ratio of two moduli.
//
// Beyond it float64 solves lose the digits that the measurement needs.
var ratioLimit = limit{1e-3, 1e3, "from 0.001 to 1000"}

// inclusions reads the variables of inclusions or ellipses.
//
// A number of inclusions that varies is a uniform variable on [least, most +
// 1), whose integer part counts. The variables of all most inclusions exist
// always; the last ones then have no effect.
func (r *reader) inclusions(d *Definition) pattern {
	length, g, given := d.Grid.Unit, &d.Grid, r.given
	least, most, err := given.counts(r.key("count"))
	if err != nil && r.failed == nil {
		r.failed = err
	}
	c := &inclusions{sharp: given.Sharp, count: -1}
	if least < most {
		c.count = r.put("number of inclusions", "", distribution{kind: uniform,
			lo: float64(least), hi: float64(most + 1)})
	}
	for k := range most {
		number := numbered(k, most)
		s := shape{aspect: -1, angle: -1}
		s.x = r.add("x", "center from the left"+number, length, given.X,
			limit{0, g.Width, "within the specimen: 0 to grid.width"})
		s.y = r.add("y", "center from the bottom"+number, length, given.Y,
			limit{0, g.Height, "within the specimen: 0 to grid.height"})
		s.radius = r.add("radius", "radius"+number, length, given.Radius,
			limit{math.SmallestNonzeroFloat64, max(g.Width, g.Height),
				"positive, and smaller than the specimen"})
		if given.Kind == ellipse {
			s.aspect = r.add("aspect", "aspect"+number, "", given.Aspect,
				limit{1e-2, 1e2, "from 0.01 to 100"})
			s.angle = r.add("angle", "angle"+number, "°", given.Angle,
				limit{-360, 360, "from -360 to 360 degrees"})
		}
		s.ratio = r.add("ratio", "modulus ratio"+number, "", given.Ratio, ratioLimit)
		c.shapes = append(c.shapes, s)
	}
	return c
}

// numbered returns what the names of the variables of inclusion k have at their
// end.
func numbered(k, count int) string {
	if count == 1 {
		return ""
	}
	return fmt.Sprintf(" of inclusion %d", k+1)
}

// again implements pattern.
//
// The second field shares the place and the shape of each inclusion and has
// ratios of its own.
func (c *inclusions) again(r *reader) pattern {
	other := *c
	other.shapes = slices.Clone(c.shapes)
	for k := range other.shapes {
		other.shapes[k].ratio = r.add("ratio", "modulus ratio"+numbered(k, len(c.shapes)), "",
			r.given.Ratio, ratioLimit)
	}
	return &other
}

// counts returns the range of the number of inclusions: a number, or [lo, hi].
func (p *Prior) counts(key string) (least, most int, err error) {
	var r [2]float64
	if v, ok := number(p.Count); ok {
		r = [2]float64{v, v}
	} else if r, ok = twoOf(p.Count); !ok {
		r[0] = -1
	}
	if r[0] != math.Trunc(r[0]) || r[1] != math.Trunc(r[1]) || !(0 <= r[0] && r[0] <= r[1] &&
		1 <= r[1] && r[1] <= mostCount) {
		return 1, 1, bad(key, p.Count, fmt.Sprintf("a number from 1 to %d, or a range "+
			"[lo, hi] of such numbers, lo also 0", mostCount))
	}
	return int(r[0]), int(r[1]), nil
}

// paint implements pattern.
func (c *inclusions) paint(x []float64, p *prior, theta []float64) {
	// The upper end of the box, with probability 0, is one more than the most.
	present := int(min(p.value(theta, c.count, math.Inf(1)), float64(len(c.shapes))))
	for k := range present {
		d := p.disc(theta, &c.shapes[k])
		c.add(x, p, &d)
	}
}

// factors implements pattern.
//
// A factor of several inclusions is a product of any subset of their ratios.
func (c *inclusions) factors(p *prior) (lo, hi float64) {
	lo, hi = 1, 1
	for k := range c.shapes {
		r := &p.variables[c.shapes[k].ratio]
		lo, hi = lo*min(1, r.lo), hi*max(1, r.hi)
	}
	return lo, hi
}

// smooth implements pattern.
//
// A number that varies makes y jump where an inclusion appears.
func (c *inclusions) smooth() bool { return !c.sharp && c.count < 0 }

// multimodal implements pattern: the order of several inclusions is arbitrary.
func (c *inclusions) multimodal() bool { return len(c.shapes) > 1 }

// disc is an ellipse with its factor of the modulus.
//
// along and across are the half axes; cos and sin give the direction of the
// first.
type disc struct{ x, y, along, across, cos, sin, ratio float64 }

// disc returns inclusion s of the variables theta. The area of the ellipse is π
// · along · across = π r² · aspect.
func (p *prior) disc(theta []float64, s *shape) disc {
	angle := p.value(theta, s.angle, 0) * math.Pi / 180
	r := p.value(theta, s.radius, 0)
	return disc{x: p.value(theta, s.x, 0), y: p.value(theta, s.y, 0),
		along: r * p.value(theta, s.aspect, 1), across: r, cos: math.Cos(angle),
		sin: math.Sin(angle), ratio: p.value(theta, s.ratio, 1)}
}

// add multiplies x by the factor of an inclusion. Across its rim, which is as
// wide as a cell, the logarithm of the factor is linear. Stiffness and
// compliance are then treated alike.
//
// With the coordinates (a, b) of a node along the half axes, in units of these,
// ρ = √(a² + b²) is 1 on the rim. Its gradient has the length
//
//	|∇ρ| = √((a/along)² + (b/across)²)/ρ = slope/ρ
//
// so that the signed distance inward from the rim is (1 − ρ)/|∇ρ| = (1 − ρ)
// ρ/slope to first order, exactly so for a disc. The factor is ratio^w with w =
// distance/rim + ½ between 0 and 1.
func (c *inclusions) add(x []float64, p *prior, d *disc) {
	rim := p.rim()
	for i := range x {
		dx, dy := p.at(i)
		dx, dy = dx-d.x, dy-d.y
		if c.sharp && d.along == d.across {
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
			if c.sharp {
				// This factor makes the transition so narrow that hardly any
				// node lies in it.
				inside *= math.MaxFloat32
			}
			inside = min(1, max(0, inside+0.5))
		}
		x[i] *= math.Pow(d.ratio, inside)
	}
}
