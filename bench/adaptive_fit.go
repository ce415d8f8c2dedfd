package bench

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// maxParts bounds the parts of a proposal.
const maxParts = 6

// rounds is the number of expectation-maximization steps after a split. They
// need not converge: a proposal only has to cover the posterior.
const rounds = 15

// cluster is a set of weighted points to which a mixture is fitted.
//
// n = 1/Σ w² is the size of a sample of equal weights with the same
// information.
type cluster struct {
	// number of variables
	d      int
	u      []float64 // points that have weight, row by row
	w      []float64 // their weights, of sum 1
	n      float64   // effective number of points
	z      []float64 // scratch
	shares []float64 // of each point in each part
}

// fitMixture returns a mixture of t distributions that covers draws u with
// log-weights logW, rows of d. It returns false if there are too few draws, or
// if ctx has ended.
//
// The fit begins with one normal distribution that has the mean and covariance
// of the draws. In each round it splits one part in two along a principal axis
// of its covariance, the split that lowers Schwarz's criterion most (BIC, with
// the effective number of draws as sample size), and refits all parts by
// weighted expectation-maximization (Cappé, Douc, Guillin, Marin and Robert
// 2008). It stops when no split improves the criterion.
//
// The t distributions take the means of the normal ones. Their scales are the
// covariances, each inflated by (1 + 1/n_k)·n/(n − d), where n_k of n effective
// draws belong to part k. This is the predictive distribution of a normal with
// unknown covariance. The shares are halfway between the fitted shares and
// equal shares: few draws determine the weight of a smaller mode, and with the
// fitted share alone the mode could die out from stage to stage.
func fitMixture(ctx context.Context, u, logW []float64, d int) (mixture, bool) {
	c := newCluster(u, logW, d)
	parts := []part{{share: 1}}
	for range len(c.w) {
		c.shares = append(c.shares, 1)
	}
	if ok := c.maximize(parts); !ok {
		return mixture{}, false
	}
	score := c.score(parts)
	for len(parts) < maxParts && ctx.Err() == nil {
		var best []part
		for k := range parts {
			axes := parts[k].axes()
			for axis := range d {
				if trial, ok := c.split(ctx, parts, k, axes.ColView(axis)); ok {
					if s := c.score(trial); s > score {
						best, score = trial, s
					}
				}
			}
		}
		if best == nil {
			break
		}
		parts = best
	}
	c.expect(parts)
	for k := range parts {
		p := &parts[k]
		n := c.effective(k, len(parts))
		scale := math.Sqrt((n + 1) / n * c.n / (c.n - float64(d)))
		for i := range p.root {
			p.root[i] *= scale
		}
		p.share = (p.share + 1/float64(len(parts))) / 2
		p.normalize(degrees)
	}
	return mixture{degrees, parts}, true
}

// newCluster returns the draws that have weight.
//
// A weight below 10⁻⁶ of the largest cannot move a mean or a covariance
// visibly.
func newCluster(u, logW []float64, d int) *cluster {
	c := &cluster{d: d, z: make([]float64, d)}
	top := slices.Max(logW)
	sum, sum2 := 0.0, 0.0
	for i, l := range logW {
		w := math.Exp(l - top)
		if !(w > 1e-6) { // also if no draw has weight and l − top is NaN
			continue
		}
		c.u, c.w = append(c.u, u[i*d:(i+1)*d]...), append(c.w, w)
		sum, sum2 = sum+w, sum2+w*w
	}
	for i := range c.w {
		c.w[i] /= sum
	}
	c.n = sum * sum / sum2
	return c
}

// effective returns the effective number of points of part k of parts.
//
// It is (Σ v)²/Σ v² of the weights times the shares.
func (c *cluster) effective(k, parts int) float64 {
	var sum, sum2 float64
	for i, w := range c.w {
		v := w * c.shares[i*parts+k]
		sum, sum2 = sum+v, sum2+v*v
	}
	return sum * sum / sum2
}

// maximize sets share, mean and covariance of each part from the points'
// shares. It blends each covariance with the mean covariance of all parts,
// which counts as d + 1 points. A few points then determine a part, so that a
// smaller mode is not lost. It reports whether each part has a point and all
// parts together have enough.
//
// It is the M step of expectation-maximization: share_k = Σ w_i s_ik, mean_k =
// Σ w_i s_ik u_i/share_k, and the covariance likewise. With n_k effective
// points the covariance counts n_k/(n_k + d + 1), and the pooled one the rest.
func (c *cluster) maximize(parts []part) bool {
	d := c.d
	if !(c.n > float64(3*(d+1))) {
		return false
	}
	effective := make([]float64, len(parts))
	covariances, pooled := make([]float64, len(parts)*d*d), make([]float64, d*d)
	for k := range parts {
		p := &parts[k]
		// The number is NaN for a part without points.
		if effective[k] = c.effective(k, len(parts)); !(effective[k] >= 1-1e-9) {
			return false
		}
		p.share, p.mean, p.root = 0, make([]float64, d), make([]float64, d*d)
		for i, w := range c.w {
			w *= c.shares[i*len(parts)+k]
			p.share += w
			for j := range d {
				p.mean[j] += w * c.u[i*d+j]
			}
		}
		for j := range d {
			p.mean[j] /= p.share
		}
		covariance := covariances[k*d*d : (k+1)*d*d]
		for i, w := range c.w {
			w *= c.shares[i*len(parts)+k] / p.share
			for j := range d {
				v := w * (c.u[i*d+j] - p.mean[j])
				for l := range j + 1 {
					covariance[j*d+l] += v * (c.u[i*d+l] - p.mean[l])
				}
			}
		}
		for j, v := range covariance {
			pooled[j] += p.share * v
		}
	}
	for k := range parts {
		covariance, own := covariances[k*d*d:(k+1)*d*d], effective[k]/(effective[k]+float64(d+1))
		for j, v := range covariance {
			covariance[j] = own*v + (1-own)*pooled[j]
		}
		if !cholesky(parts[k].root, covariance, d) {
			return false
		}
		parts[k].normalize(0)
	}
	return true
}

// expect divides each point among the parts by their densities, and returns the
// mean log-density of the mixture.
//
// It is the E step: s_ik = share_k f_k(u_i)/Σ_j share_j f_j(u_i).
func (c *cluster) expect(parts []part) float64 {
	n, d := len(parts), c.d
	if len(c.shares) != len(c.w)*n {
		c.shares = make([]float64, len(c.w)*n)
	}
	mean := 0.0
	for i, w := range c.w {
		sum := logSum{math.Inf(-1), 0}
		shares := c.shares[i*n : (i+1)*n]
		for k := range parts {
			shares[k] = parts[k].logShare + parts[k].logDensity(0, c.u[i*d:(i+1)*d], c.z)
			sum.add(shares[k])
		}
		total := sum.value()
		for k := range shares {
			shares[k] = math.Exp(shares[k] - total)
		}
		mean += w * total
	}
	return mean
}

// score returns the log-likelihood of the parts less half of Schwarz's (1978)
// penalty for their parameters. The parameters of a covariance that is half
// blended count half.
//
// A normal part has one share, d means and d (d + 1)/2 covariances; the shares
// add up to 1, so that one parameter fewer counts.
func (c *cluster) score(parts []part) float64 {
	logLikelihood := c.n * c.expect(parts)
	parameters := -1.0
	for k := range parts {
		own := 1.0
		if len(parts) > 1 {
			n := c.effective(k, len(parts))
			own = n / (n + float64(c.d+1))
		}
		parameters += float64(1+c.d) + own*float64(c.d*(c.d+1)/2)
	}
	return logLikelihood - parameters/2*math.Log(c.n)
}

// split returns the fit that begins with part k cut in two halves across an
// axis. It returns false if a part runs out of points.
func (c *cluster) split(ctx context.Context, parts []part, k int, axis mat.Vector) ([]part, bool) {
	d := c.d
	p := parts[k]
	// One half has the points on this side of the mean.
	c.expect(parts)
	n := len(parts)
	shares := make([]float64, 0, len(c.w)*(n+1))
	for i := range c.w {
		side := 0.0
		for j := range d {
			side += axis.AtVec(j) * (c.u[i*d+j] - p.mean[j])
		}
		own := c.shares[i*n : (i+1)*n]
		shares = append(shares, own...)
		moved := 0.0
		if side > 0 {
			moved = own[k]
			shares[len(shares)-n+k] = 0
		}
		shares = append(shares, moved)
	}
	c.shares = shares
	trial := make([]part, n+1)
	for round := range rounds {
		if round > 0 {
			c.expect(trial)
		}
		if ctx.Err() != nil || !c.maximize(trial) {
			return nil, false
		}
	}
	return trial, true
}

// axes returns the principal axes of the scale matrix, as columns.
//
// The scale matrix is root · rootᵀ.
func (p *part) axes() *mat.Dense {
	d := len(p.mean)
	scale := mat.NewSymDense(d, nil)
	scale.SymOuterK(1, mat.NewDense(d, d, p.root))
	var eigen mat.EigenSym
	if !eigen.Factorize(scale, true) {
		panic("bench: the eigenvectors of a positive definite matrix were not found")
	}
	axes := new(mat.Dense)
	eigen.VectorsTo(axes)
	return axes
}
