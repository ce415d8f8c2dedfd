package tasks

import (
	"fmt"
	"math"
	"slices"

	"csdm/bench"
	"csdm/rng"
)

// Draws are rows of parameters with equal weight, from the posterior.
//
// P holds rows of X parameters.
type Draws struct {
	P      []float64
	Method string
	// Of the weights that the draws were chosen by; 0 if they are exact.
	ESS, KHat float64
	Solves    int // values of the posterior density
}

// Settings of the weighted draws.
//
// centerCount Gaussian-like kernels with neighborCount neighbors each follow a
// curved posterior, as of two moons, that a few ellipsoids would not.
const (
	centerCount   = 1000 // of the proposal
	neighborCount = 60   // that give the covariance of a center
	perDraw       = 4    // proposals for each draw
	firstDraws    = 50_000
	mostStages    = 12
	goodShare     = 0.1 // effective sample size over proposals at which a search ends
	enoughESS     = 3   // effective sample size for each certified draw
)

// Reference draws n vectors from the posterior for y: exactly where it has a
// closed form, and else by weighted proposals that begin at the prior. It
// returns an error if the weights do not certify the draws.
//
// Stage by stage the centers move to where the weights are, until a tenth of
// the proposals is effective. Then one more set is drawn from these centers,
// independent of them given the centers, and only this last set is used:
// weights of earlier stages are not mixed in.
func (t *Task) Reference(y []float64, n int, seed uint64) (*Draws, error) {
	s := rng.New(seed, rng.Reference, 0, 0)
	if t.exact != nil {
		d := &Draws{P: make([]float64, n*t.X), Method: "exact"}
		for i := range n {
			t.exact(d.P[i*t.X:][:t.X], y, s)
		}
		return d, nil
	}
	// The first proposals are the prior itself.
	w := &weigher{task: t, y: y, stream: s}
	u, logW := make([]float64, firstDraws*t.X), make([]float64, firstDraws)
	for i := range logW {
		row := u[i*t.X:][:t.X]
		t.prior(row, s)
		logW[i] = t.logLikelihood(t.parameters(row), y)
	}
	w.solves = firstDraws
	for range mostStages {
		if err := w.reached(logW); err != nil {
			return nil, err
		}
		done := bench.ESSWeights(logW) >= goodShare*float64(len(logW))
		w.setCenters(u, logW)
		if u, logW = w.propose(perDraw * n); done {
			break
		}
	}
	return w.choose(u, logW, n, "weighted draws")
}

// Certify weighs draws of a network by the posterior density, and draws n
// vectors by the weights. It returns an error if the weights do not certify
// them.
//
// The network's draws are the first centers with equal weights. Proposals
// accumulate from the last proposal density until each certified draw has
// enoughESS effective proposals behind it, or mostStages rounds are over.
func (t *Task) Certify(u, y []float64, n int, seed uint64) (*Draws, error) {
	w := &weigher{task: t, y: y, stream: rng.New(seed, rng.Reference, 1, 0)}
	w.setCenters(u, make([]float64, len(u)/t.X))
	proposals, logW := w.propose(perDraw * n)
	for range mostStages {
		if bench.ESSWeights(logW) >= goodShare*float64(len(logW)) {
			break
		}
		if err := w.reached(logW); err != nil {
			return nil, err
		}
		w.setCenters(proposals, logW)
		proposals, logW = w.propose(perDraw * n)
	}
	// Proposals that are drawn twice would spoil the draws.
	for range mostStages {
		if bench.ESSWeights(logW) >= enoughESS*float64(n) {
			break
		}
		more, logMore := w.propose(perDraw * n)
		proposals, logW = append(proposals, more...), append(logW, logMore...)
	}
	return w.choose(proposals, logW, n, "certified")
}

// weigher draws proposals around centers and weighs them. The proposal is a
// mixture of t-distributions of five degrees of freedom, whose covariances
// follow the neighbors of each center.
//
// The proposal density is
//
//	q(u) = 1/K Σ_c t₅(u; center_c, shape_c)
//
// and the weight of a proposal p(u) p(y | u)/q(u).
type weigher struct {
	task    *Task
	y       []float64
	stream  *rng.Stream
	centers []float64
	shapes  []*cholesky
	solves  int
}

// setCenters chooses centers from weighted rows. Where few rows have all the
// weight, it raises the weights to a power, so that the centers spread over as
// many rows as there are neighbors of each.
//
// The power β solves ESS(w^β) ≥ 4 · neighborCount approximately, in steps of
// 0.8. The covariance of a center is Σ (row − center)(row − center)ᵀ over its
// nearest rows, distances in standard deviations of all centers.
func (w *weigher) setCenters(u, logW []float64) {
	power := 1.0
	tempered := slices.Clone(logW)
	for bench.ESSWeights(tempered) < 4*neighborCount && power > 1e-6 {
		power *= 0.8
		for i, l := range logW {
			tempered[i] = power * l
		}
	}
	d := w.task.X
	w.centers = Pick(u, tempered, centerCount, d, w.stream)
	w.shapes = make([]*cholesky, centerCount)
	distances, order := make([]float64, centerCount), make([]int, centerCount)
	scale := newScale(w.centers, d)
	for c := range w.shapes {
		at := w.centers[c*d:][:d]
		for k := range distances {
			order[k], distances[k] = k, 0
			for i, v := range w.centers[k*d:][:d] {
				z := (v - at[i]) / scale.deviation[i]
				distances[k] += z * z
			}
		}
		slices.SortFunc(order, func(a, b int) int {
			if distances[a] != distances[b] {
				if distances[a] < distances[b] {
					return -1
				}
				return 1
			}
			return a - b
		})
		covariance := make([]float64, d*d)
		for _, k := range order[:neighborCount] {
			row := w.centers[k*d:][:d]
			for i := range d {
				for j := range d {
					covariance[i*d+j] += (row[i] - at[i]) * (row[j] - at[j]) / neighborCount
				}
			}
		}
		w.shapes[c] = newCholesky(covariance, d)
	}
}

// kernelFreedom is the number of degrees of freedom of the t-distributions.
const kernelFreedom = 5

// propose draws n rows from the proposal, and returns them with their
// log-weights.
//
// A t-distribution with ν degrees of freedom is center + L z √(ν/χ²_ν). Its
// tails are heavier than the posterior's, so that weights stay bounded there.
// NaN counts as no weight.
func (w *weigher) propose(n int) (u, logW []float64) {
	d, s := w.task.X, w.stream
	u, logW = make([]float64, n*d), make([]float64, n)
	z := make([]float64, d)
	for i := range n {
		c, row := int(s.Uint64n(centerCount)), u[i*d:][:d]
		for k := range z {
			z[k] = s.Normal()
		}
		chi := 0.0
		for range kernelFreedom {
			v := s.Normal()
			chi += v * v
		}
		w.shapes[c].times(row, z)
		for k := range row {
			row[k] = w.centers[c*d+k] + row[k]*math.Sqrt(kernelFreedom/chi)
		}
		if logW[i] = w.task.logPosterior(row, w.y); !math.IsInf(logW[i], -1) {
			logW[i] -= w.density(row, z)
		}
		if logW[i] != logW[i] {
			logW[i] = math.Inf(-1)
		}
	}
	w.solves += n
	return u, logW
}

// density returns the log-density of the proposal up to a constant. It uses v
// as scratch.
//
// ln Σ_c det(L_c)⁻¹ (1 + ‖L_c⁻¹ (u − center_c)‖²/ν)^(−(ν + d)/2), up to a
// constant.
func (w *weigher) density(u, v []float64) float64 {
	d, sum := len(u), 0.0
	for c, shape := range w.shapes {
		for i := range v {
			v[i] = u[i] - w.centers[c*d+i]
		}
		q := 1 + shape.square(v)/kernelFreedom
		sum += math.Exp(-shape.logDet - float64(kernelFreedom+d)/2*math.Log(q))
	}
	return math.Log(sum)
}

// reached returns an error if no proposal has a weight.
func (w *weigher) reached(logW []float64) error {
	if slices.Max(logW) > math.Inf(-1) {
		return nil
	}
	return fmt.Errorf("%s: no draws: none of %d proposals has a likelihood", w.task.Name, len(logW))
}

// choose returns n rows drawn by their weights. It returns an error if the
// weights do not certify them.
//
// k̂ below 0.7 and a tenth of n effective draws are the least.
func (w *weigher) choose(u, logW []float64, n int, method string) (*Draws, error) {
	if err := w.reached(logW); err != nil {
		return nil, err
	}
	p := bench.PSIS(logW)
	if !(p.KHat < bench.MaxKHat) || p.ESS < float64(n)/10 {
		return nil, fmt.Errorf("%s: the weights do not certify the draws: Pareto k̂ %.2g, "+
			"effective sample size %.0f of %d; at most %g and at least %d are needed",
			w.task.Name, p.KHat, p.ESS, len(logW), bench.MaxKHat, n/10)
	}
	return &Draws{P: w.task.parameters(Pick(u, logW, n, w.task.X, w.stream)), Method: method,
		ESS: p.ESS, KHat: p.KHat, Solves: w.solves}, nil
}

// Pick draws n of the rows of d numbers by their log-weights, evenly spaced
// over the sum of the weights (systematic resampling), and shuffles them.
//
// Row i with the normalized weight w_i appears ⌊n w_i⌋ or ⌈n w_i⌉ times:
// systematic resampling adds less variance than independent choices. The
// shuffle removes the order.
func Pick(u, logW []float64, n, d int, s *rng.Stream) []float64 {
	top, total := slices.Max(logW), 0.0
	for _, l := range logW {
		total += math.Exp(l - top)
	}
	out := make([]float64, 0, n*d)
	at, sum := s.Float64(), 0.0
	for i, l := range logW {
		sum += math.Exp(l-top) / total * float64(n)
		for ; at < sum && len(out) < n*d; at++ {
			out = append(out, u[i*d:][:d]...)
		}
	}
	for len(out) < n*d { // rounding
		out = append(out, out[len(out)-d:]...)
	}
	for i := n - 1; i > 0; i-- {
		j := int(s.Uint64n(uint64(i + 1)))
		for k := range d {
			out[i*d+k], out[j*d+k] = out[j*d+k], out[i*d+k]
		}
	}
	return out
}
