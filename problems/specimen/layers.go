package specimen

import (
	"fmt"
	"math"
)

// layers is a stack of layers, each with its factor. An interface is a straight
// line with a height and a tilt. Where a line lies below the one before it, the
// layer between them ends.
//
// A point belongs to layer k if it is above the interfaces 0 … k−1 and not
// above interface k. Crossing lines thus end a layer and never swap two.
type layers struct {
	sharp      bool
	interfaces []line // from the bottom
	ratios     []int  // indices of variables, from the bottom
}

// line is an interface: indices of its variables.
type line struct{ height, tilt int }

// steepest is the largest tilt of an interface, in degrees.
const steepest = 80

// layers reads the variables of layers.
//
// n interfaces have n + 1 ratios. One tilt in the file stands for a variable of
// each interface.
func (r *reader) layers(d *Definition) pattern {
	given := r.given
	if n := len(given.Interfaces); (n < 1 || n > mostCount || len(given.Ratios) != n+1) &&
		r.failed == nil {
		r.failed = fmt.Errorf("%s has %d values and %s %d: must be 1 to %d heights from the "+
			"bottom, and one ratio more for the layers", r.key("interfaces"), n, r.key("ratios"),
			len(given.Ratios), mostCount)
	}
	l := &layers{sharp: given.Sharp}
	for k, height := range given.Interfaces {
		at := line{tilt: -1}
		at.height = r.add(fmt.Sprintf("interfaces[%d]", k), fmt.Sprintf("height of interface %d",
			k+1), d.Grid.Unit, height, limit{0, d.Grid.Height,
			"within the specimen: 0 to grid.height"})
		if given.Tilt != nil {
			at.tilt = r.add("tilt", fmt.Sprintf("tilt of interface %d", k+1), "°", given.Tilt,
				limit{-steepest, steepest, fmt.Sprintf("from %d to %d degrees", -steepest,
					steepest)})
		}
		l.interfaces = append(l.interfaces, at)
	}
	l.ratios = r.ratios()
	return l
}

// ratios reads the ratios of layers.
func (r *reader) ratios() (all []int) {
	for k, ratio := range r.given.Ratios {
		all = append(all, r.add(fmt.Sprintf("ratios[%d]", k),
			fmt.Sprintf("modulus ratio of layer %d", k+1), "", ratio, ratioLimit))
	}
	return all
}

// again implements pattern.
//
// The interfaces are shared; the ratios are new variables.
func (l *layers) again(r *reader) pattern {
	if n := len(r.given.Ratios); n != len(l.ratios) && r.failed == nil {
		r.failed = bad(r.key("ratios"), fmt.Sprintf("%d ratios", n),
			fmt.Sprintf("%d, one for each layer of the modulus", len(l.ratios)))
	}
	return &layers{l.sharp, l.interfaces, r.ratios()}
}

// paint implements pattern. With the distance s above an interface, the part of
// a transition that lies above it is s/rim + ½. The logarithm of the factor is
// the mean of the layers' logarithms.
//
// The line k is y = height + tan(tilt) (x − W/2), and (y − line) cos(tilt) is
// the distance from it. The running minimum over the lines makes a layer end
// where a later line dips below an earlier one. With the shares above_k ≥
// above_{k+1} the factor is
//
//	Π_k ratio_k^(above_k − above_{k+1})
func (l *layers) paint(x []float64, p *prior, theta []float64) {
	rim := p.rim()
	if l.sharp {
		rim /= math.MaxFloat32
	}
	type straight struct{ height, slope, cos float64 }
	lines := make([]straight, len(l.interfaces))
	for k, at := range l.interfaces {
		tilt := p.value(theta, at.tilt, 0) * math.Pi / 180
		lines[k] = straight{p.value(theta, at.height, 0), math.Tan(tilt), math.Cos(tilt)}
	}
	ratios := make([]float64, len(l.ratios))
	for k, at := range l.ratios {
		ratios[k] = p.value(theta, at, 1)
	}
	lo, hi := l.factors(p)
	for i := range x {
		fromMiddle, y := p.grid.X(i%p.grid.Cols)-p.grid.Width/2, p.grid.Y(i/p.grid.Cols)
		factor, above, least := 1.0, 1.0, math.Inf(1)
		for k, line := range lines {
			least = min(least, (y-line.height-line.slope*fromMiddle)*line.cos)
			next := min(1, max(0, least/rim+0.5))
			factor *= math.Pow(ratios[k], above-next)
			above = next
		}
		factor *= math.Pow(ratios[len(lines)], above)
		x[i] *= min(max(factor, lo), hi) // a mean may round to a value outside
	}
}

// factors implements pattern.
//
// A weighted geometric mean lies between the smallest and the largest ratio.
func (l *layers) factors(p *prior) (lo, hi float64) {
	lo, hi = math.Inf(1), 0
	for _, at := range l.ratios {
		lo, hi = min(lo, p.variables[at].lo), max(hi, p.variables[at].hi)
	}
	return lo, hi
}

// smooth implements pattern.
func (l *layers) smooth() bool { return !l.sharp }

// multimodal implements pattern.
func (l *layers) multimodal() bool { return false }
