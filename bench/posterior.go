package bench

import (
	"context"
	"fmt"
	"math"
	"slices"

	"csdm/internal/parallel"
)

// Posterior holds the moments of a posterior at each pixel, with their
// numerical errors. All slices have one length.
type Posterior struct {
	Mean, Std []float64

	// MeanError and StdError are one standard error for methods that draw, and
	// the change by the last refinement for methods on a grid.
	MeanError, StdError []float64

	// Q05, Q50 and Q95 are quantiles; nil if they were not computed.
	Q05, Q50, Q95 []float64

	// Draws is the number of draws, prior draws, chain states or cells behind
	// the moments.
	Draws int

	// ESS is the number of independent, equally weighted draws that would
	// estimate a mean equally well. It is (Σw)²/Σw² for importance sampling and
	// quadrature, Draws over the autocorrelation time for Markov chains, and
	// Draws for independent draws.
	ESS float64
}

// FromDraws summarizes n draws of dim pixels, row after row in draws. Std has n
// − 1 in its denominator. The standard errors assume independent draws: Std/√n
// for the mean, and √((m₄ − s⁴)/n)/(2s) for Std, by the delta method. Quantiles
// interpolate linearly between order statistics (Hyndman and Fan 1996, type 7,
// NumPy's default). It panics if n < 2 or if len(draws) is not n·dim.
func FromDraws(draws []float64, n, dim, threads int) *Posterior {
	if n < 2 || dim < 1 || len(draws) != n*dim {
		panic(fmt.Sprintf("bench: %d values for %d draws of %d pixels; want draws × pixels, and "+
			"at least 2 draws", len(draws), n, dim))
	}
	p := newPosterior(dim)
	p.Q05, p.Q50, p.Q95 = make([]float64, dim), make([]float64, dim), make([]float64, dim)
	p.Draws, p.ESS = n, float64(n)
	columns := make([][]float64, threads)
	// No call returns an error.
	_ = parallel.For(context.Background(), threads, dim, func(worker, k int) error {
		if columns[worker] == nil {
			columns[worker] = make([]float64, n)
		}
		column := columns[worker]
		for i := range column {
			column[i] = draws[i*dim+k]
		}
		slices.Sort(column)
		p.Q05[k], p.Q50[k], p.Q95[k] = Quantile(column, 0.05), Quantile(column, 0.5),
			Quantile(column, 0.95)

		mean := 0.0
		for _, v := range column {
			mean += v
		}
		mean /= float64(n)
		var m2, m4 float64
		for _, v := range column {
			d := (v - mean) * (v - mean)
			m2 += d
			m4 += d * d
		}
		m2, m4 = m2/float64(n), m4/float64(n)
		p.Mean[k], p.Std[k] = mean, math.Sqrt(m2*float64(n)/float64(n-1))
		p.MeanError[k], p.StdError[k] = standardErrors(m2, m2/float64(n), (m4-m2*m2)/float64(n))
		return nil
	})
	return p
}

// newPosterior returns a posterior of dim zeros in each slice.
func newPosterior(dim int) *Posterior {
	return &Posterior{Mean: make([]float64, dim), Std: make([]float64, dim),
		MeanError: make([]float64, dim), StdError: make([]float64, dim)}
}

// standardErrors returns the standard errors of mean and standard deviation.
// variance is the variance itself, and ofMean and ofVariance are the sampling
// variances of mean and variance: Var[s] = Var[s²]/(4s²). For a pixel that
// never varied both errors are 0.
func standardErrors(variance, ofMean, ofVariance float64) (mean, std float64) {
	if variance <= 0 {
		return 0, 0
	}
	return math.Sqrt(max(ofMean, 0)), math.Sqrt(max(ofVariance, 0) / (4 * variance))
}

// Quantile returns the quantile q of sorted values by linear interpolation.
func Quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// Scaled returns p for the variable (x − zero)/unit. With the minimum and the
// width of a normalization as zero and unit, it returns the posterior in
// normalized units. It panics unless unit is positive.
func (p *Posterior) Scaled(zero, unit float64) *Posterior {
	if !(unit > 0) {
		panic(fmt.Sprintf("bench: unit is %v; it must be positive", unit))
	}
	q := *p
	place := func(v []float64) []float64 {
		out := slices.Clone(v)
		for k := range out {
			out[k] = (out[k] - zero) / unit
		}
		return out
	}
	spread := func(v []float64) []float64 {
		out := slices.Clone(v)
		for k := range out {
			out[k] /= unit
		}
		return out
	}
	q.Mean, q.Q05, q.Q50, q.Q95 = place(p.Mean), place(p.Q05), place(p.Q50), place(p.Q95)
	q.Std, q.MeanError, q.StdError = spread(p.Std), spread(p.MeanError), spread(p.StdError)
	return &q
}

// Comparison is the distance of two posteriors: root mean squares over pixels.
type Comparison struct {
	Mean, Std float64 // of the differences

	// The floors of Mean and Std: root mean squares over pixels of the
	// posteriors' own errors. Below its floor a difference is not significant.
	MeanErrorA, StdErrorA float64
	// the same of b
	MeanErrorB, StdErrorB float64
}

// Compare returns the distance of a from b. Missing errors (nil) count as zero.
// It panics if a and b have different numbers of pixels.
func Compare(a, b *Posterior) Comparison {
	if len(a.Mean) != len(b.Mean) || len(a.Std) != len(b.Std) || len(a.Mean) == 0 {
		panic(fmt.Sprintf("bench: posteriors of %d and %d pixels; the numbers must be equal",
			len(a.Mean), len(b.Mean)))
	}
	return Comparison{
		Mean: RMSE(a.Mean, b.Mean), Std: RMSE(a.Std, b.Std),
		MeanErrorA: rms(a.MeanError), StdErrorA: rms(a.StdError),
		MeanErrorB: rms(b.MeanError), StdErrorB: rms(b.StdError),
	}
}

// RMSE returns √(Σ (a_k − b_k)²/n) for slices of one positive length n.
func RMSE(a, b []float64) float64 {
	sum := 0.0
	for k, v := range a {
		sum += (v - b[k]) * (v - b[k])
	}
	return math.Sqrt(sum / float64(len(a)))
}

// rms is the root mean square; 0 of no values.
func rms(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum / float64(len(v)))
}
