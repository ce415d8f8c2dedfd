package duallayer

import (
	"math"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// TestAverage compares the closed form with midpoint sums over the two moduli
// and the shift of the interface, from far less noise than a row's width needs
// to far more than the range of x.
func TestAverage(t *testing.T) {
	p, err := New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	n := p.spec.Rows
	x, diffused, dst := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	theta, noise := make([]float64, 6), rng.New(1, rng.Test, 0, 0)
	for i, sigma := range []float64{1, 2, 6, 30, 2000} {
		p.Latent(theta, 5, uint64(i))
		p.Field(x, theta)
		for k, v := range x {
			diffused[k] = v + sigma*noise.Normal()
		}
		p.Average(dst, diffused, sigma, 5, uint64(i))
		want := p.sums(diffused, sigma, theta)
		for k, v := range dst {
			// The sums find the share of each number of rows to a millionth.
			if e := math.Abs(v - want[k/n]); !(e < 5e-5) {
				t.Fatalf("σ = %v: value %d is %v, want %v", sigma, k, v, want[k/n])
			}
		}
	}
}

// sums returns E[x | x̃] for each row of x by sums over midpoints: over the two
// moduli for each number of rows in the bottom layer, and over the shifts.
func (p *Problem) sums(diffused []float64, sigma float64, theta []float64) []float64 {
	const points, shifts = 2000, 1_000_000
	n, simulated, g := p.spec.Rows, p.Simulated(theta), p.prior.Grid
	count := make([]int, n+1) // shifts that leave k rows in the bottom layer
	for s := range shifts {
		shift := interfaceShift.Lo + (float64(s)+0.5)/shifts*(interfaceShift.Hi-interfaceShift.Lo)
		l, k := priors.Layers{Bottom: 1, Interface: simulated.Interface + shift}, 0
		for k < n && l.At(g.Y(k)) == 1 {
			k++
		}
		count[k]++
	}
	// squares returns ‖x̃ − v‖² over some rows, for each modulus v of a layer.
	squares := func(rows []float64, simulated float64) (v, sum []float64) {
		v, sum = make([]float64, points), make([]float64, points)
		for i := range v {
			v[i] = simulated * (modulusScale.Lo + (float64(i)+0.5)/points*(modulusScale.Hi-
				modulusScale.Lo))
			for _, f := range rows {
				sum[i] += (f - v[i]) * (f - v[i])
			}
		}
		return v, sum
	}
	x, least := make([]float64, n*n), 0.0 // ‖x̃ − x‖² is nearly the least of the squares
	p.Field(x, theta)
	for k, v := range x {
		least += (diffused[k] - v) * (diffused[k] - v)
	}
	column, total := make([]float64, n), 0.0
	for k, c := range count {
		if c == 0 {
			continue
		}
		b, bottom := squares(diffused[:k*n], simulated.Bottom)
		t, top := squares(diffused[k*n:], simulated.Top)
		lowest := slices.Min(bottom)
		var weights, means [2]float64
		for i := range points {
			u := math.Exp((lowest - bottom[i]) / (2 * sigma * sigma))
			w := math.Exp((least - lowest - top[i]) / (2 * sigma * sigma))
			weights[0], means[0] = weights[0]+u, means[0]+u*b[i]
			weights[1], means[1] = weights[1]+w, means[1]+w*t[i]
		}
		total += float64(c) * weights[0] * weights[1]
		for row := range column {
			if row < k {
				column[row] += float64(c) * means[0] * weights[1]
			} else {
				column[row] += float64(c) * weights[0] * means[1]
			}
		}
	}
	for row := range column {
		column[row] /= total
	}
	return column
}

// TestTruncated compares mean and mass of truncated normal distributions with
// sums over midpoints, near and far from the mean.
func TestTruncated(t *testing.T) {
	for _, c := range []struct{ m, s, lo, hi float64 }{
		{0, 1, -1, 2}, {0, 1, 1, 2}, {0, 1, -3, -0.5}, {5, 2, 5, 5.001}, {0, 1, 30, 30.5},
		{0, 1, -4000, -3999}, {100, 1, 0, 50}, {0, 1e5, 1, 2}, {0, 1, 6, 6.01}, {7, 1e-3, 6, 8},
		{144269.5, 1, 0, 1.0 / (1 << 17)}, // squares that differ in their last digits
	} {
		mean, logMass := truncated(c.m, c.s, c.lo, c.hi)
		near := min(max(c.m, c.lo), c.hi)
		peak := (near - c.m) * (near - c.m) / (2 * c.s * c.s)
		// The density is e⁻⁴⁰ of the largest within this distance.
		far := 40 * c.s * c.s / (math.Abs(near-c.m) + c.s)
		from, to := max(c.lo, near-far), min(c.hi, near+far)
		total, first := 0.0, 0.0
		const points = 200_000
		for k := range points {
			v := from + (float64(k)+0.5)/points*(to-from)
			w := math.Exp(peak - (v-c.m)*(v-c.m)/(2*c.s*c.s))
			total, first = total+w, first+w*(v-near)
		}
		want := math.Log(total/points*(to-from)/(c.hi-c.lo)) - peak
		if math.Abs(logMass-want) > 1e-7*(1+math.Abs(want)) ||
			math.Abs(mean-near-first/total) > 1e-7*(to-from) {
			t.Errorf("%+v: mean %v, log mass %v; want %v, %v", c, mean, logMass, near+first/total,
				want)
		}
	}
}
