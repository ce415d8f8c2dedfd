// Command micro is the whole method in one file: a prior over stiffness fields,
// finite elements, score matching, a sampler, and a comparison of the drawn
// posterior with the exact one. It uses only the standard library, on 8×8
// nodes, and takes less than a minute:
//
//	go run ./examples/micro
//
// The engine does the same on finer grids, with better networks, on many cores.
// Each part names its package. Equation numbers are the paper's.
package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Part 1, the prior (package priors). A disc, its center uniform, in a soft
// square of side×side nodes: x is 1 in the disc, else 0; μ is 0.1 + 1.4x kPa.
const (
	side        = 8
	pixels      = side * side
	radius      = 0.12        // cm
	lo, hi      = 0.2, 0.8    // range of either coordinate of the center, cm
	top         = -0.01       // displacement of the top edge, cm
	noise       = 0.05 * -top // standard deviation of the measurement noise, cm
	dofs        = 2 * pixels  // displacements: u_x and u_y of each node
	band        = 2*side + 4  // no element couples unknowns farther apart
	h           = 1. / (side - 1)
	soft, stiff = 0.1, 1.5 // shear moduli, kPa
)

func vector() []float64 { return make([]float64, pixels) }

func disc(cx, cy float64) []float64 {
	x := vector()
	for k := range x {
		if math.Hypot(float64(k%side)*h-cx, float64(k/side)*h-cy) <= radius {
			x[k] = 1
		}
	}
	return x
}

// Part 2, the forward model (package fem). Incompressible plane stress: the
// stress is σ = 2μ(ε + tr(ε) I) and ∇·σ = 0. Each square is cut into two
// triangles, on which the displacement is linear and the strain ε = B u
// constant. An element adds area·μ̄·2(ε + tr(ε) I) : ε to the stiffness matrix,
// where μ̄ is the mean of its nodes. The bottom keeps u_y = 0, the top moves by
// u_y = top, one corner keeps u_x = 0.
func forward(x []float64) []float64 {
	var a [dofs][band]float64 // a[i][i-j] is entry (i, j) of the lower triangle
	var f [dofs]float64
	for r := range side - 1 {
		for c := range side - 1 {
			n := r*side + c
			for _, t := range [2][3]int{{n, n + 1, n + side + 1}, {n, n + side + 1, n + side}} {
				addTriangle(&a, t, x)
			}
		}
	}
	prescribe := func(i int, v float64) { // u_i = v: its column moves to the right side
		for j := max(0, i-band+1); j < min(dofs, i+band); j++ {
			row, off := max(i, j), max(i-j, j-i)
			f[j] -= a[row][off] * v
			a[row][off] = 0
		}
		a[i][0], f[i] = 1, v
	}
	prescribe(0, 0)
	for c := range side {
		prescribe(2*c+1, 0)
		prescribe(2*(pixels-side+c)+1, top)
	}
	solve(&a, &f)
	y := vector()
	for k := range y {
		y[k] = f[2*k+1]
	}
	return y
}

func addTriangle(a *[dofs][band]float64, t [3]int, x []float64) {
	var px, py [3]float64
	mu := 0.0
	for i, n := range t {
		px[i], py[i] = float64(n%side)*h, float64(n/side)*h
		mu += (soft + (stiff-soft)*x[n]) / 3
	}
	area := ((px[1]-px[0])*(py[2]-py[0]) - (px[2]-px[0])*(py[1]-py[0])) / 2
	var b [3][6]float64 // rows: ε_xx, ε_yy, γ_xy
	for i := range 3 {
		j, k := (i+1)%3, (i+2)%3
		dx, dy := (py[j]-py[k])/(2*area), (px[k]-px[j])/(2*area) // ∂N_i/∂x, ∂N_i/∂y
		b[0][2*i], b[1][2*i+1], b[2][2*i], b[2][2*i+1] = dx, dy, dy, dx
	}
	for i := range 6 {
		for j := range 6 {
			s := 4*b[0][i]*b[0][j] + 2*b[0][i]*b[1][j] + 2*b[1][i]*b[0][j] +
				4*b[1][i]*b[1][j] + b[2][i]*b[2][j] // 2(ε + tr(ε) I) : ε
			row, col := 2*t[i/2]+i%2, 2*t[j/2]+j%2
			if row >= col {
				a[row][row-col] += area * mu * s
			}
		}
	}
}

// solve replaces f by the solution of a·u = f (band Cholesky, package sparse).
func solve(a *[dofs][band]float64, f *[dofs]float64) {
	for i := range dofs {
		for j := max(0, i-band+1); j <= i; j++ {
			s := a[i][i-j]
			for k := max(0, i-band+1); k < j; k++ {
				s -= a[i][i-k] * a[j][j-k]
			}
			if i == j {
				a[i][0] = math.Sqrt(s)
			} else {
				a[i][i-j] = s / a[j][0]
			}
		}
	}
	for i := range dofs {
		for j := max(0, i-band+1); j < i; j++ {
			f[i] -= a[i][i-j] * f[j]
		}
		f[i] /= a[i][0]
	}
	for i := dofs - 1; i >= 0; i-- {
		for j := i + 1; j < min(dofs, i+band); j++ {
			f[i] -= a[j][j-i] * f[j]
		}
		f[i] /= a[i][0]
	}
}

// Part 3, the score network (package nn): a perceptron that sees the noisy
// field, the measurement and the noise level. Each layer is W·input + b, then
// ELU except in the last. Forward and backward pass stand side by side.
const width = 160

type layer struct{ w, b, gw, gb, mw, mb, vw, vb, out, gin []float64 }

func newLayer(in, out int, r *rand.Rand) *layer {
	l := &layer{out: make([]float64, out), gin: make([]float64, in)}
	four := func(n int) (a, b, c, d []float64) {
		v := make([]float64, 4*n)
		return v[:n], v[n : 2*n], v[2*n : 3*n], v[3*n:]
	}
	l.w, l.gw, l.mw, l.vw = four(in * out)
	l.b, l.gb, l.mb, l.vb = four(out)
	for i := range l.w {
		l.w[i] = r.NormFloat64() / math.Sqrt(float64(in))
	}
	return l
}

func (l *layer) forward(in []float64, elu bool) []float64 {
	for o := range l.out {
		s := l.b[o]
		for i, w := range l.w[o*len(in) : (o+1)*len(in)] {
			s += w * in[i]
		}
		if elu && s < 0 {
			s = math.Expm1(s)
		}
		l.out[o] = s
	}
	return l.out
}

// backward adds the gradients of the parameters and returns the gradient of the
// input. The slope of ELU is 1 where its value is positive, else its value + 1.
func (l *layer) backward(in, g []float64, elu bool) []float64 {
	clear(l.gin)
	for o, d := range g {
		if elu && l.out[o] < 0 {
			d *= l.out[o] + 1
		}
		l.gb[o] += d
		w, gw := l.w[o*len(in):(o+1)*len(in)], l.gw[o*len(in):(o+1)*len(in)]
		for i, v := range in {
			gw[i] += d * v
			l.gin[i] += d * w[i]
		}
	}
	return l.gin
}

// network converts the layers' output F to the denoiser D(x̃, y, σ) = E[x | x̃,
// y], which gives the score ∇ log p_σ(x̃ | y) = (D − x̃)/σ² (Tweedie's formula;
// Efron 2011). D = c_skip·x̃ + c_out·F keeps input and output of unit size at
// any σ (Karras et al. 2022).
type network struct {
	layers [3]*layer
	in     []float64
	mean   []float64 // of the measurements, per node
	scale  float64   // one over the deviation of the measurements from mean
	data   float64   // σ_d, the standard deviation of x
	outer  float64   // c_out of the last call
}

func newNetwork(r *rand.Rand, ys [][]float64) *network {
	n := &network{in: make([]float64, 2*pixels+1), data: 0.2}
	n.layers = [3]*layer{newLayer(2*pixels+1, width, r), newLayer(width, width, r),
		newLayer(width, pixels, r)}
	mean, std := moments(ys)
	square := noise * noise
	for _, v := range std {
		square += v * v / pixels
	}
	n.mean, n.scale = mean, 1/math.Sqrt(square)
	return n
}

// denoise sets dst to D. dst may be x.
func (n *network) denoise(dst, x, y []float64, sigma float64) {
	root := math.Hypot(sigma, n.data)
	for k := range pixels {
		n.in[k], n.in[pixels+k] = x[k]/root, (y[k]-n.mean[k])*n.scale
	}
	n.in[2*pixels] = math.Log(sigma) / 4
	f := n.layers[0].forward(n.in, true)
	f = n.layers[2].forward(n.layers[1].forward(f, true), false)
	n.outer = sigma * n.data / root
	for k := range pixels {
		dst[k] = n.data*n.data/(root*root)*x[k] + n.outer*f[k]
	}
}

// train is part 4, denoising score matching (package nn/train; Eq. 15). For a
// pair (x, y), a noise level σ and noise z the network sees x̃ = x + σz. The
// mean over all pairs of ‖D − x‖² is least if D is the posterior mean, that is,
// if the score is right. Measurement noise is drawn again each time. Adam makes
// the steps.
func (n *network) train(xs, ys [][]float64, steps, batch int, r *rand.Rand) {
	noisy, y, g, d := vector(), vector(), vector(), vector()
	for step, loss := 0, 0.; step < steps; step, loss = step+1, 0 {
		for range batch {
			i := r.IntN(len(xs))
			sigma := math.Exp(-0.5 + 1.5*r.NormFloat64())
			for k := range pixels {
				noisy[k] = xs[i][k] + sigma*r.NormFloat64()
				y[k] = ys[i][k] + noise*r.NormFloat64()
			}
			n.denoise(d, noisy, y, sigma)
			for k := range pixels { // ∂/∂F of ‖D − x‖²/(2 c_out²), over the batch
				g[k] = (d[k] - xs[i][k]) / n.outer / float64(batch)
				loss += g[k] * g[k] * float64(batch) / 2
			}
			back := n.layers[2].backward(n.layers[1].out, g, false)
			back = n.layers[1].backward(n.layers[0].out, back, true)
			n.layers[0].backward(n.in, back, true)
		}
		rate := 2e-3 * min(1, 2*(1-float64(step)/float64(steps)))
		for _, l := range n.layers {
			adam(l.w, l.gw, l.mw, l.vw, rate, step)
			adam(l.b, l.gb, l.mb, l.vb, rate, step)
		}
		if step%(steps/5) == 0 {
			fmt.Printf("step %5d: loss %.2f\n", step, loss)
		}
	}
}

// adam makes a step of Adam (Kingma and Ba 2015), and clears the gradient.
func adam(w, g, m, v []float64, rate float64, step int) {
	c1, c2 := 1-math.Pow(0.9, float64(step+1)), 1-math.Pow(0.999, float64(step+1))
	for i, d := range g {
		m[i], v[i] = 0.9*m[i]+0.1*d, 0.999*v[i]+0.001*d*d
		w[i] -= rate * m[i] / c1 / (math.Sqrt(v[i]/c2) + 1e-8)
		g[i] = 0
	}
}

// sample is part 5, sampling (package langevin): Heun's method for the
// probability-flow equation dx/dσ = (x − D)/σ, from noise at σ₁ down to σ_L.
// The paper uses annealed Langevin steps instead (Algorithm 1): x += α·(D −
// x)/σ² + √(2α)·z, many at each level.
func (n *network) sample(y []float64, levels int, r *rand.Rand) []float64 {
	const first, last = 10., 0.02
	x, next, d, d2 := vector(), vector(), vector(), vector()
	for k := range x {
		x[k] = first * r.NormFloat64()
	}
	sigma, ratio := first, math.Pow(last/first, 1/float64(levels-1))
	for range levels - 1 {
		below := sigma * ratio
		n.denoise(d, x, y, sigma)
		for k := range x {
			next[k] = x[k] + (below-sigma)*(x[k]-d[k])/sigma
		}
		n.denoise(d2, next, y, below)
		for k := range x {
			x[k] += (below - sigma) / 2 * ((x[k]-d[k])/sigma + (next[k]-d2[k])/below)
		}
		sigma = below
	}
	n.denoise(x, x, y, sigma)
	return x
}

// exact is part 6, the exact posterior (package bench). The prior has two
// variables, so Bayes' formula is a sum: each center on a fine grid gets the
// weight exp(−‖y − forward(x)‖²/(2·noise²)). Centers with the same field share
// its solution.
func exact(y []float64, grid int) (mean, std []float64) {
	mean, std = vector(), vector()
	known, total := map[string]float64{}, 0.0
	for i := range grid * grid {
		at := func(k int) float64 { return lo + (hi-lo)*(float64(k)+0.5)/float64(grid) }
		x := disc(at(i%grid), at(i/grid))
		key := fmt.Sprint(x)
		w, ok := known[key]
		if !ok {
			for k, v := range forward(x) {
				w += (y[k] - v) * (y[k] - v) / (2 * noise * noise)
			}
			w = math.Exp(pixels/2 - w) // the true field has about pixels/2
			known[key] = w
		}
		total += w
		for k, v := range x {
			mean[k] += w * v
			std[k] += w * v * v
		}
	}
	for k := range mean {
		mean[k] /= total
		std[k] = math.Sqrt(max(std[k]/total-mean[k]*mean[k], 0))
	}
	return mean, std
}

// moments returns mean and standard deviation of draws, pixel by pixel.
func moments(draws [][]float64) (mean, std []float64) {
	mean, std = vector(), vector()
	for k := range pixels {
		for _, x := range draws {
			mean[k] += x[k] / float64(len(draws))
		}
		for _, x := range draws {
			std[k] += (x[k] - mean[k]) * (x[k] - mean[k]) / float64(len(draws)-1)
		}
		std[k] = math.Sqrt(std[k])
	}
	return mean, std
}

func rmse(a, b []float64) (s float64) {
	for k, v := range a {
		s += (v - b[k]) * (v - b[k]) / float64(len(a))
	}
	return math.Sqrt(s)
}

// show prints fields next to each other, the top row first.
func show(title string, fields ...[]float64) {
	fmt.Println(title)
	for r := side - 1; r >= 0; r-- {
		for _, f := range fields {
			for _, v := range f[r*side : (r+1)*side] {
				fmt.Printf("%c%[1]c", []rune(" ·:+#█")[int(min(max(v, 0), 0.999)*6)])
			}
			fmt.Print(" | ")
		}
		fmt.Println()
	}
}

func main() {
	begin, r := time.Now(), rand.New(rand.NewPCG(1, 2))
	pair := func() (x, y []float64) {
		x = disc(lo+(hi-lo)*r.Float64(), lo+(hi-lo)*r.Float64())
		return x, forward(x)
	}
	var xs, ys [4000][]float64
	for i := range xs {
		xs[i], ys[i] = pair()
	}
	net := newNetwork(r, ys[:])
	net.train(xs[:], ys[:], 4000, 32, r)
	truth, y := pair()
	for k := range y {
		y[k] += noise * r.NormFloat64()
	}
	draws := make([][]float64, 256)
	for i := range draws {
		draws[i] = net.sample(y, 12, r)
	}
	mean, std := moments(draws)
	exactMean, exactStd := exact(y, 120)
	show("true x; mean of draws, exact; std of draws, exact", truth, mean, exactMean, std, exactStd)
	prior, _ := moments(xs[:])
	fmt.Printf("RMSE of mean %.3f (the prior's mean: %.3f), of std %.3f; %.0f s in all\n",
		rmse(mean, exactMean), rmse(prior, exactMean), rmse(std, exactStd),
		time.Since(begin).Seconds())
}
