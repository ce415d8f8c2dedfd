package kernel

import (
	"fmt"
	"math"
)

// Adam holds the numbers of one step of the optimizer: the rate lr, β₁, β₂ and
// ε of Adam (Kingma and Ba 2015, Algorithm 1), the decay of the running average
// of the weights, the number of the step, counted from 1, and a scale for the
// gradient (one over the batch size, times a clipping factor).
type Adam struct {
	Rate, Beta1, Beta2, Epsilon float64
	Decay                       float64
	Step                        int
	Scale                       float32
}

// Update makes the step on the weights w with first and second moments m and v,
// and moves the running average avg towards the new weights, for the gradient
// g' = scale·g:
//
//	m = β₁m + (1-β₁)g'
//	v = β₂v + (1-β₂)g'²
//	w -= lr·m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + ε)
//	avg += (1-decay)·(w - avg)
//
// It takes one pass, because memory bounds its speed.
func (a Adam) Update(w, m, v, avg, g []float32) {
	n := len(w)
	for _, x := range [][]float32{m, v, avg, g} {
		same("Adam.Update", n, len(x))
	}
	if a.Step < 1 {
		panic(fmt.Sprintf("kernel: Adam.Update: step %d; steps count from 1", a.Step))
	}
	s := adamStep{
		beta1: float32(a.Beta1), rest1: float32(1 - a.Beta1),
		beta2: float32(a.Beta2), rest2: float32(1 - a.Beta2),
		rate: float32(a.Rate / (1 - math.Pow(a.Beta1, float64(a.Step)))),
		root: float32(1 / math.Sqrt(1-math.Pow(a.Beta2, float64(a.Step)))),
		eps:  float32(a.Epsilon), scale: a.Scale, rest: float32(1 - a.Decay),
	}
	if useVectors && n > 0 {
		adamVector(adamArrays{&w[0], &m[0], &v[0], &avg[0], &g[0], n}, &s)
		return
	}
	s.update(w, m, v, avg, g)
}

// adamArrays is the arrays of Update, of n numbers each, as the vector kernels
// take them.
type adamArrays struct {
	w, m, v, avg, g *float32
	n               int
}

// adamStep holds the constants of one step: rest = 1-β or 1-decay,
// rate = lr/(1-β₁ᵗ), root = 1/√(1-β₂ᵗ).
type adamStep struct {
	beta1, rest1, beta2, rest2, rate, root, eps, scale, rest float32
}

func (s *adamStep) update(w, m, v, avg, g []float32) {
	for i := range w {
		gi := s.scale * g[i]
		mi := s.beta1*m[i] + s.rest1*gi
		vi := s.beta2*v[i] + s.rest2*gi*gi
		wi := w[i] - s.rate*mi/(float32(math.Sqrt(float64(vi)))*s.root+s.eps)
		m[i], v[i], w[i] = mi, vi, wi
		avg[i] += s.rest * (wi - avg[i])
	}
}
