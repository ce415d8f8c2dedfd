package kernel

import "math"

// Adam makes one step of Adam (Kingma and Ba 2015, Algorithm 1) on the weights w with first and second moments m and v,
// for the gradient scale·g (scale: one over the batch size, times a clipping factor). step counts from 1.
//
//	m = β₁m + (1-β₁)g;  v = β₂v + (1-β₂)g²;  w -= lr·m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + eps)
func Adam(w, m, v, g []float32, lr, beta1, beta2, eps float64, step int, scale float32) {
	n := len(w)
	same("Adam", n, len(m))
	same("Adam", n, len(v))
	same("Adam", n, len(g))
	if step < 1 {
		panic("kernel: Adam: steps count from 1")
	}
	adam(w, m, v, g, &adamStep{
		beta1: float32(beta1), rest1: float32(1 - beta1),
		beta2: float32(beta2), rest2: float32(1 - beta2),
		rate: float32(lr / (1 - math.Pow(beta1, float64(step)))),
		root: float32(1 / math.Sqrt(1-math.Pow(beta2, float64(step)))),
		eps:  float32(eps), scale: scale,
	})
}

// adamStep holds the constants of one step: rest = 1-β, rate = lr/(1-β₁ᵗ), root = 1/√(1-β₂ᵗ).
type adamStep struct {
	beta1, rest1, beta2, rest2, rate, root, eps, scale float32
}

func adam(w, m, v, g []float32, a *adamStep) {
	if useAVX2 && len(w) > 0 {
		adam32(&w[0], &m[0], &v[0], &g[0], len(w), a)
		return
	}
	for i := range w {
		gi := a.scale * g[i]
		mi := a.beta1*m[i] + a.rest1*gi
		vi := a.beta2*v[i] + a.rest2*gi*gi
		m[i], v[i] = mi, vi
		w[i] -= a.rate * mi / (float32(math.Sqrt(float64(vi)))*a.root + a.eps)
	}
}

// EMA moves the running average avg towards w: avg = decay·avg + (1-decay)·w.
func EMA(avg, w []float32, decay float64) {
	same("EMA", len(avg), len(w))
	ema(avg, w, float32(1-decay))
}

func ema(avg, w []float32, rest float32) {
	if useAVX2 && len(w) > 0 {
		ema32(&avg[0], &w[0], len(w), rest)
		return
	}
	for i, v := range w {
		avg[i] += rest * (v - avg[i])
	}
}
