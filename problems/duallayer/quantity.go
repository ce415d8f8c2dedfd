package duallayer

import (
	"math"

	"csdm/problems"
)

// Quantities implements problems.Quantified.
func (p *Problem) Quantities() []problems.Variable {
	return []problems.Variable{
		{Name: "modulus of the top layer", Unit: "kPa"},
		{Name: "modulus of the bottom layer", Unit: "kPa"},
		{Name: "height of the interface", Unit: "mm"},
	}
}

// Quantify implements problems.Quantified. It averages over each row, and cuts
// the rows into two groups, each with its own mean, such that the sum of
// squares is least. The interface is halfway between the two rows at the cut,
// and the moduli are the two means. Cuts that no specimen of the prior has are
// not considered. If the cut explains no more of the rows' scatter than a cut
// of one noisy layer does, there is no interface, and its height is NaN.
func (p *Problem) Quantify(dst, x []float64) {
	g := p.prior.Grid
	rows := make([]float64, g.Rows)
	total := 0.0
	for row := range rows {
		for _, v := range x[row*g.Cols : (row+1)*g.Cols] {
			rows[row] += v / float64(g.Cols)
		}
		total += rows[row]
	}
	scatter := 0.0 // sum of squares of the rows about one mean
	for _, v := range rows {
		scatter += (v - total/float64(g.Rows)) * (v - total/float64(g.Rows))
	}
	lo, hi := p.prior.Interface.Lo+interfaceShift.Lo, p.prior.Interface.Hi+interfaceShift.Hi
	below, best := 0.0, -1.0
	for k := 1; k < g.Rows; k++ { // rows 0 … k−1 are below, the others above
		below += rows[k-1]
		if g.Y(k) <= lo || g.Y(k-1) > hi {
			continue
		}
		bottom, top := below/float64(k), (total-below)/float64(g.Rows-k)
		// The sum of squares about one mean minus the sum about two means is
		// k(n−k)/n·(bottom − top)².
		if gain := math.Sqrt(float64(k*(g.Rows-k))) * math.Abs(bottom-top); gain > best {
			best = gain
			dst[0], dst[1], dst[2] = top, bottom, (g.Y(k-1)+g.Y(k))/2
		}
	}
	if left := max(0,
		scatter-best*best/float64(g.Rows)); best*best/float64(g.Rows) <= oneLayer*left/
		float64(g.Rows-2) {
		dst[2] = math.NaN()
	}
}

// oneLayer is a ratio of variances: the part that the best cut explains over
// the part that it leaves. In fields of one layer with independent noise, fewer
// than one in a thousand exceed it.
const oneLayer = 20
