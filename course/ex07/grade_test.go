//go:build course

package ex07

import (
	"math"
	"testing"

	"csdm/nn"
)

func TestLossGrad(t *testing.T) {
	x, z := []float64{0, 1, 0.5}, []float64{0.3, -1.2, 2}
	f := []float64{0.1, -0.4, 0.9}
	for _, par := range []nn.Parameterization{nn.Paper{}, &nn.Preconditioned{SigmaData: 0.2}} {
		const sigma, step = 0.7, 1e-5
		c, g, unused := par.At(sigma), make([]float64, 3), make([]float64, 3)
		loss := LossGrad(g, f, x, z, c)
		want := 0.0 // ‖D − x‖²/(2 Out²), with D = Skip·x̃ + Out·F
		for k := range f {
			d := c.Skip*(x[k]+sigma*z[k]) + c.Out*f[k] - x[k]
			want += d * d / (2 * c.Out * c.Out)
		}
		if !(math.Abs(loss-want) < 1e-9) {
			t.Errorf("%s: loss %v, want %v", par.Name(), loss, want)
		}
		for k := range f {
			up, down := append([]float64(nil), f...), append([]float64(nil), f...)
			up[k], down[k] = f[k]+step, f[k]-step
			want := (LossGrad(unused, up, x, z, c) - LossGrad(unused, down, x, z, c)) / (2 * step)
			if !(math.Abs(g[k]-want) < 1e-6) {
				t.Errorf("%s: gradient %v, the loss changes by %v", par.Name(), g[k], want)
			}
		}
	}
}
