package priors

import (
	"fmt"

	"csdm/rng"
)

// Uniform is the uniform law on [Lo, Hi). With Lo equal to Hi it is the
// constant Lo, and no variable.
type Uniform struct{ Lo, Hi float64 }

// Constant returns the law that always gives v.
func Constant(v float64) Uniform { return Uniform{v, v} }

// IsConstant says whether u has a single value.
func (u Uniform) IsConstant() bool { return u.Lo == u.Hi }

// Contains says whether v lies in [Lo, Hi].
func (u Uniform) Contains(v float64) bool { return u.Lo <= v && v <= u.Hi }

// Draw sets theta to a draw of independent uniform variables on the box from lo
// to hi, in order, one number of the stream each. It panics if lengths differ.
func Draw(theta, lo, hi []float64, s *rng.Stream) {
	if len(theta) != len(lo) || len(theta) != len(hi) {
		panic(fmt.Sprintf("priors: Draw of %d variables on a box of %d and %d", len(theta), len(lo),
			len(hi)))
	}
	for k := range theta {
		theta[k] = s.Uniform(lo[k], hi[k])
	}
}
