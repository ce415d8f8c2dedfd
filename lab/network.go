package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"csdm/bench"
	"csdm/infer"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

// networkName is the embedded network of the rooms "noise levels" and
// "annealing", and networkNoise the measurement noise of its training.
const (
	networkName  = "quasistatic-28-n5"
	networkNoise = 5
)

// network is the room of a learned score and the exact one.
type network struct {
	*inverse
	model func() (*nn.Model, error) // read once

	mu    sync.Mutex
	at    inverseInput // of exact
	exact *langevin.Points
}

func (s *Server) addNetwork() error {
	r := &network{inverse: s.inverse, model: sync.OnceValues(func() (*nn.Model, error) {
		return infer.BuiltinModel(networkName)
	})}
	s.rooms["level"], s.rooms["levels"], s.rooms["anneal"] = r.level, r.levels, r.anneal
	return nil
}

// conditions is a measurement with both scores of its posterior.
type conditions struct {
	*simulated
	model *nn.Model
	x     []float64 // normalized true field
	net   *nn.Scorer
}

// condition makes the measurement of a state and prepares the network for it:
// fields and measurement are normalized as in its training.
func (r *network) condition(in *inverseInput) (*conditions, error) {
	in.Noise = networkNoise
	model, err := r.model()
	if err != nil {
		return nil, err
	}
	m, err := r.measure(in)
	if err != nil {
		return nil, err
	}
	n := &model.Meta.Normalization
	c := &conditions{simulated: m, model: model, x: make([]float64, len(m.x))}
	n.NormalizeX(c.x, m.x, len(c.x))
	y := make([]float64, len(m.y))
	n.NormalizeY(y, m.y)
	c.net = model.Condition(y)()
	return c, nil
}

// tableScore returns the exact score of the posterior from the table.
func (r *network) tableScore(ctx context.Context, c *conditions) (*langevin.Points, error) {
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	t, err := r.table.Posterior(ctx, c.y, networkNoise/100.*problemUnit)
	if err != nil {
		return nil, err
	}
	return bench.ExactScore(ctx, c.problem, t.Points, c.unit(), r.server.env.Threads)
}

// unit returns the range of normalized fields.
func (c *conditions) unit() problems.Range {
	n := &c.model.Meta.Normalization
	return problems.Range{Min: n.XMin, Max: n.XMax}
}

// denoise sets dst to x + σ² s(x).
//
// It is Tweedie's formula (Efron 2011): the mean of all fields that agree with
// the noisy one,
//
//	E[x₀|x, y] = x + σ²·∇ log p_σ(x|y).
func denoise(dst []float64, s langevin.Scorer, x []float64, sigma float64) error {
	if err := s.Score(dst, x, sigma); err != nil {
		return err
	}
	for k, v := range x {
		dst[k] = v + sigma*sigma*dst[k]
	}
	return nil
}

// level computes one noisy field and both denoised fields.
//
// network_error is the RMSE between the two denoised fields, and irreducible
// the RMSE of the exact one from the true field: the part of the loss that no
// network can remove. fields is the effective number of fields of the posterior
// that the noisy one may come from.
func (r *network) level(ctx context.Context, input []byte, emit func(any) error) error {
	in := &struct {
		inverseInput
		Sigma float64 `json:"sigma"`
		Z     uint64  `json:"z"` // number of the noise
	}{}
	if err := read(input, in); err != nil {
		return err
	}
	if err := between("σ", in.Sigma, 0.01, 20); err != nil {
		return err
	}
	c, err := r.condition(&in.inverseInput)
	if err != nil {
		return err
	}
	points, err := r.tableScore(ctx, c)
	if err != nil {
		return err
	}
	noisy, learned, exact := make([]float64, len(c.x)), make([]float64, len(c.x)),
		make([]float64, len(c.x))
	perturb(noisy, c.x, in.Sigma, in.Z)
	if err := c.net.Denoise(learned, noisy, in.Sigma); err != nil {
		return err
	}
	scorer := points.NewScorer()
	if err := denoise(exact, scorer, noisy, in.Sigma); err != nil {
		return err
	}
	return emit(map[string]any{"rows": grid, "x": floats(c.x), "noisy": floats(noisy),
		"learned": floats(learned), "exact": floats(exact),
		"network_error": bench.RMSE(learned, exact), "irreducible": bench.RMSE(c.x, exact),
		"fields": number(scorer.Effective())})
}

// perturb sets dst to x + σz.
func perturb(dst, x []float64, sigma float64, z uint64) {
	stream := rng.New(z, rng.Z, 0, 0)
	for k, v := range x {
		dst[k] = v + sigma*stream.Normal()
	}
}

// levels computes the errors over σ, one line for each level. The noisy fields
// are draws of the exact posterior with noise.
//
// The errors are root mean squares over levelStates fields. For a noisy field
// x̃ with the denoised fields D of the network and D* of the exact score,
//
//	E‖D − x‖² = E‖D − D*‖² + E‖D* − x‖²,
//
// since D* is the conditional mean: the loss of the training is the sum of the
// squares of the two curves.
func (r *network) levels(ctx context.Context, input []byte, emit func(any) error) error {
	in := &inverseInput{}
	if err := read(input, in); err != nil {
		return err
	}
	c, err := r.condition(in)
	if err != nil {
		return err
	}
	points, err := r.tableScore(ctx, c)
	if err != nil {
		return err
	}
	draws, err := r.posteriorDraws(ctx, c, levelStates)
	if err != nil {
		return err
	}
	scorer := points.NewScorer()
	noisy, learned, exact := make([]float64, len(c.x)), make([]float64, len(c.x)),
		make([]float64, len(c.x))
	sigmas, err := langevin.Geometric(10, 0.03, 16)
	if err != nil {
		return err
	}
	for i, sigma := range sigmas {
		network, irreducible := 0.0, 0.0
		for k, x := range draws {
			perturb(noisy, x, sigma, uint64(i*levelStates+k))
			if err := errors.Join(c.net.Denoise(learned, noisy, sigma),
				denoise(exact, scorer, noisy, sigma)); err != nil {
				return err
			}
			network += math.Pow(bench.RMSE(learned, exact), 2) / levelStates
			irreducible += math.Pow(bench.RMSE(x, exact), 2) / levelStates
		}
		if err := emit(map[string]any{"sigma": sigma, "network": math.Sqrt(network),
			"irreducible": math.Sqrt(irreducible)}); err != nil {
			return err
		}
	}
	return nil
}

// levelStates is the number of noisy fields behind an error of a level.
const levelStates = 8

// posteriorDraws returns n normalized draws of the table's posterior.
func (r *network) posteriorDraws(ctx context.Context, c *conditions, n int) ([][]float64, error) {
	t, err := r.table.Posterior(ctx, c.y, networkNoise/100.*problemUnit)
	if err != nil {
		return nil, err
	}
	draws := make([][]float64, n)
	for k, row := range drawRows(t.Points, n, rng.New(1, rng.Reference, 0, 0)) {
		x := make([]float64, len(c.x))
		c.problem.Field(x, t.Points.Theta[2*row:2*row+2])
		c.model.Meta.Normalization.NormalizeX(x, x, len(x))
		draws[k] = x
	}
	return draws, nil
}

// drawRows returns n rows of a weighted posterior, drawn by their weights.
//
// The weights are divided by the largest before they are exponentiated:
// log-weights of −1000 would all be 0. The search along the cumulative sum
// takes a time proportional to the number of rows, which n of a few draws
// allows.
func drawRows(w bench.Weighted, n int, s *rng.Stream) []int {
	top, total := slices.Max(w.LogWeights), 0.0
	for _, l := range w.LogWeights {
		total += math.Exp(l - top)
	}
	rows := make([]int, n)
	for k := range rows {
		u := s.Float64() * total
		for i, l := range w.LogWeights {
			rows[k] = i
			if u -= math.Exp(l - top); u < 0 {
				break
			}
		}
	}
	return rows
}

// shownChains is the number of chains whose fields the page shows.
const shownChains = 6

// anneal draws from the posterior, as csdm sample does, and hands out each
// chain with its way down the levels.
//
// The command at the page makes the same draws, bit for bit: same seed, key of
// the measurement and settings.
func (r *network) anneal(ctx context.Context, input []byte, emit func(any) error) error {
	in := &struct {
		inverseInput
		Sampler string `json:"sampler"`
		Levels  int    `json:"levels"`
		Chains  int    `json:"chains"`
		Start   uint64 `json:"start"` // seed of the draws
		Exact   bool   `json:"exact"`
	}{}
	if err := read(input, in); err != nil {
		return err
	}
	if err := errors.Join(between("the number of chains", float64(in.Chains), 2, 24),
		between("the number of levels", float64(in.Levels), 2, 60)); err != nil {
		return err
	}
	c, err := r.condition(&in.inverseInput)
	if err != nil {
		return err
	}
	s := recipe.Sampling(c.model, in.Chains)
	if s.Sampler = langevin.Sampler(in.Sampler); s.Sampler != langevin.SamplerDPMSolverPP2M &&
		s.Sampler != langevin.SamplerHeun && s.Sampler != langevin.SamplerPredictorCorrector {
		return refused("sampler is %q; it must be dpmpp2m, heun or pc", in.Sampler)
	}
	s.Levels = in.Levels
	if s.Sampler == langevin.SamplerPredictorCorrector {
		s.StepsPerLevel = 1
	}
	if s, err = s.ForMeasurement(in.Start, infer.MeasurementKey(c.y), 1); err != nil {
		return err
	}
	var scorer langevin.Scorer = c.net
	if in.Exact {
		points, err := r.exactScore(ctx, c, in.inverseInput)
		if err != nil {
			return err
		}
		scorer = points.Scorer()
	}
	command := fmt.Sprintf("csdm sample --model builtin:%s --y y.npy --draws %d --seed %d "+
		"--sampler %s --levels %d", networkName, in.Chains, in.Start, s.Sampler, s.Levels)
	if s.Sampler == langevin.SamplerPredictorCorrector {
		command += " --set sampling.steps_per_level=1"
	}
	if in.Exact {
		command += " --score exact"
	}
	return r.walkDown(ctx, c, s, scorer, command+" -o draws.npz", emit)
}

// exactScore returns the exact score from the quadrature, as csdm sample
// --score exact takes it. It keeps the last one.
func (r *network) exactScore(ctx context.Context, c *conditions,
	in inverseInput) (*langevin.Points, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.exact != nil && r.at == in {
		return r.exact, nil
	}
	t, err := infer.ReferencePosterior(ctx, remembering{c.problem, r.solutions}, c.y,
		recipe.NewReference(recipe.MethodAuto), infer.Job{Seed: 1}, r.server.env)
	if err != nil {
		return nil, err
	}
	points, err := bench.ExactScore(ctx, c.problem, t.Points, c.unit(), r.server.env.Threads)
	if err != nil {
		return nil, err
	}
	r.at, r.exact = in, points
	return points, nil
}

// walkDown samples with a record of each chain, and emits one line for each.
//
// The arrays of a chain are used again for the next: each line is written
// before the next draw begins. The centers are measured on the denoised fields,
// in cm, since a noisy state has no disc.
func (r *network) walkDown(ctx context.Context, c *conditions, s langevin.Settings,
	scorer langevin.Scorer, command string, emit func(any) error) error {
	evaluations, size := s.Evaluations(), len(c.x)
	states, denoised := make(floats, evaluations*size), make(floats, evaluations*size)
	sigmas := make([]float64, evaluations)
	centers := make(floats, 2*evaluations)
	quantified, ok := c.problem.(problems.Quantified)
	if !ok {
		return errors.New("lab: the problem has no quantities")
	}
	physical, q := make([]float64, size), make([]float64, 2)
	record := &recorder{Scorer: scorer, evaluations: evaluations,
		seen: func(_, k int, x, score []float64, sigma float64) error {
			copy(states[k*size:], x)
			d := denoised[k*size : (k+1)*size]
			for i, v := range x {
				d[i] = v + sigma*sigma*score[i]
			}
			sigmas[k] = sigma
			c.model.Meta.Normalization.PhysicalX(physical, d, len(physical))
			quantified.Quantify(q, physical)
			copy(centers[2*k:], q)
			return nil
		}}
	_, err := langevin.Sample(ctx, func() langevin.Scorer { return record }, size, s,
		func(draw int, x []float64) error {
			line := map[string]any{"draw": draw, "sigmas": sigmas, "centers": centers,
				"last": floats(x)}
			if draw < shownChains {
				line["states"], line["denoised"] = states, denoised
			}
			if draw == 0 {
				line["command"], line["x"], line["rows"] = command, floats(c.x), grid
			}
			return emit(line)
		})
	return err
}
