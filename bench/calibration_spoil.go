package bench

import (
	"fmt"
	"math"
)

// Spoiling turns a good posterior into a bad one, which a check must catch.
type Spoiling struct {
	// short name, as --set spoil= takes it
	Name string
	What string // description
	// Shift moves every pixel and quantity up by Shift posterior standard
	// deviations.
	Shift float64
	Scale float64 // multiplies the deviation from the posterior mean
	Prior bool    // replaces the draws by draws of the prior
}

// Spoilings returns the spoilings that every check must catch.
func Spoilings() []Spoiling {
	return []Spoiling{
		{Name: "shift", What: "shifted by half a posterior standard deviation", Shift: 0.5,
			Scale: 1},
		{Name: "narrow", What: "standard deviation × 0.7", Scale: 0.7},
		{Name: "wide", What: "standard deviation × 1.4", Scale: 1.4},
		{Name: "prior", What: "draws of the prior instead", Prior: true},
	}
}

// Apply sets dst to the spoiled t, and grows the slices of dst as needed. prior
// holds as many draws of the prior as t has of the posterior, with their
// quantities; it is used only if p.Prior is set. Fields and quantities are
// spoiled separately, because a scaled field is not a field of the prior and
// its quantities would not be scaled.
func (p Spoiling) Apply(dst, t, prior *Trial) {
	dst.Truth = append(dst.Truth[:0], t.Truth...)
	dst.Quantities = append(dst.Quantities[:0], t.Quantities...)
	if p.Prior {
		if len(prior.Draws) != len(t.Draws) || len(prior.DrawQuantities) != len(t.DrawQuantities) {
			panic(fmt.Sprintf("bench: prior draws have %d values; want %d, as the posterior draws",
				len(prior.Draws), len(t.Draws)))
		}
		dst.Draws = append(dst.Draws[:0], prior.Draws...)
		dst.DrawQuantities = append(dst.DrawQuantities[:0], prior.DrawQuantities...)
		return
	}
	dst.Draws = append(dst.Draws[:0], t.Draws...)
	dst.DrawQuantities = append(dst.DrawQuantities[:0], t.DrawQuantities...)
	if p.Shift != 0 || p.Scale != 1 {
		p.columns(dst.Draws, len(t.Truth))
		p.columns(dst.DrawQuantities, len(t.Quantities))
	}
}

// columns spoils each of dim columns.
func (p Spoiling) columns(v []float64, dim int) {
	for k := range dim {
		n, mean, m2 := 0.0, 0.0, 0.0
		for i := k; i < len(v); i += dim { // Welford 1962
			n++
			d := v[i] - mean
			mean += d / n
			m2 += d * (v[i] - mean)
		}
		shift := p.Shift * math.Sqrt(m2/(n-1))
		for i := k; i < len(v); i += dim {
			v[i] = mean + shift + p.Scale*(v[i]-mean)
		}
	}
}
