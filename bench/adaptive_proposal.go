package bench

import (
	"fmt"
	"math"

	"csdm/rng"
)

// mixture is a distribution of d variables: a weighted sum of multivariate t
// distributions, or one normal distribution.
//
// A draw of it needs a part, then mean + root · z √(ν/χ²_ν).
type mixture struct {
	degrees int // of freedom; 0 for a normal distribution
	// their shares add up to 1
	parts []part
}

// part is one component of a mixture: the distribution of mean + root·z, where
// z is standard normal or standard t.
type part struct {
	// weight of the part in the mixture, and its logarithm
	share, logShare float64
	// center, d numbers
	mean    []float64
	root    []float64 // lower Cholesky factor of the scale matrix, d×d
	logNorm float64   // logarithm of the density at the mean
}

// degrees is the number of degrees of freedom of the proposals. In six
// variables a t distribution with 5 degrees, whose scale is the covariance of a
// normal target, keeps 81 % of the draws effective. Its tails cover the target
// where the fit is too narrow.
const degrees = 5

// standardNormal is the prior in the coordinates u = Φ⁻¹((θ − lo)/(hi − lo)),
// in which every variable of the box is standard normal.
func standardNormal(d int) mixture {
	p := part{share: 1, mean: make([]float64, d), root: make([]float64, d*d)}
	for k := range d {
		p.root[k*d+k] = 1
	}
	p.normalize(0)
	return mixture{0, []part{p}}
}

// normalize sets logShare and logNorm for the given degrees of freedom.
//
// A t density in d variables has at its mean Γ((ν + d)/2)/(Γ(ν/2) (νπ)^(d/2)
// det root), a normal one (2π)^(−d/2)/det root.
func (p *part) normalize(degrees int) {
	d := len(p.mean)
	p.logShare = math.Log(p.share)
	p.logNorm = -float64(d) / 2 * math.Log(2*math.Pi)
	if degrees > 0 {
		nu := float64(degrees)
		above, _ := math.Lgamma((nu + float64(d)) / 2)
		below, _ := math.Lgamma(nu / 2)
		p.logNorm = above - below - float64(d)/2*math.Log(nu*math.Pi)
	}
	for k := range d {
		p.logNorm -= math.Log(p.root[k*d+k])
	}
}

// distance returns (u − mean)ᵀ(root·rootᵀ)⁻¹(u − mean) by forward substitution;
// z is scratch of d numbers.
func (p *part) distance(u, z []float64) float64 {
	d, sum := len(p.mean), 0.0
	for k := range d {
		v := u[k] - p.mean[k]
		for j, r := range p.root[k*d : k*d+k] {
			v -= r * z[j]
		}
		z[k] = v / p.root[k*d+k]
		sum += z[k] * z[k]
	}
	return sum
}

// logDensity is ln f(u) with r² = (u − mean)ᵀ Σ⁻¹ (u − mean): −r²/2 for a
// normal part, and −(ν + d)/2 · ln(1 + r²/ν) for a t part, both up to logNorm.
func (p *part) logDensity(degrees int, u, z []float64) float64 {
	r2 := p.distance(u, z)
	if degrees == 0 {
		return p.logNorm - r2/2
	}
	nu := float64(degrees)
	return p.logNorm - (nu+float64(len(u)))/2*math.Log1p(r2/nu)
}

// addTo adds e^logFactor times the density at u to a sum.
//
// Sums of several mixtures are built in this way without leaving the
// logarithms.
func (m *mixture) addTo(sum *logSum, logFactor float64, u, scratch []float64) {
	for k := range m.parts {
		p := &m.parts[k]
		sum.add(logFactor + p.logShare + p.logDensity(m.degrees, u, scratch))
	}
}

// draw sets u to a draw: mean + root·z·√(ν/χ²) with z standard normal and χ²
// the sum of ν squared standard normals. scratch has d numbers.
func (m *mixture) draw(u []float64, s *rng.Stream, scratch []float64) {
	d := len(u)
	p := &m.parts[0]
	for k, toss := 0, s.Float64(); k < len(m.parts); k++ {
		p = &m.parts[k]
		if toss -= p.share; toss < 0 {
			break
		}
	}
	z, stretch := scratch[:d], 1.0
	for k := range z {
		z[k] = s.Normal()
	}
	if m.degrees > 0 {
		chi2 := 0.0
		for range m.degrees {
			v := s.Normal()
			chi2 += v * v
		}
		stretch = math.Sqrt(float64(m.degrees) / chi2)
	}
	for k := range u {
		sum := 0.0
		for j, r := range p.root[k*d : k*d+k+1] {
			sum += r * z[j]
		}
		u[k] = p.mean[k] + stretch*sum
	}
}

// logSum is a sum of numbers given by their logarithms: rest·exp(top).
type logSum struct{ top, rest float64 }

// add adds e^l. Each number is scaled by the largest so far, so that none
// overflows.
func (s *logSum) add(l float64) {
	switch {
	case l <= s.top:
		if !math.IsInf(l, -1) {
			s.rest += math.Exp(l - s.top)
		}
	default:
		s.rest = s.rest*math.Exp(s.top-l) + 1
		s.top = l
	}
}

// value is the logarithm of the sum.
func (s *logSum) value() float64 { return s.top + math.Log(s.rest) }

// cholesky sets root to the lower Cholesky factor of the symmetric matrix a of
// order d. It reads the lower half of a. It reports whether the matrix is
// positive definite to the accuracy of its entries.
//
// A pivot below 10⁻¹² of the diagonal counts as zero: rounding alone could have
// made it positive.
func cholesky(root, a []float64, d int) bool {
	if len(root) != d*d || len(a) != d*d {
		panic(fmt.Sprintf("bench: Cholesky factor of order %d in %d and %d values", d, len(root),
			len(a)))
	}
	clear(root)
	for i := range d {
		for j := range i + 1 {
			v := a[i*d+j]
			for k := range j {
				v -= root[i*d+k] * root[j*d+k]
			}
			if i > j {
				root[i*d+j] = v / root[j*d+j]
				continue
			}
			if !(v > 1e-12*a[i*d+i]) {
				return false
			}
			root[i*d+i] = math.Sqrt(v)
		}
	}
	return true
}
