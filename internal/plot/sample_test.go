package plot_test

import (
	"math"

	"csdm/rng"
)

// inclusion returns n draws of a field that is 1 inside a disc and 0 outside,
// on n×n nodes of the unit square, with centers scattered around (0.42, 0.6).
func inclusion(n, draws int, seed uint64) [][]float64 {
	fields := make([][]float64, draws)
	for d := range fields {
		r := rng.New(seed, rng.Test, uint64(d), 0)
		cx, cy := 0.42+0.030*r.Normal(), 0.60+0.045*r.Normal()
		fields[d] = disc(n, cx, cy)
	}
	return fields
}

func disc(n int, cx, cy float64) []float64 {
	f := make([]float64, n*n)
	for row := range n {
		for col := range n {
			x, y := float64(col)/float64(n-1), float64(row)/float64(n-1)
			if math.Hypot(x-cx, y-cy) <= 0.12 {
				f[row*n+col] = 1
			}
		}
	}
	return f
}

// moments returns the mean and standard deviation of each cell.
func moments(fields [][]float64) (mean, std []float64) {
	mean, std = make([]float64, len(fields[0])), make([]float64, len(fields[0]))
	for k := range mean {
		var s, q float64
		for _, f := range fields {
			s += f[k]
			q += f[k] * f[k]
		}
		n := float64(len(fields))
		mean[k] = s / n
		std[k] = math.Sqrt(max(0, q/n-mean[k]*mean[k]))
	}
	return mean, std
}

// displacement is a noisy downward displacement in cm that a disc disturbs.
func displacement(n int, seed uint64) []float64 {
	r := rng.New(seed, rng.Test, 1, 1)
	f := make([]float64, n*n)
	for row := range n {
		for col := range n {
			x, y := float64(col)/float64(n-1), float64(row)/float64(n-1)
			bump := (y - 0.6) * math.Exp(-(math.Pow(x-0.42, 2)+math.Pow(y-0.6, 2))/0.04)
			f[row*n+col] = -0.01*y + 0.004*bump + 5e-4*r.Normal()
		}
	}
	return f
}

func minus(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}
