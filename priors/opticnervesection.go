package priors

import (
	"cmp"
	"fmt"
	"math"
)

// AnatomySection is the geometry of an Anatomy. The upper right, where the
// right taper and its retina would be, is background: the domain ends on the
// axis, and no rotation moves these parts into the domain.
//
//	              . - - cup - - .
//	 retina      T . . . . . . . Tr      A, C, E, T  corners of the taper
//	- - . _ _ A /4 ~~ lamina ~~ 3\       1 2 3 4     corners of the lamina
//	 sclera    /  1 ~ ~ ~ ~ ~ ~ 2 \      T Tr, E Er  joining lines; wedges
//	- - . _   / _ E . . . . . . . Er                 up to the lamina
//	        - C   /    nerve    \
//	             / pia        pia \
type AnatomySection struct {
	// middle of the domain, about which the anatomy is rotated
	middle point
	// of the rotation
	cos, sin float64

	lamina [4]point // 1 2 3 4
	// Circles through the lower and the upper edge of the lamina; points above
	// an edge are inside its circle.
	lower, upper circle

	taper [4]point // A C E T, counterclockwise
	// ends of the lines that join T and E with the right side
	tr, er       point
	inner, outer circle // surfaces of the sclera left of A and C, through A and C
	// thickness of the retina, and height of the tissue at the right
	retina, right float64
	// amplitude of the cup
	cup float64

	nerveLeft, nerveRight circle // the nerve lies inside both
	// thickness of the pia
	pia float64
}

// point is a point of the plane, circle a circle.
type point struct{ x, y float64 }

// circle is a circle of the plane.
type circle struct {
	// middle
	center point
	// radius in mm
	radius float64
}

// beyond returns the distance of q from the circle, negative inside.
func (c circle) beyond(q point) float64 {
	return math.Hypot(q.x-c.center.x, q.y-c.center.y) - c.radius
}

// side returns −1, 0 or 1 as beyond(q) is below, at or above d. Only a point
// close to that distance needs a root. It requires radius + d > 0.
func (c circle) side(q point, d float64) int {
	const near = 1e-9 // far above the rounding errors of both ways
	dx, dy := q.x-c.center.x, q.y-c.center.y
	square, limit := dx*dx+dy*dy, (c.radius+d)*(c.radius+d)
	switch {
	case square > limit*(1+near):
		return 1
	case square < limit*(1-near):
		return -1
	}
	return cmp.Compare(c.beyond(q), d)
}

// leftOf reports whether q lies to the left of the line from a to b, or on it.
func leftOf(a, b, q point) bool { return (b.x-a.x)*(q.y-a.y)-(b.y-a.y)*(q.x-a.x) >= 0 }

// along returns the point at height y of the line through a and b.
func along(a, b point, y float64) point { return point{a.x + (b.x-a.x)*(y-a.y)/(b.y-a.y), y} }

// arc returns the circle of the given radius through a and b whose center lies
// to the left of the line from a to b.
func arc(a, b point, radius float64) circle {
	dx, dy := b.x-a.x, b.y-a.y
	chord := math.Hypot(dx, dy)
	h := math.Sqrt(radius*radius-chord*chord/4) / chord
	return circle{point{(a.x+b.x)/2 - h*dy, (a.y+b.y)/2 + h*dx}, radius}
}

// Section returns the geometry of a in the domain.
func (p OpticNerveHead) Section(a *Anatomy) *AnatomySection {
	s := &AnatomySection{
		middle: point{(p.Left + p.Right) / 2, (p.Bottom + p.Top) / 2},
		cos:    math.Cos(a.Rotation), sin: math.Sin(a.Rotation),
		lamina: [4]point{{a.X1, a.Y1}, {a.X2, a.Y1 + a.DY2}, {a.X2 + a.DX3, a.Y3},
			{a.X1 + a.DX4, a.Y4}},
		retina: a.RetinaThickness, right: a.RightHeight, cup: a.Cup, pia: a.PiaThickness,
	}
	p1, p2, p3, p4 := s.lamina[0], s.lamina[1], s.lamina[2], s.lamina[3]
	s.lower = arc(p1, p2, a.LaminaRadius)
	s.upper = arc(p4, p3, a.LaminaRadius+a.LaminaRadiusMore)

	t, e := along(p1, p4, p4.y+a.TaperAbove), along(p1, p4, p1.y-a.TaperBelow)
	s.tr, s.er = along(p2, p3, p3.y+a.RightAbove), along(p2, p3, p2.y-a.RightBelow)
	ua := point{t.x - a.TaperRun, t.y + a.TaperRise}
	// Normal of the taper's upper edge, pointing into the sclera.
	edge := math.Hypot(a.TaperRun, a.TaperRise)
	n := point{-a.TaperRise / edge, -a.TaperRun / edge}
	step := func(q point, d float64) point { return point{q.x + d*n.x, q.y + d*n.y} }
	c := step(ua, a.ScleraThickness)
	s.taper = [4]point{ua, c, e, t}
	s.inner = circle{step(ua, -a.ScleraRadius), a.ScleraRadius}
	outer := a.ScleraRadius + a.ScleraRadiusMore
	s.outer = circle{step(c, -outer), outer}

	s.nerveLeft = arc(e, point{p1.x - a.FlareLeft, NerveBottom}, a.NerveRadiusLeft)
	s.nerveRight = arc(point{p2.x + a.FlareRight, NerveBottom}, s.er, a.NerveRadiusRight)
	return s
}

// reachesLeft reports whether both surfaces of the sclera cross the left border
// of the domain.
func (s *AnatomySection) reachesLeft(p OpticNerveHead) bool {
	for _, c := range [2]circle{s.inner, s.outer} {
		m := s.turn(c.center, s.sin)
		half := c.radius*c.radius - (p.Left-m.x)*(p.Left-m.x)
		y := m.y - math.Sqrt(half) // NaN, which fails the test, if the circle ends before
		if !(p.Bottom <= y && y <= p.Top) {
			return false
		}
	}
	return true
}

// turn returns q rotated about the middle of the domain: by the anatomy's
// rotation for sin = s.sin, and back for −s.sin.
func (s *AnatomySection) turn(q point, sin float64) point {
	x, y := q.x-s.middle.x, q.y-s.middle.y
	return point{s.middle.x + s.cos*x - sin*y, s.middle.y + sin*x + s.cos*y}
}

// Tissue returns the tissue at (x, y). Where parts overlap, the first in this
// order counts: lamina, sclera, wedges (prelaminar tissue above the lamina,
// nerve below), prelaminar tissue, retina, nerve, pia.
func (s *AnatomySection) Tissue(x, y float64) Tissue {
	q := s.turn(point{x, y}, -s.sin)
	p1, p2, p3, p4 := s.lamina[0], s.lamina[1], s.lamina[2], s.lamina[3]
	a, c, e, t := s.taper[0], s.taper[1], s.taper[2], s.taper[3]

	between := leftOf(p4, p1, q) && leftOf(p2, p3, q)
	aboveLower, aboveUpper := s.lower.side(q, 0) <= 0, s.upper.side(q, 0) < 0
	shell := leftOf(c, a, q) // beyond the normal through A and C
	underTops := leftOf(s.tr, t, q)
	overBottoms := leftOf(e, s.er, q)
	switch {
	case between && aboveLower && !aboveUpper:
		return Lamina
	case leftOf(a, c, q) && leftOf(c, e, q) && leftOf(e, t, q) && leftOf(t, a, q):
		return Sclera
	case shell && s.inner.side(q, 0) >= 0 && s.outer.side(q, 0) <= 0:
		return Sclera
	case between && aboveUpper && underTops:
		return Prelaminar
	case between && !aboveLower && overBottoms:
		return Nerve
	case !underTops && t.x <= q.x && q.x <= s.tr.x && q.y <= s.surface(q.x):
		return Prelaminar
	case s.inRetina(q, shell):
		return Retina
	case q.y < NerveBottom:
		return Background
	case !overBottoms && s.nerveLeft.side(q, 0) <= 0 && s.nerveRight.side(q, 0) <= 0:
		return Nerve
	case s.inPia(s.nerveLeft, e, q) || s.inPia(s.nerveRight, s.er, q):
		return Pia
	}
	return Background
}

// surface returns the height of the prelaminar tissue's surface at x. The
// surface is a line from T to Tr, shifted up by the heights at the left and the
// right, plus the cup A (cos φ − ½) with φ from −π/3 to 2π + π/3: a rim at
// either end, and a dip of 3A/2 between them.
func (s *AnatomySection) surface(x float64) float64 {
	t := s.taper[3]
	u := (x - t.x) / (s.tr.x - t.x)
	phi := -math.Pi/3 + u*(8*math.Pi/3)
	return t.y + s.retina + u*(s.tr.y+s.right-t.y-s.retina) + s.cup*(math.Cos(phi)-0.5)
}

// inRetina reports whether q lies in the band on the inner surface of the
// sclera. The band follows the taper's upper edge to T, and the inner arc left
// of A, where the edge is tangent to the arc.
func (s *AnatomySection) inRetina(q point, shell bool) bool {
	if shell {
		return s.inner.side(q, 0) <= 0 && s.inner.side(q, -s.retina) >= 0
	}
	a, t := s.taper[0], s.taper[3]
	height := ((t.x-a.x)*(q.y-a.y) - (t.y-a.y)*(q.x-a.x)) / math.Hypot(t.x-a.x, t.y-a.y)
	return q.x <= t.x && 0 <= height && height <= s.retina
}

// inPia reports whether q lies in the strip outside a side of the nerve that
// begins at a corner. The strip is prolonged upward by its thickness, so that
// it meets the sclera whatever the angle between them.
func (s *AnatomySection) inPia(side circle, corner, q point) bool {
	return side.side(q, 0) >= 0 && side.side(q, s.pia) <= 0 && q.y <= corner.y+s.pia
}

// Rasterize sets dst to the tissues at the nodes of g, whose lower left corner
// lies at (x0, y0). It panics if dst does not have g.Nodes() elements.
func (s *AnatomySection) Rasterize(dst []Tissue, g Grid, x0, y0 float64) {
	if len(dst) != g.Nodes() {
		panic(fmt.Sprintf("priors: section of %d values for %d×%d nodes", len(dst), g.Rows, g.Cols))
	}
	for row := range g.Rows {
		for col := range g.Cols {
			dst[row*g.Cols+col] = s.Tissue(x0+g.X(col), y0+g.Y(row))
		}
	}
}
