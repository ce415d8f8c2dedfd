package bench

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// ESSWeights returns the effective sample size (Σw)²/Σw² of log-weights (Kong
// 1992).
//
// It is n for equal weights and 1 if one weight dominates. NaN if all weights
// are zero.
func ESSWeights(logW []float64) float64 {
	top := math.Inf(-1)
	for _, v := range logW {
		top = max(top, v)
	}
	var w, w2 float64
	for _, v := range logW {
		e := math.Exp(v - top)
		w, w2 = w+e, w2+e*e
	}
	return w * w / w2
}

// ESSChain returns the effective sample size of stationary chains of one
// length: M·N over the autocorrelation time. The autocorrelations include the
// variance between chains (Vehtari et al. 2021, section 3.2) and are truncated
// by Geyer's (1992) initial monotone sequence. The size is at most M·N
// log₁₀(M·N), and 1 for chains that never move. It panics unless there are two
// chains of four steps or more.
//
// With autocorrelations ρ_t the mean of n states has the variance σ²/n · τ with
// τ = 1 + 2 Σ_{t ≥ 1} ρ_t. Sums of pairs ρ_2k + ρ_2k+1 of a reversible chain
// are positive and decreasing, so that the first negative sum marks where noise
// begins.
func ESSChain(chains [][]float64) float64 {
	m, n := checkChains(chains)
	means, variances := momentsOf(chains)
	within, between := 0.0, 0.0 // W and B/n
	overall := mean(means)
	for c := range chains {
		within += variances[c] / float64(m)
		between += (means[c] - overall) * (means[c] - overall) / float64(m-1)
	}
	total := within*float64(n-1)/float64(n) + between // var⁺
	if !(total > 0) {
		return 1
	}
	covariance := make([]float64, n) // mean of the chains' autocovariances, by lag
	for c, x := range chains {
		for lag, v := range autocovariance(x, means[c]) {
			covariance[lag] += v / float64(m)
		}
	}
	rho := func(lag int) float64 { return 1 - (within-covariance[lag])/total }
	// τ = −1 + 2 Σ P_k over the pairs P_k = ρ_2k + ρ_2k+1 up to the first
	// negative pair, each pair cut to the one before it.
	tau, last := -1.0, math.Inf(1)
	for t := 0; t+1 < n; t += 2 {
		pair := rho(t) + rho(t+1)
		if t == 0 {
			pair = 1 + rho(1)
		}
		if pair < 0 {
			break
		}
		last = min(last, pair)
		tau += 2 * last
	}
	size := float64(m * n)
	return size / max(tau, 1/math.Log10(size))
}

// autocovariance returns Σ_i (x_i − m)(x_{i+t} − m)/n for each lag t, by the
// Wiener–Khinchin theorem on x padded with zeros.
//
// Zeros of the chain's length keep the circular correlation from wrapping
// around.
func autocovariance(x []float64, m float64) []float64 {
	n := len(x)
	padded := make([]float64, 2*n)
	for i, v := range x {
		padded[i] = v - m
	}
	fft := fourier.NewFFT(2 * n)
	spectrum := fft.Coefficients(nil, padded)
	for k, z := range spectrum {
		spectrum[k] = complex(real(z)*real(z)+imag(z)*imag(z), 0)
	}
	fft.Sequence(padded, spectrum)
	for i := range n {
		padded[i] /= float64(2*n) * float64(n) // Sequence is not normalized
	}
	return padded[:n]
}

// checkChains returns the number of chains and their length. It panics if
// lengths differ, or where no variance is defined.
func checkChains(chains [][]float64) (m, n int) {
	m = len(chains)
	if m > 0 {
		n = len(chains[0])
	}
	for _, x := range chains {
		if len(x) != n {
			panic("bench: chains of different lengths")
		}
	}
	if m < 2 || n < 4 {
		panic(fmt.Sprintf("bench: %d chains of %d steps; want at least 2 chains of 4 steps", m, n))
	}
	return m, n
}

// momentsOf returns mean and unbiased variance of each chain.
func momentsOf(chains [][]float64) (means, variances []float64) {
	for _, x := range chains {
		m, v := mean(x), 0.0
		for _, e := range x {
			v += (e - m) * (e - m) / float64(len(x)-1)
		}
		means, variances = append(means, m), append(variances, v)
	}
	return means, variances
}

// mean is the arithmetic mean.
func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// BulkESS returns the bulk effective sample size of chains of one length: the
// ESSChain of the normal scores of the half-chains (Vehtari et al. 2021,
// section 4.3). It panics unless there are two chains of eight steps or more.
//
// Normal scores exist for distributions without moments.
func BulkESS(chains [][]float64) float64 {
	return ESSChain(normalScores(halved(chains)))
}
