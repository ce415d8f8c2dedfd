package priors

import (
	"fmt"

	"csdm/rng"
)

// Uniform is the uniform distribution on [Lo, Hi). If Lo equals Hi it is the
// constant Lo, and not a variable.
type Uniform struct{ Lo, Hi float64 }

// Constant returns the distribution with the single value v.
func Constant(v float64) Uniform { return Uniform{v, v} }

// IsConstant reports whether u has a single value.
func (u Uniform) IsConstant() bool { return u.Lo == u.Hi }

// Contains reports whether v lies in [Lo, Hi].
func (u Uniform) Contains(v float64) bool { return u.Lo <= v && v <= u.Hi }

// Draw sets theta to a draw of independent uniform variables on the box from lo
// to hi, in order. It takes one number of the stream per variable. It panics if
// the lengths differ.
func Draw(theta, lo, hi []float64, s *rng.Stream) {
	if len(theta) != len(lo) || len(theta) != len(hi) {
		panic(fmt.Sprintf("priors: Draw of %d variables on a box of %d and %d", len(theta), len(lo),
			len(hi)))
	}
	for k := range theta {
		theta[k] = s.Uniform(lo[k], hi[k])
	}
}
