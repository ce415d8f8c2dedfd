package accuracy

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/internal/shard"
	"csdm/measured"
	"csdm/models"
	"csdm/problems"
	"csdm/recipe"
)

// Settings are the settings of a study.
type Settings struct {
	Cases   int      // fresh measurements of each problem
	Methods []string // names; empty: all that apply, except those that must be named
	// Budgets are numbers of forward solves for the methods without a network.
	Budgets []int
	Seeds   int // of each method: Seed, Seed + 1, …
	Seed    uint64
	// Reference is the method of the reference posterior of each measurement.
	// An empty method is the one of the problem's presets.
	Reference recipe.Reference
	// ReferenceESS is the effective sample size at which an adaptive reference
	// ends. Its error falls as 1/√ReferenceESS and should be less than the
	// methods'.
	ReferenceESS float64
	// Measured is the share of its values that each measurement has, at random
	// places; 0: all.
	Measured float64
	// TrainingCPUSeconds is the CPU time of training and data; 0: as far as the
	// model stores it.
	TrainingCPUSeconds float64
	// Overwrite computes a finished study again and replaces parts with other
	// settings.
	Overwrite bool
	// Part is a call for a part of the measurements; nil: for all. It writes no
	// tables; the call for all then finds all posteriors.
	Part *shard.Assignment
}

// Seed is the default seed of the measurements. No training set made with the
// defaults has this seed.
const Seed = 56

// Result is the result of a study.
type Result struct {
	// folder of the tables
	Folder string `json:"folder"`
	// one posterior each: the rows of accuracy.csv
	Rows []Row `json:"rows"`
	// physical quantities of the posteriors: the rows of quantities.csv
	Quantities []QuantityRow `json:"quantities"`
	// figures over the measurements: the rows of summary.csv
	Summary []SummaryRow `json:"summary"`
	// methods at equal cost: the rows of cost.csv
	Costs []CostRow `json:"costs"`
	// call that finished the study
	Call env.Call `json:"call"`

	Identity identity.Identity `json:"identity"` // all inputs of the study
	// AlreadyThere reports whether an earlier call finished the study, so that
	// this call did nothing.
	AlreadyThere bool `json:"already_there,omitempty"`
}

// validate returns an error for the first setting that is out of range.
func (s *Settings) validate() error {
	switch {
	case s.Cases < 1 || s.Cases > 100_000:
		return fmt.Errorf("%d cases; the number must be 1 to 100000", s.Cases)
	case s.Seeds < 1 || s.Seeds > 1000:
		return fmt.Errorf("%d seeds; the number must be 1 to 1000", s.Seeds)
	case !(s.ReferenceESS >= bench.MinESS):
		return fmt.Errorf("an effective sample size of %g for references; at least %d is needed",
			s.ReferenceESS, bench.MinESS)
	case len(s.Budgets) == 0:
		return errors.New("no budget is given; at least one is needed")
	case !(s.Measured >= 0 && s.Measured <= 1):
		return fmt.Errorf("measured = %v: a share from 0 to 1 is expected", s.Measured)
	case !(s.TrainingCPUSeconds >= 0):
		return fmt.Errorf("%g CPU seconds of training; the number must not be negative",
			s.TrainingCPUSeconds)
	}
	for _, b := range s.Budgets {
		if b < chainCount*leastSteps {
			return fmt.Errorf("a budget of %d forward solves; at least %d are needed", b,
				chainCount*leastSteps)
		}
	}
	for _, name := range s.Methods {
		if !slices.Contains(Methods(), name) {
			return fmt.Errorf("there is no method %q; the methods are %s", name,
				strings.Join(Methods(), ", "))
		}
	}
	return nil
}

// leastSteps is the smallest number of steps of a chain, with its burn-in.
const leastSteps = 20

// study is the state of a call of Run.
//
// Rows grow in the order of targets, measurements and tasks.
type study struct {
	dir  string
	s    Settings
	env  env.Env
	made bool // this call computed a part

	from, to int             // measurements of this call
	work     *shard.OpenPart // the part of a call for one; nil: all measurements
	*Result
}

// task is one posterior to compute and judge.
type task struct {
	method *method
	budget int
	seed   uint64
}

// judged is a part of a study: a row with its quantities.
//
// It is the content of a file in the folder of a measurement.
type judged struct {
	Row        Row           `json:"row"`
	Quantities []QuantityRow `json:"quantities"`
}

// Run infers fresh measurements of each target with each method, and writes the
// errors and costs to dir: accuracy.csv, quantities.csv, summary.csv, cost.csv,
// and last accuracy.json. Each posterior is kept in dir when it is judged, so
// that a stopped call resumes there. A finished study with the same settings is
// not computed again. One with other settings is an error unless Overwrite is
// set; its parts with the same settings are then kept.
//
// For each measurement the reference is computed when the first method needs it
// (sync.OnceValues): a call that finds all posteriors in their files computes
// none.
func Run(ctx context.Context, dir string, targets []*Subject, s Settings,
	env env.Env) (_ *Result, err error) {
	if err := s.validate(); err != nil {
		return nil, cli.Usage(err)
	}
	t := &study{dir: dir, s: s, env: env, Result: &Result{Folder: dir, Call: env.Call}}
	for k, target := range targets {
		target.repeated = slices.ContainsFunc(targets[:k], func(o *Subject) bool {
			return o.folder() == target.folder()
		})
		if err := t.open(target); err != nil {
			return nil, err
		}
	}
	finished, err := t.prepare(targets)
	if finished != nil || err != nil {
		return finished, err
	}
	end, err := t.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end(err)) }()
	total, done := 0, 0
	for _, target := range targets {
		total += (t.to - t.from) * len(t.tasks(target))
	}
	for k, target := range targets {
		if err := t.infer(ctx, target, &done, total, k == len(targets)-1); err != nil {
			return nil, fmt.Errorf("%s: %w", target.Name, err)
		}
	}
	if t.work != nil {
		return t.Result, nil
	}
	t.Summary = summarize(t.Rows, t.Quantities)
	t.Costs = costs(t.Rows, t.training(targets))
	return t.Result, t.write()
}

// begin sets the measurements of this call, and takes the lock of its part. end
// ends the part.
func (t *study) begin(ctx context.Context) (end func(error) error, err error) {
	t.to = t.s.Cases
	if t.s.Part == nil {
		return func(error) error { return nil }, nil
	}
	plan := t.s.Part.Plan
	plan.Items, plan.Count, plan.Values = "measurements", t.s.Cases, shard.MarkValues
	plan.Identity = t.Identity
	if t.work, err = plan.Start(ctx, t.dir, t.s.Part.Shard, t.env.Note); err != nil {
		return nil, err
	}
	t.from, t.to = t.work.From, t.work.To
	return t.work.End, nil
}

// open prepares a target. It returns an error if its model was trained on the
// study's measurements, if no method applies, or if it has several fields.
//
// A network that has seen the measurement would be judged on its training set.
func (t *study) open(target *Subject) error {
	if err := oneField(target); err != nil {
		return err
	}
	if m := target.Model; m != nil {
		if err := measured.Fits(m, target.Problem.Spec()); err != nil {
			return fmt.Errorf("%s: %w", target.Name, err)
		}
		if t.s.Seed == m.Meta.Training.Seed {
			return cli.Usage(fmt.Errorf("seed %d gives measurements that %s was trained on; "+
				"choose another seed", t.s.Seed, target.Name))
		}
		var err error
		if target.weights, err = identity.ShortHash(m.Net.Flat()); err != nil {
			return err
		}
	}
	for _, f := range target.Foreign {
		if err := f.check(target.Problem.Spec(), t.s.Cases); err != nil {
			return err
		}
	}
	if len(t.tasks(target)) == 0 {
		return cli.Usage(fmt.Errorf("%s: none of the methods applies: network and certified need "+
			"a model as --problem, and all except network a prior of few variables and a noise of "+
			"known density", target.Name))
	}
	if _, err := t.referenceFor(target); err != nil {
		return cli.Usage(err)
	}
	return nil
}

// oneField returns an error about a target with several fields: their errors
// have no unit in common.
func oneField(target *Subject) error {
	if n := len(target.Problem.Spec().XFields); n > 0 {
		return cli.Usage(fmt.Errorf("%s has %d fields, each with a unit of its own: compare two "+
			"posteriors of them by csdm compare", target.Name, n))
	}
	return nil
}

// referenceFor returns the settings of a target's reference.
func (t *study) referenceFor(target *Subject) (recipe.Reference, error) {
	r := t.s.Reference
	if r.Method == "" {
		r.Method = recipe.MethodFor(target.Problem)
	}
	if r.Method == recipe.MethodNone {
		return r, nil
	}
	return r, r.For(target.Problem)
}

// tasks returns the work for each measurement of a target. Methods without a
// network run once for all models of a problem.
func (t *study) tasks(target *Subject) (all []task) {
	for k := range methods {
		m := &methods[k]
		if !m.fits(target) || target.repeated && !m.network ||
			len(t.s.Methods) == 0 && m.named ||
			len(t.s.Methods) > 0 && !slices.Contains(t.s.Methods, m.name) {
			continue
		}
		budgets := t.s.Budgets
		if m.network {
			budgets = []int{m.draws(target.Sampling.Draws)}
		}
		for _, budget := range budgets {
			for j := range t.s.Seeds {
				all = append(all, task{m, budget, t.s.Seed + uint64(j)})
			}
		}
	}
	for _, f := range target.Foreign {
		m := f.method()
		all = append(all, task{&m, f.budget(), t.s.Seed})
	}
	return all
}

// infer runs all methods on the measurements of a target. last reports whether
// no other target follows.
//
// The measurement is made again in each call: it costs one solve and needs no
// file.
func (t *study) infer(ctx context.Context, target *Subject, done *int, total int,
	last bool) error {
	target.prior = sync.OnceValues(func() ([]float64, error) {
		return priorMean(ctx, target.Problem, t.s.Seed, t.env.Threads)
	})
	settings := t.s
	var err error
	if settings.Reference, err = t.referenceFor(target); err != nil {
		return err
	}
	quiet := t.env
	quiet.Progress, quiet.Note = func(string, int, int, string) {}, func(string) {}
	for k := t.from; k < t.to; k++ {
		m, err := newMeasurement(target, &t.s, k)
		if err != nil {
			return err
		}
		dir := filepath.Join(t.dir, target.folder(), fmt.Sprintf("case-%04d", k))
		against := sync.OnceValues(func() (*reference, error) {
			return m.reference(ctx, dir, &settings, quiet)
		})
		for _, one := range t.tasks(target) {
			t.env.Progress("judging", *done, total,
				fmt.Sprintf("case %d, %s", k, one.method.name))
			part := infer.KeptPart{Identity: t.identityOf(m, one, settings.Reference),
				Path:      filepath.Join(dir, one.file(target)),
				Overwrite: t.s.Overwrite}
			j, made, err := infer.PartValue(part, "a judged posterior", func() (*judged, error) {
				return t.judge(ctx, m, one, against, quiet)
			})
			if err != nil {
				return fmt.Errorf("measurement %d, method %s: %w", k, one.method.name, err)
			}
			if made {
				t.made = true
				t.env.ReportSaved()
			}
			if one.method.network { // an earlier call may have named the model otherwise
				j.Row.Model = target.Name
				for q := range j.Quantities {
					j.Quantities[q].Model = target.Name
				}
			}
			t.Rows = append(t.Rows, j.Row)
			t.Quantities = append(t.Quantities, j.Quantities...)
			*done++
		}
		if last && t.work != nil && t.work.Len() == k-t.from {
			if err := t.work.Mark(); err != nil {
				return err
			}
		}
	}
	t.env.Progress("judging", *done, total, "")
	return nil
}

// file returns the name of the file of a task.
//
// The name holds everything that two tasks of one measurement can differ in.
// The identity inside decides whether it is the right one.
func (t *task) file(target *Subject) string {
	name := t.method.name
	if t.method.network {
		name += "-" + target.weights
	}
	if f := t.method.foreign; f != nil {
		name += "-" + f.hash
	}
	return fmt.Sprintf("%s-%d-%d.json", name, t.budget, t.seed)
}

// folder returns the name of the folder of a problem, which all its models
// share, and with them the references.
func (t *Subject) folder() string {
	spec := t.Problem.Spec()
	return models.Name(spec.Name, spec.Options.Grid, spec.Options.NoisePercent)
}

// identityOf returns the identity of a judged posterior.
//
// Field and measurement enter by their values, so that a change of the forward
// model makes old parts stale.
func (t *study) identityOf(m *measurement, one task, r recipe.Reference) identity.Identity {
	b := problems.Identify("accuracy", 1, m.Problem).AddFloats("field", m.x).
		AddFloats("measurement", m.y).
		Add("method", one.method.name).Add("budget", one.budget).Add("seed", one.seed).
		Add("prior seed", t.s.Seed).
		AddIdentity("reference", infer.ReferenceIdentity(m.Problem, m.y, r, t.s.reference().Seed)).
		Add("reference ESS", t.s.ReferenceESS)
	if f := one.method.foreign; f != nil {
		b.Add("posteriors", f.hash)
	}
	if one.method.network {
		b.AddIdentity("model", m.Model.Identity()).Add("sampling", m.Sampling,
			append(notDrawn, "Draws")...)
	}
	return b.Identity()
}

// notDrawn are settings of a sampler that the study sets itself, or that change
// no draw.
var notDrawn = []string{"Seed", "Measurement", "First", "Skip", "Threads"}

// judge computes a posterior with its cost, and compares it.
//
// The cost is the CPU time of the process, user and system, between start and
// end of the method. The reference and the prior's mean are computed before, so
// that they do not count.
func (t *study) judge(ctx context.Context, m *measurement, one task,
	against func() (*reference, error), env env.Env) (*judged, error) {
	exact, err := against()
	if err != nil {
		return nil, err
	}
	prior, err := m.prior()
	if err != nil {
		return nil, err
	}
	spec := m.Problem.Spec()
	row := unstated(&Row{Case: m.index, PairSeed: t.s.Seed, Seed: one.seed,
		Threads: env.Threads, Kernel: env.Kernel, Machine: env.Machine(), Program: env.Program()})
	row.Key = Key{Problem: spec.Name, Grid: spec.Options.Grid,
		NoisePercent: spec.Options.NoisePercent, Method: one.method.name, Budget: one.budget}
	if one.method.network {
		row.Model, row.Weights = m.Name, m.weights
	}
	start := time.Now()
	before, _, known := cli.Used()
	a, err := one.method.run(ctx, m, one.budget, one.seed, env)
	if err != nil {
		return nil, err
	}
	row.WallSeconds = infer.StatedError(time.Since(start).Seconds())
	if after, peak, _ := cli.Used(); known {
		row.CPUSeconds = infer.StatedError((after - before).Seconds())
		row.PeakMemoryMiB = infer.StatedError(float64(peak) / (1 << 20))
	}
	if f := one.method.foreign; f != nil { // the cost of the other program
		row.WallSeconds, row.PeakMemoryMiB = infer.NotStated, infer.NotStated
		row.CPUSeconds = infer.StatedError(f.seconds(m.index))
		row.Threads, row.Kernel, row.Machine, row.Program = 0, "", "", ""
	}
	if f := one.method.foreign; f == nil || f.count != nil {
		row.Solves = infer.StatedError(a.solves)
	}
	if one.method.foreign == nil {
		row.Evaluations = infer.StatedError(a.evaluations)
	}
	row.Certified, row.Reasons = a.certified, a.reasons
	row.KHat, row.RHat, row.LogEvidence, row.LogEvidenceError = a.khat, a.rhat, a.logEvidence,
		a.logEvidenceError
	row.Reference = exact.what
	if exact.Summary != nil {
		row.ReferenceSolves = exact.Origin.Solves
	}
	row.judge(m, a, exact.Summary, prior)
	return &judged{*row, quantities(QuantityRow{Key: row.Key, Case: row.Case, Seed: row.Seed},
		m.Problem, m.x, a.fields)}, nil
}

// training returns the CPU time of training of each model by its weights' hash.
//
// Without a measured time it is the wall time of the training times its
// threads, an upper bound of its CPU time.
func (t *study) training(targets []*Subject) map[string]float64 {
	of := map[string]float64{}
	for _, target := range targets {
		switch {
		case target.Model == nil:
		case t.s.TrainingCPUSeconds > 0:
			of[target.weights] = t.s.TrainingCPUSeconds
		default:
			m := &target.Model.Meta.Training
			of[target.weights] = m.Seconds * float64(m.Threads)
		}
	}
	return of
}
