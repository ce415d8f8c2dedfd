package table5

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"csdm/bench"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/langevin"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/recipe"
	"csdm/run"
)

// The part of a study that its curves use. A curve shows the trend of errors,
// not their last digit.
const (
	curvePhantoms = 2
	curveDraws    = 100
)

// Curves holds errors against cost, as averages over the first phantoms of one
// noise level.
//
// Each curve answers one question: how long to train, how many evaluations of
// the network to spend on a draw, and from how many measurements on a network
// is cheaper than a method without training.
type Curves struct {
	// measurement noise in percent
	NoisePercent float64 `json:"noise_percent"`
	// number of phantoms behind each point
	Phantoms int `json:"phantoms"`
	// posterior draws of the network's curves
	Draws int `json:"draws"`
	// error against the time of training
	Training []CurvePoint `json:"training"`
	// error against the evaluations of each sampler
	Sampling []CurvePoint `json:"sampling"`
	// error of other methods against their cost
	Cost []CurvePoint `json:"cost"`
	// where the network is cheaper than another method
	BreakEven []BreakEven `json:"break_even"`
	// the network as one point of the cost
	Network NetworkAsCost `json:"network"`
}

// CurvePoint is a point of a curve.
type CurvePoint struct {
	// method, or parameterization of a training
	Method string `json:"method"`
	// noise levels, or steps of a training
	Steps int `json:"steps,omitempty"`
	// evaluations of the network for one draw
	Evaluations int `json:"evaluations,omitempty"`
	Solves      int `json:"solves,omitempty"` // forward solves per measurement
	// time of one core per measurement, or of a training, in seconds
	CoreSeconds float64 `json:"core_seconds,omitempty"`
	// RMSE of the mean, fields in [0, 1]
	Mean float64 `json:"rmse_mean"`
	// RMSE of the standard deviation
	Std float64 `json:"rmse_std"`
	// error of the mean that is due to the number of draws
	FloorMean infer.StatedError `json:"floor_mean"`
	// error of the standard deviation that is due to the number of draws
	FloorStd infer.StatedError `json:"floor_std"`
	// effective sample size
	ESS float64 `json:"ess,omitempty"`
}

// NetworkAsCost is the cost of the network.
type NetworkAsCost struct {
	Training   float64 `json:"training_core_seconds"` // without making the data
	CurvePoint         // of all draws of a measurement
}

// BreakEven compares the network with a method that reaches the same error.
type BreakEven struct {
	// the other method
	Method string `json:"method"`
	// CoreSeconds is the method's time per measurement for errors of mean and
	// std no larger than the network's. It is 0 if no point of its curve
	// reaches them.
	CoreSeconds float64 `json:"core_seconds"`
	// Measurements is the number of measurements from which on the network is
	// cheaper: the time of training over the time saved per measurement. It is
	// 0 if the network saves no time, or if the method never reaches its error.
	Measurements float64 `json:"measurements"`
}

// curveLevel returns the noise level of the curves, the nearest to 5 %.
//
// Of two levels at the same distance it is the first that was given.
func (t *study) curveLevel() *NoiseResult {
	l := t.Levels[0]
	for _, other := range t.Levels {
		if d := other.NoisePercent - 5; d*d < (l.NoisePercent-5)*(l.NoisePercent-5) {
			l = other
		}
	}
	return l
}

// curves computes all curves.
//
// The training curve is made if trainings are given; the other curves need
// Settings.Curves. Few phantoms and draws suffice, because all points of a
// curve use the same measurements: two points differ in the method alone.
func (t *study) curves(ctx context.Context) error {
	l := t.curveLevel()
	cases := l.Cases[:min(curvePhantoms, len(l.Cases))]
	c := &Curves{NoisePercent: l.NoisePercent, Phantoms: len(cases), Draws: curveDraws}
	t.Curves = c
	var err error
	if c.Training, err = t.trainingCurve(ctx, l, cases); err != nil || !t.s.Curves {
		return err
	}
	if c.Sampling, err = t.samplingCurve(ctx, l, cases); err != nil {
		return err
	}
	if c.Cost, err = t.costCurve(ctx, l, cases, costMethods()); err != nil {
		return err
	}
	c.Network = NetworkAsCost{Training: t.coreSeconds(l.Training.Seconds, l.Training.Threads)}
	c.Network.Method, c.Network.Evaluations = "score network, once trained", l.Evaluations
	for _, one := range cases {
		n := float64(len(cases))
		c.Network.CoreSeconds += t.coreSeconds(one.Seconds, one.posterior.Origin.Threads) / n
		c.Network.ESS += float64(one.posterior.Draws) / n
		c.Network.add(one.Exact, n)
	}
	c.BreakEven = breakEven(c.Cost, c.Network)
	return nil
}

// coreSeconds returns seconds times threads. If the number of threads was not
// recorded (0), it takes the number of this call.
//
// A wall time alone would compare a run on 4 cores with one on 64. The product
// assumes that all threads were busy, and so is an upper bound of the work.
func (t *study) coreSeconds(seconds float64, threads int) float64 {
	if threads == 0 {
		threads = t.env.Threads
	}
	return seconds * float64(threads)
}

// breakEven returns for each method its first point with errors no larger than
// the network's.
//
// The points of a method are in order of growing size, so that the first that
// passes is the cheapest. Both errors must pass at the same point. With c
// seconds per measurement for the method, c_n for the network and T for its
// training, M measurements cost M·c and T + M·c_n. They are equal at
//
//	M = T/(c − c_n),
//
// which exists only if c > c_n. T excludes making the training data, as
// NetworkAsCost states.
func breakEven(cost []CurvePoint, network NetworkAsCost) (out []BreakEven) {
	for _, p := range cost {
		k := slices.IndexFunc(out, func(b BreakEven) bool { return b.Method == p.Method })
		if k < 0 {
			k, out = len(out), append(out, BreakEven{Method: p.Method})
		}
		if b := &out[k]; b.CoreSeconds == 0 && p.Mean <= network.Mean && p.Std <= network.Std {
			b.CoreSeconds = p.CoreSeconds
			if saved := p.CoreSeconds - network.CoreSeconds; saved > 0 {
				b.Measurements = network.Training / saved
			}
		}
	}
	return out
}

// point returns the value of a point from its file, or computes and stores it.
//
// Points are small and slow to compute. Each is a file of its own, so that a
// stopped study loses at most one.
func (t *study) point(name string, id identity.Identity,
	compute func() (*CurvePoint, error)) (*CurvePoint, error) {
	part := infer.KeptPart{Path: filepath.Join(t.dir, "curves", name+".json"), Identity: id,
		Overwrite: t.s.Overwrite}
	p, made, err := infer.PartValue(part, "a point of a curve", compute)
	t.made = t.made || made
	return p, err
}

// network draws the posteriors of the cases with a model under the given
// sampling settings.
//
// Time and both errors are averages over the cases. Evaluations are per draw:
// the count of the last case over its number of draws, which is equal for all,
// since the samplers of a study take a fixed number of steps.
func (t *study) network(ctx context.Context, model *nn.Model, sampling langevin.Settings,
	cases []Case) (*CurvePoint, error) {
	p := &CurvePoint{}
	n := float64(len(cases))
	for _, c := range cases {
		post, err := infer.Sample(ctx, model, c.measurement, sampling, infer.Job{Seed: t.s.Seed},
			t.env)
		if err != nil {
			return nil, err
		}
		s := infer.NewDrawsComparison("", &post.Posterior, "", c.exact.Normalized(), 0)
		p.add(s, n)
		p.CoreSeconds += t.coreSeconds(post.Origin.Seconds, post.Origin.Threads) / n
		p.Evaluations = post.Origin.Evaluations / sampling.Draws
	}
	return p, nil
}

// add adds one of n comparisons to the averages of the point.
func (p *CurvePoint) add(s infer.Comparison, n float64) {
	p.Mean += s.Mean / n
	p.Std += s.Std / n
	p.FloorMean += s.FloorMean / infer.StatedError(n)
	p.FloorStd += s.FloorStd / infer.StatedError(n)
}

// trained reads the model of a run folder. The model must have the problem and
// noise of the curves.
func (t *study) trained(folder string) (*nn.Model, error) {
	return History(folder, t.Problem, t.Grid, t.curveLevel().NoisePercent)
}

// History reads the model of a finished run folder whose kept checkpoints show
// its training. It returns an error if there are no checkpoints, or if the
// model has another problem, grid or noise level than the curves.
//
// The averaged weights of a checkpoint fit only a network of the same size, and
// a curve of two problems in one figure would compare their difficulty and not
// the trainings.
func History(folder, problem string, grid int, noisePercent float64) (*nn.Model, error) {
	model, err := run.OpenModel(filepath.Join(folder, run.ModelFile))
	if err != nil {
		return nil, err
	}
	if m := model.Meta; m.Problem != problem || min(m.Rows, m.Cols) != grid ||
		m.NoisePercent != noisePercent {
		return nil, cli.Usage(
			fmt.Errorf("%s holds a model of %s, %d×%d, %g %% noise; the curves need one of %s, "+
				"%d×%d, %g %%", folder, m.Problem, m.Rows, m.Cols, m.NoisePercent, problem, grid,
				grid, noisePercent))
	}
	paths, err := train.Checkpoints(folder)
	if err == nil && len(paths) == 0 {
		err = cli.Usage(
			fmt.Errorf("%s has no kept checkpoints; train with --set training.keep_every=500",
				folder))
	}
	return model, err
}

// trainingCurve evaluates the averaged weights of the checkpoints that
// trainings kept.
//
// Each checkpoint's weights are copied into the one network of the folder, and
// its packed copies are made again (nn, Repack). The averaged weights are used,
// since the sampler of a finished model uses them too. The x axis is the time
// that training had taken at the checkpoint, times its threads.
func (t *study) trainingCurve(ctx context.Context, l *NoiseResult,
	cases []Case) (out []CurvePoint, err error) {
	for _, folder := range t.s.Trainings {
		model, err := t.trained(folder)
		if err != nil {
			return nil, err
		}
		paths, err := train.Checkpoints(folder)
		if err != nil {
			return nil, err
		}
		sampling := recipe.Sampling(model, curveDraws)
		if model.Parameterization.Name() == (nn.Paper{}).Name() {
			// Its scores are rougher and need more, smaller steps.
			sampling.Levels, sampling.Corrections = 20, 0
		}
		for _, path := range paths {
			c, err := train.ReadCheckpoint(path)
			if err != nil {
				return nil, err
			}
			if len(c.EMA) != len(model.Net.Flat()) {
				return nil, cli.Data(fmt.Errorf("%s has %d weights; the model in the same folder "+
					"has %d", path, len(c.EMA), len(model.Net.Flat())))
			}
			copy(model.Net.Flat(), c.EMA)
			model.Net.Repack()
			name := model.Parameterization.Name()
			id := t.networkPoint(model, sampling, cases)
			p, err := t.point(fmt.Sprintf("training-%s-%06d", name, c.Step), id,
				func() (*CurvePoint, error) {
					t.env.Note(fmt.Sprintf("%s after %d steps", name, c.Step))
					p, err := t.network(ctx, model, sampling, cases)
					if p != nil {
						p.Method, p.Steps, p.CoreSeconds = name, c.Step,
							t.coreSeconds(c.Elapsed.Seconds(), model.Meta.Training.Threads)
					}
					return p, err
				})
			if err != nil {
				return nil, err
			}
			out = append(out, *p)
		}
	}
	return out, nil
}

// networkPoint returns the identity of a point of a network's curve.
//
// The number of cases and all values that the point compares with are part of
// it. The threads are not: a draw does not depend on them.
func (t *study) networkPoint(model *nn.Model, sampling langevin.Settings,
	cases []Case) identity.Identity {
	b := identity.New("network point", 1).AddIdentity("model", model.Identity()).Add("sampling",
		sampling, "Cases").Add("seed", t.s.Seed)
	return addCases(b, cases).Identity()
}

// addCases adds the parts of the cases that the curves use.
func addCases(b *identity.Builder, cases []Case) *identity.Builder {
	for k, c := range cases {
		name := "measurement " + strconv.Itoa(k+1)
		b.AddFloats(name, c.measurement).AddFloats("exact mean of "+name,
			c.exact.Mean).AddFloats("exact std of "+name, c.exact.Std)
	}
	return b
}

// samplingCurve runs each sampler with few and with many evaluations.
//
// The samplers differ in their order. With L levels and k steps per level, the
// evaluations of one draw are (langevin, Evaluations)
//
//	DPM-Solver++(2M)             L
//	Heun                         2·L − 1
//	predictor-corrector          L + k·(L − 1)
//	annealed Langevin dynamics   L·k + 1
//
// plus the model's corrections. A fair axis is thus the number of evaluations
// and not of levels.
func (t *study) samplingCurve(ctx context.Context, l *NoiseResult,
	cases []Case) (out []CurvePoint, err error) {
	for _, m := range []struct {
		sampler langevin.Sampler
		levels  []int
		each    int // steps per level; −1: the model's corrections
	}{
		{langevin.SamplerDPMSolverPP2M, []int{4, 6, 8, 12, 20, 40}, 0},
		{langevin.SamplerDPMSolverPP2M, []int{6, 8, 12}, -1},
		{langevin.SamplerHeun, []int{3, 5, 8, 12, 20}, 0},
		{langevin.SamplerPredictorCorrector, []int{5, 8, 12, 20}, 1},
		{langevin.SamplerAnnealed, []int{20, 128}, 5},
	} {
		for _, levels := range m.levels {
			sampling := recipe.Sampling(l.model, curveDraws)
			name := string(m.sampler)
			if sampling.Levels = levels; m.each < 0 {
				if name += ", corrected"; sampling.Corrections == 0 {
					continue
				}
			} else {
				sampling.Sampler, sampling.StepsPerLevel = m.sampler, m.each
				sampling.Corrections = 0
			}
			if m.sampler == langevin.SamplerAnnealed {
				sampling.Form = langevin.FormEq18
			}
			id := t.networkPoint(l.model, sampling, cases)
			p, err := t.point(fmt.Sprintf("sampling-%s-%03d", strings.ReplaceAll(name, ", ", "-"),
				levels), id, func() (*CurvePoint, error) {
				t.env.Note(fmt.Sprintf("%s, %d levels", name, levels))
				p, err := t.network(ctx, l.model, sampling, cases)
				if p != nil {
					p.Method, p.Steps = name, levels
				}
				return p, err
			})
			if err != nil {
				return nil, err
			}
			out = append(out, *p)
		}
	}
	return out, nil
}

// costMethod is a method that needs no network, at one size.
type costMethod struct {
	name string
	size []float64 // number of draws; or of chains and steps, and the step size
	run  func(ctx context.Context, l *NoiseResult, y []float64, seed uint64, threads int) (costly,
		error)
}

// costly is a posterior with its cost: forward solves, and wall time in seconds
// times the threads that worked.
type costly struct {
	*bench.Posterior
	solves      int
	coreSeconds float64
}

// importanceMethod weights prior draws.
//
// Its size is a multiple of bench.ImportanceRound, the number of draws between
// two states.
func importanceMethod(rounds int) costMethod {
	return costMethod{"importance sampling", []float64{float64(rounds * bench.ImportanceRound)},
		func(ctx context.Context, l *NoiseResult, y []float64, seed uint64, threads int) (costly,
			error) {
			r, err := bench.Importance(ctx, l.problem, y,
				bench.ImportanceSettings{Draws: rounds * bench.ImportanceRound, Seed: seed,
					Threads: threads})
			if err != nil {
				return costly{}, err
			}
			return costly{&r.Posterior, r.Solves, r.Elapsed.Seconds() * float64(threads)}, nil
		}}
}

// chainSteps holds the step of each kernel. At 5 % noise about a third of the
// proposals is accepted.
var chainSteps = map[bench.Kernel]float64{bench.RandomWalk: 0.02, bench.PCN: 0.06}

// chainMethod runs four Markov chains on the prior's variables.
//
// Burn-in is a quarter of the steps, whose solves count as cost and whose
// states are dropped. Chains run in parallel, at most one per thread; more
// threads than chains stay idle and are not counted.
func chainMethod(name string, kernel bench.Kernel, steps int) costMethod {
	const chains = 4
	return costMethod{name, []float64{chains, float64(steps), chainSteps[kernel]},
		func(ctx context.Context, l *NoiseResult, y []float64, seed uint64, threads int) (costly,
			error) {
			r, err := bench.Metropolis(ctx, l.problem, y, bench.MCMCSettings{
				Kernel: kernel, Step: chainSteps[kernel], Chains: chains, BurnIn: steps / 4,
				Steps: steps, Seed: seed, Threads: threads,
			})
			if err != nil {
				return costly{}, err
			}
			seconds := r.Elapsed.Seconds() * float64(min(chains, threads))
			return costly{&r.Posterior, r.Solves, seconds}, nil
		}}
}

// costMethods returns the methods of the cost curve, each at growing size.
//
// Sizes grow by a factor of 4, so that the error of independent draws would
// halve from point to point: a curve of slope −1/2 on two logarithmic axes.
func costMethods() (all []costMethod) {
	for _, rounds := range []int{1, 4, 16} {
		all = append(all, importanceMethod(rounds))
	}
	sizes := []int{250, 1000, 4000, 16000}
	for _, steps := range sizes {
		all = append(all, chainMethod("random-walk Metropolis", bench.RandomWalk, steps))
	}
	for _, steps := range sizes {
		all = append(all, chainMethod("pCN", bench.PCN, steps))
	}
	return all
}

// costCurve runs the methods on each case.
//
// The same seed serves each method. Solves is an average, rounded down for each
// case.
func (t *study) costCurve(ctx context.Context, l *NoiseResult, cases []Case,
	methods []costMethod) (out []CurvePoint, err error) {
	r := l.problem.Spec().XRange
	for k, m := range methods {
		b := problems.Identify("cost point", 1, l.problem).Add("method", m.name).Add("size",
			m.size).Add("seed", t.s.Seed)
		id := addCases(b, cases).Identity()
		p, err := t.point(fmt.Sprintf("cost-%02d", k), id, func() (*CurvePoint, error) {
			t.env.Note(fmt.Sprintf("%s, %d of %d", m.name, k+1, len(methods)))
			p := &CurvePoint{Method: m.name}
			n := float64(len(cases))
			for _, c := range cases {
				post, err := m.run(ctx, l, c.measurement, t.s.Seed, t.env.Threads)
				if err != nil {
					return nil, err
				}
				p.add(infer.NewComparison("", post.Scaled(r.Min, r.Width()), "",
					c.exact.Normalized(),
					0), n)
				p.Solves += post.solves / len(cases)
				p.CoreSeconds += post.coreSeconds / n
				p.ESS += post.ESS / n
			}
			return p, nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, *p)
	}
	return out, nil
}
