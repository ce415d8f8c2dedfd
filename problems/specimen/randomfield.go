package specimen

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"csdm/priors"
)

// gaussianField is a Gaussian random field with mean 0, variance 1 on average
// over the nodes, and the correlation exp(−r²/(2 length²)) at distance r. It is
// a sum of the first modes of its Karhunen-Loève expansion (Ghanem and Spanos
// 1991, section 2.3), each times a normal variable.
//
// With the covariance matrix C of the nodes and its eigenvectors φ_k and
// eigenvalues λ_k,
//
//	g = Σ_k z_k √λ_k φ_k,   z_k standard normal
//
// has the covariance C if all modes are kept. The modes with the largest λ_k
// have the least error for their number.
type gaussianField struct {
	first int         // index of the variable of the first mode; the others follow
	modes [][]float64 // on the nodes
	most  float64     // largest value of the field
}

const (
	// keptVariance is the share of the variance that the modes of a field have
	// if the file does not give their number.
	keptVariance = 0.95
	mostModes    = 256
	defaultModes = 64 // at most, without a number in the file
	// modeReach is the value at which the variable of a mode is truncated.
	modeReach = 3
)

// gaussianField reads the correlation of a field and adds its variables.
//
// The variables of the modes are truncated at ±modeReach, so that |g| ≤
// modeReach Σ_k |mode_k| at each node.
func (r *reader) gaussianField() *gaussianField {
	f := &gaussianField{first: len(r.prior.variables)}
	given := r.given
	switch {
	case r.failed != nil:
	case !positive(given.Length):
		r.failed = bad(r.key("length"), given.Length, "positive, in grid.unit")
	case given.Modes < 0 || given.Modes > min(mostModes, r.prior.grid.Nodes()):
		r.failed = bad(r.key("modes"), given.Modes,
			fmt.Sprintf("from 1 to %d, or 0 to keep %.0f %% "+
				"of the variance", min(mostModes, r.prior.grid.Nodes()), 100*keptVariance))
	}
	if r.failed != nil {
		return f
	}
	f.modes = expand(r.prior.grid, given.Length, given.Modes)
	for k := range f.modes {
		r.put(fmt.Sprintf("mode %d", k+1), "", distribution{normal, -modeReach, modeReach, 0,
			1})
	}
	for i := range r.prior.grid.Nodes() {
		sum := 0.0
		for _, m := range f.modes {
			sum += math.Abs(m[i])
		}
		f.most = max(f.most, modeReach*sum)
	}
	return f
}

// expand returns the modes with the largest variances, times their standard
// deviations. count is their number; 0: as many as keptVariance needs. The
// correlation is a product along the axes, so the modes are also products.
//
// exp(−r²/(2ℓ²)) = exp(−Δx²/(2ℓ²)) exp(−Δy²/(2ℓ²)), so that C is the Kronecker
// product of two matrices of the axes. Its eigenvalues are the products a_c b_r
// and its eigenvectors their products: two small eigenproblems instead
// of one of all nodes. Equal variances are ordered by row and column, so that
// the order of the variables is the same on every machine.
//
// The trace of C is the number of nodes. The kept modes are scaled by
// √(total/kept), which restores the mean variance of 1.
func expand(g priors.Grid, length float64, count int) (modes [][]float64) {
	stds, inX := along(g.Cols, g.Width, length)
	stdsY, inY := along(g.Rows, g.Height, length)
	type pair struct {
		col, row int
		variance float64
	}
	var pairs []pair
	for c, a := range stds {
		for r, b := range stdsY {
			pairs = append(pairs, pair{c, r, a * b})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.variance, a.variance), cmp.Compare(a.row, b.row),
			cmp.Compare(a.col, b.col))
	})
	total, kept := float64(g.Nodes()), 0.0
	for _, p := range pairs {
		enough := kept >= keptVariance*total || len(modes) == defaultModes
		if count > 0 {
			enough = len(modes) == count
		}
		if enough {
			break
		}
		kept += p.variance
		m := make([]float64, g.Nodes())
		for i := range m {
			m[i] = math.Sqrt(p.variance) * inX.At(i%g.Cols, p.col) * inY.At(i/g.Cols, p.row)
		}
		modes = append(modes, m)
	}
	for _, m := range modes {
		for i := range m {
			m[i] *= math.Sqrt(total / kept)
		}
	}
	return modes
}

// along returns the variances and the orthonormal modes of a field on n nodes
// of an axis.
//
// Node i lies at i size/(n − 1). Values ascend and modes are columns. A
// Gaussian covariance has eigenvalues down to rounding, of either sign;
// negative ones count as 0.
func along(n int, size, length float64) (variances []float64, modes *mat.Dense) {
	covariance := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			far := float64(j-i) * size / float64(n-1) / length
			covariance.SetSym(i, j, math.Exp(-far*far/2))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		panic("specimen: a covariance has no eigenvalues") // it is finite and symmetric
	}
	modes = &mat.Dense{}
	eigen.VectorsTo(modes)
	variances = eigen.Values(nil)
	for k, v := range variances {
		variances[k] = max(v, 0) // rounding
	}
	return variances, modes
}

// to sets g to the field of variables theta.
//
// It costs modes × nodes multiplications.
func (f *gaussianField) to(g []float64, p *prior, theta []float64) {
	clear(g)
	for k, m := range f.modes {
		z := p.value(theta, f.first+k, 0)
		for i, v := range m {
			g[i] += z * v
		}
	}
}

// randomField is a factor whose logarithm is a Gaussian random field times its
// standard deviation.
//
// The factor exp(std · g) is log-normal with the median 1 at each node.
type randomField struct {
	*gaussianField
	std int // index of its variable
}

// randomField reads the variables of a random field.
func (r *reader) randomField() pattern {
	std := r.std()
	return &randomField{r.gaussianField(), std}
}

// std reads the standard deviation of a random field.
func (r *reader) std() int {
	return r.add("std", "standard deviation of the logarithm", "", r.given.Std,
		limit{math.SmallestNonzeroFloat64, 10, "positive, at most 10"})
}

// again implements pattern.
//
// The second field has the same g and a standard deviation of its own.
func (f *randomField) again(r *reader) pattern { return &randomField{f.gaussianField, r.std()} }

// paint implements pattern.
func (f *randomField) paint(x []float64, p *prior, theta []float64) {
	g, std := make([]float64, len(x)), p.value(theta, f.std, 0)
	f.to(g, p, theta)
	for i, v := range g {
		x[i] *= math.Exp(std * v)
	}
}

// factors implements pattern.
func (f *randomField) factors(p *prior) (lo, hi float64) {
	most := f.most * p.variables[f.std].hi
	return math.Exp(-most), math.Exp(most)
}

// smooth implements pattern.
func (f *randomField) smooth() bool { return true }

// multimodal implements pattern.
func (f *randomField) multimodal() bool { return false }

// levelSet is a material of two phases: the second one is where a Gaussian
// random field is above a threshold (Adler and Taylor 2007, chapter 1).
//
// The share of the area above the threshold t is 1 − Φ(t) on average, since g
// is standard normal at each node on average. The length of the field sets the
// size of the grains.
type levelSet struct {
	*gaussianField
	length       float64
	share, ratio int // indices of variables
	sharp        bool
}

// levelSet reads the variables of two phases.
func (r *reader) levelSet() pattern {
	l := &levelSet{length: r.given.Length, sharp: r.given.Sharp}
	l.share = r.add("share", "share of the second phase", "", r.given.Share,
		limit{0.001, 0.999, "from 0.001 to 0.999"})
	l.ratio = r.add("ratio", "modulus ratio", "", r.given.Ratio, ratioLimit)
	l.gaussianField = r.gaussianField()
	return l
}

// again implements pattern.
func (l *levelSet) again(r *reader) pattern {
	other := *l
	other.ratio = r.add("ratio", "modulus ratio", "", r.given.Ratio, ratioLimit)
	return &other
}

// paint implements pattern. The slope of the field is 1/length along an axis
// (RMS), so that a transition is about as wide as a cell.
//
// t = Φ⁻¹(1 − share). The correlation has the curvature −1/ℓ² at 0, so that
// ∂g/∂x has the variance 1/ℓ². A distance of one rim therefore changes g by
// about rim/ℓ, the width of the transition.
func (l *levelSet) paint(x []float64, p *prior, theta []float64) {
	g := make([]float64, len(x))
	l.to(g, p, theta)
	threshold := distuv.UnitNormal.Quantile(1 - p.value(theta, l.share, 0.5))
	width, ratio := p.rim()/l.length, p.value(theta, l.ratio, 1)
	if l.sharp {
		width /= math.MaxFloat32
	}
	for i, v := range g {
		x[i] *= math.Pow(ratio, min(1, max(0, (v-threshold)/width+0.5)))
	}
}

// factors implements pattern.
func (l *levelSet) factors(p *prior) (lo, hi float64) {
	r := &p.variables[l.ratio]
	return min(1, r.lo), max(1, r.hi)
}

// smooth implements pattern.
func (l *levelSet) smooth() bool { return !l.sharp }

// multimodal implements pattern.
func (l *levelSet) multimodal() bool { return false }
