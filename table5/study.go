package table5

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/measured"
	"csdm/models"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/run"
)

// Settings are the settings of a study.
type Settings struct {
	// Models are model files or builtin:NAME, one per noise level, of one
	// problem and grid.
	Models   []string
	Phantoms int // prior draws inferred at each noise level
	Draws    int // posterior draws per phantom
	// Sampling are settings that differ from each model's, as
	// "sampling.levels=8".
	Sampling   []string
	MonteCarlo int // prior draws of the Monte Carlo posteriors; 0: none
	Curves     bool
	// Trainings are finished run folders. Their kept checkpoints give the error
	// over the time of training.
	Trainings []string
	Seed      uint64 // of phantoms, noise and draws; must differ from the training's
	// Overwrite computes a finished study again and replaces parts with other
	// settings.
	Overwrite bool
}

// Seed is the default seed of the phantoms. No training set made with the
// defaults has this seed.
const Seed = 56

// studySamplers are the samplers that need only a range of noise levels and
// their number, both of which a model stores.
var studySamplers = []langevin.Sampler{langevin.SamplerDPMSolverPP2M, langevin.SamplerHeun}

// Validate returns an error for the first setting that is out of range.
func (s *Settings) Validate() error {
	switch {
	case len(s.Models) == 0:
		return errors.New("no model is given; at least one is needed")
	case s.Phantoms < 1 || s.Phantoms > 1000:
		return fmt.Errorf("%d phantoms; the number must be 1 to 1000", s.Phantoms)
	case s.Draws < 2:
		return fmt.Errorf("%d draws; at least 2 are needed", s.Draws)
	case s.MonteCarlo == 1 || s.MonteCarlo < 0:
		return fmt.Errorf("%d prior draws for Monte Carlo; at least 2 are needed, or 0 for none",
			s.MonteCarlo)
	}
	return nil
}

// Case is one measurement of a study.
type Case struct {
	Name string `json:"name"` // "phantom 3", or the origin of the measurement
	// Variables are the prior's variables of the true field; none if the
	// measurement was made with FEniCS.
	Variables []float64 `json:"variables"`
	// Exact compares the network's posterior with quadrature, or with the exact
	// posterior that came with the measurement.
	Exact infer.Comparison `json:"exact"`
	// distance of the network's posterior from Monte Carlo; null: none
	MonteCarlo *infer.Comparison `json:"montecarlo"`
	// distance of Monte Carlo from quadrature; null: none
	MonteCarloError *infer.Comparison `json:"montecarlo_error"`
	// effective sample size of Monte Carlo
	ESS float64 `json:"ess"`
	// wall time of the network's draws in seconds
	Seconds float64 `json:"seconds"`
	Solves  int     `json:"solves"` // forward solves of the quadrature

	measurement, field          []float64
	posterior, exact, reference *infer.Summary
}

// NoiseResult is the result at one noise level: a row of the paper's Table 5.
type NoiseResult struct {
	// measurement noise in percent
	NoisePercent float64 `json:"noise_percent"`
	// model as given
	Model string `json:"model"`
	// how the model was trained
	Training nn.Training `json:"training"`
	Sampling string      `json:"sampling"` // sampler, levels and corrections
	// evaluations of the network for one draw
	Evaluations int `json:"evaluations"`
	// the phantoms, one result each
	Cases []Case `json:"cases"`
	// Elsewhere holds measurements made with FEniCS. The averages do not
	// include them.
	Elsewhere []Case `json:"elsewhere"`
	// MeanRMSE and StdRMSE are averages over the phantoms of the network's
	// distance from the exact posterior.
	MeanRMSE float64 `json:"rmse_mean"`
	// average over the phantoms of the RMSE of the standard deviation
	StdRMSE float64 `json:"rmse_std"`
	// FloorMean and FloorStd are the errors that as many draws of the exact
	// posterior would have. FloorStd is estimated from the network's draws.
	FloorMean infer.StatedError `json:"floor_mean"`
	// error of the standard deviation of as many exact draws, estimated from
	// the network's draws
	FloorStd infer.StatedError `json:"floor_std"`
	// MonteMean and MonteStd are the network's distance from Monte Carlo, as in
	// the paper; 0 without Monte Carlo.
	MonteMean float64 `json:"rmse_mean_montecarlo"`
	// distance of the network's standard deviation from Monte Carlo; 0 without
	// Monte Carlo
	MonteStd float64 `json:"rmse_std_montecarlo"`
	// distance of Monte Carlo's mean from the exact posterior
	MonteCarloMean float64 `json:"rmse_mean_of_montecarlo"`
	// distance of Monte Carlo's standard deviation from the exact posterior
	MonteCarloStd float64 `json:"rmse_std_of_montecarlo"`

	// error of the quadrature's mean: the change by the last halving of its
	// cells
	ExactErrorMean infer.StatedError `json:"exact_error_mean"`
	// error of the quadrature's standard deviation
	ExactErrorStd infer.StatedError `json:"exact_error_std"`
	// standard error of Monte Carlo's mean
	MonteErrorMean infer.StatedError `json:"montecarlo_error_mean"`
	// standard error of Monte Carlo's standard deviation
	MonteErrorStd infer.StatedError `json:"montecarlo_error_std"`

	// wall time of 1,000 draws in seconds
	Seconds float64 `json:"seconds_per_1000_draws"`

	model     *nn.Model
	problem   problems.Parametric
	sampling  langevin.Settings
	phantoms  int         // number of phantoms
	elsewhere []*run.Case // measurements made with FEniCS
}

// Result is the result of a study.
type Result struct {
	// path of the report, .html
	Report string `json:"report"`
	// name of the problem
	Problem string `json:"problem"`
	// nodes per side
	Grid int `json:"grid"`
	// posterior draws of each phantom
	Draws int `json:"draws"`
	// algorithm of the draws; empty: the models'
	Sampler string `json:"sampler"`
	// prior draws of Monte Carlo
	PriorDraws int `json:"prior_draws"`
	// MonteTime is the time of Monte Carlo for all measurements together; 0 if
	// an earlier call computed it.
	MonteTime float64 `json:"montecarlo_seconds"`
	// results of each level of the measurement noise
	Levels []*NoiseResult `json:"levels"`
	// errors against cost, with --set curves=true
	Curves *Curves `json:"curves,omitempty"`
	// call that finished the study
	Call env.Call `json:"call"`

	Identity identity.Identity `json:"identity"` // all inputs of the study
	// AlreadyThere reports whether an earlier call finished the study, so that
	// this call did nothing.
	AlreadyThere bool `json:"already_there,omitempty"`
}

// study is the state of a call of Run. It embeds the result, which the methods
// fill in.
type study struct {
	dir  string
	s    Settings
	env  env.Env
	made bool // this call computed a part
	*Result
}

// Run infers phantoms that no training has seen with each model. It computes
// their exact posteriors by quadrature and, as the paper did, their Monte Carlo
// posteriors from one set of prior draws. It writes the comparison to dir:
// Tables 4 and 5 as JSON and CSV, and report.html with figures. Parts from an
// earlier call with the same settings are kept. A part with other settings is
// an error unless Overwrite is set.
//
// The order of the parts is: draws and exact posterior of each measurement,
// Monte Carlo for all measurements at once, averages, curves, files. Monte
// Carlo comes after the draws, since one set of prior draws serves all
// measurements.
func Run(ctx context.Context, dir string, s Settings, env env.Env) (*Result, error) {
	t, err := newStudy(dir, s, env)
	if err != nil {
		return nil, err
	}
	finished, err := t.prepare()
	if err != nil {
		return nil, err
	}
	for _, l := range t.Levels {
		for k := range l.count() {
			if err := t.measurement(ctx, l, k); err != nil {
				return nil, err
			}
		}
	}
	if s.MonteCarlo > 0 {
		if err := t.monteCarlo(ctx); err != nil {
			return nil, err
		}
	}
	for _, l := range t.Levels {
		l.average()
	}
	if s.Curves || len(s.Trainings) > 0 {
		if err := t.curves(ctx); err != nil {
			return nil, err
		}
	}
	if t.AlreadyThere = finished && !t.made; t.AlreadyThere {
		return t.Result, nil
	}
	return t.Result, t.write()
}

// newStudy opens the models of a study.
//
// It reads all models before anything is computed: a wrong name or a second
// model of a noise level is an error after seconds, not after an hour.
func newStudy(dir string, s Settings, env env.Env) (*study, error) {
	if err := s.Validate(); err != nil {
		return nil, cli.Usage(err)
	}
	t := &study{dir: dir, s: s, env: env, Result: &Result{
		Draws: s.Draws, PriorDraws: s.MonteCarlo, Call: env.Call,
		Report: filepath.Join(dir, report.PageFile),
	}}
	for _, name := range s.Models {
		if err := t.open(name); err != nil {
			return nil, err
		}
	}
	var err error
	t.Identity, err = t.identity()
	return t, err
}

// studyFile is written last. Its presence shows that the study of its identity
// is finished.
const studyFile = "table5.json"

// prepare reports whether the folder holds the finished study with its report.
// With Overwrite it removes the parts of a finished study with any settings; a
// stopped study is resumed.
func (t *study) prepare() (finished bool, err error) {
	path := filepath.Join(t.dir, studyFile)
	there, err := infer.ReadIdentity(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case !t.s.Overwrite:
		return err == nil && there == t.Identity && atomicfile.Exists(t.Report), err
	}
	// Remove the parts before studyFile. If this call stops here, the next call
	// removes the rest.
	for _, pattern := range []string{"noise-*/*.npz", "noise-*/*.npz.partial", "curves/*.json",
		"montecarlo.partial", studyFile} {
		parts, err := fs.Glob(os.DirFS(t.dir), pattern) // the folder is no pattern
		if err != nil {
			return false, err
		}
		for _, part := range parts {
			if err := disk.Remove(filepath.Join(t.dir, part)); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// identity returns the identity of the study. It includes the models by their
// weights, not by their names.
//
// A model of equal weights under another name or in another folder gives the
// same identity, so that a moved run folder does not make a study stale.
// Overwrite changes no number and is left out.
func (t *study) identity() (identity.Identity, error) {
	b := identity.New("study", 1).Add("settings", t.s, "Models", "Trainings", "Overwrite")
	for k, l := range t.Levels {
		b.AddIdentity("model "+strconv.Itoa(k+1), l.model.Identity())
	}
	for k, folder := range t.s.Trainings {
		model, err := t.trained(folder)
		if err != nil {
			return identity.Identity{}, err
		}
		b.AddIdentity("history "+strconv.Itoa(k+1), model.Identity())
	}
	return b.Identity(), nil
}

// open adds the noise level of a model.
//
// A seed equal to the training's is refused. Its phantoms are pairs of the
// training set, and an error for them would be no estimate of the error for new
// measurements.
func (t *study) open(name string) error {
	model, err := run.OpenModel(name)
	if err != nil {
		return err
	}
	m := &model.Meta
	if t.s.Seed == m.Training.Seed {
		return cli.Usage(fmt.Errorf("seed %d gives phantoms that %s was trained on; choose "+
			"another seed", t.s.Seed, name))
	}
	problem, err := builtin.Lookup(m.Problem,
		problems.Options{Grid: min(m.Rows, m.Cols), NoisePercent: m.NoisePercent})
	if err != nil {
		return err
	}
	if err := measured.Fits(model, problem.Spec()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	parametric, ok := problem.(problems.Parametric)
	if err := recipe.NewReference(recipe.MethodAuto).Fits(problem); !ok || err != nil {
		return cli.Usage(errors.Join(fmt.Errorf("%s: the problem %s has no exact posterior to "+
			"compare with", name, m.Problem), err))
	}
	if len(t.Levels) == 0 {
		t.Problem, t.Grid = m.Problem, min(m.Rows, m.Cols)
	} else if m.Problem != t.Problem || min(m.Rows, m.Cols) != t.Grid {
		return cli.Usage(fmt.Errorf("%s is a model of %s, %d×%d; it must be of %s, %d×%d, like "+
			"the first model", name,
			m.Problem, m.Rows, m.Cols, t.Problem, t.Grid, t.Grid))
	}
	for _, l := range t.Levels {
		if l.NoisePercent == m.NoisePercent {
			return cli.Usage(fmt.Errorf("%s and %s are both of %g %% noise; give one model per "+
				"noise level", l.Model, name,
				m.NoisePercent))
		}
	}
	sampling, err := t.sampling(model)
	if err != nil {
		return cli.Usage(err)
	}
	t.Sampler = string(sampling.Sampler)
	l := &NoiseResult{
		NoisePercent: m.NoisePercent, Model: name, Training: m.Training,
		Sampling: sampling.String(), Evaluations: sampling.Evaluations(),
		model: model, problem: parametric, sampling: sampling, phantoms: t.s.Phantoms,
	}
	t.Levels = append(t.Levels, l)
	embedded := models.Name(t.Problem, t.Grid, l.NoisePercent)
	if models.HasMeasurements(embedded) {
		l.elsewhere, err = run.EmbeddedCases(embedded, m)
	}
	return err
}

// sampling returns how a model draws.
//
// Only samplers are allowed whose cost does not depend on the measurement, so
// that the evaluations of a draw are one number in Table 5.
func (t *study) sampling(model *nn.Model) (langevin.Settings, error) {
	r := recipe.Recipe{Sampling: recipe.Sampling(model, t.s.Draws)}
	for _, assignment := range t.s.Sampling {
		name, value, _ := strings.Cut(assignment, "=")
		if err := r.Set(name, value); err != nil {
			return r.Sampling, err
		}
	}
	if !slices.Contains(studySamplers, r.Sampling.Sampler) {
		return r.Sampling, fmt.Errorf("sampler %q: one of %v is expected", r.Sampling.Sampler,
			studySamplers)
	}
	return r.Sampling.ForMeasurement(0, 0, 1)
}

// count returns the number of measurements of a noise level: the phantoms, and
// the FEniCS measurements that are embedded for it.
//
// Measurements 0 to phantoms − 1 are phantoms. A shard of the study counts in
// this order over all noise levels.
func (l *NoiseResult) count() int { return l.phantoms + len(l.elsewhere) }

// measurement infers measurement number k of a noise level, the phantoms first.
//
// The posterior that comes with a FEniCS measurement was computed with FEniCS
// as the forward model. The network was trained on simulations of this program;
// its distance from that posterior includes the difference of the two solvers,
// and does not enter the averages.
func (t *study) measurement(ctx context.Context, l *NoiseResult, k int) error {
	if k < l.phantoms {
		c, err := t.phantom(l, k)
		if err != nil {
			return err
		}
		err = t.infer(ctx, l, &c, fmt.Sprintf("phantom-%02d", k))
		l.Cases = append(l.Cases, c)
		return err
	}
	k -= l.phantoms
	e := l.elsewhere[k]
	c := Case{Name: "FEniCS " + e.Name, measurement: e.Y, field: e.Truth}
	c.exact = &infer.Summary{Posterior: *e.References[0].Posterior, Rows: l.model.Meta.Rows,
		Cols: l.model.Meta.Cols, XMax: 1}
	err := t.infer(ctx, l, &c, fmt.Sprintf("fenics-%02d", k))
	l.Elsewhere = append(l.Elsewhere, c)
	return err
}

// phantom makes measurement number k of a noise level. The field is the same at
// all noise levels.
//
// Its variables θ are draw k of the prior with the study's seed, and its noise
// is another stream of the same seed, scaled by the noise level. Two levels
// then differ by the noise alone, as the columns of the paper's Fig. 3. The
// field is normalized to [0, 1] in place:
//
//	x ← (x − XMin)/(XMax − XMin).
func (t *study) phantom(l *NoiseResult, k int) (Case, error) {
	c := Case{Name: fmt.Sprintf("phantom %d", k+1)}
	lo, _ := l.problem.Box()
	c.Variables = make([]float64, len(lo))
	l.problem.Latent(c.Variables, t.s.Seed, uint64(k))
	var err error
	if c.field, c.measurement, err = problems.MeasuredPair(l.problem, t.s.Seed,
		uint64(k)); err != nil {
		return c, err
	}
	n := problems.Range{Min: l.model.Meta.Normalization.XMin, Max: l.model.Meta.Normalization.XMax}
	n.Apply(c.field, c.field)
	return c, nil
}

// infer draws the posterior of c. It computes the exact posterior unless c
// already has one.
//
// The draws themselves are not kept, only their mean, standard deviation and
// quantiles per pixel. A file of draws would hold n·K numbers for a field of K
// pixels: 56 MB for 4,500 draws of 56 × 56 in single precision. A stopped call
// resumes from the partial file, which is removed once the summary is on disk.
func (t *study) infer(ctx context.Context, l *NoiseResult, c *Case, name string) (err error) {
	sampling := l.sampling
	path := t.path(l, name+"-posterior.npz")
	draws := infer.DrawsIdentity(l.model, c.measurement, sampling, t.s.Seed)
	id := identity.New("study posterior", 1).AddIdentity("of", draws).Add("draws",
		sampling.Draws).Identity()
	c.posterior, err = t.keep(path, id, func() ([]format.Named, infer.Origin, error) {
		t.env.Note(fmt.Sprintf("%g %% noise, %s", l.NoisePercent, c.Name))
		job := infer.Job{Seed: t.s.Seed, Partial: path + ".partial", Overwrite: t.s.Overwrite}
		p, err := infer.Sample(ctx, l.model, c.measurement, sampling, job, t.env)
		if err != nil {
			return nil, infer.Origin{}, err
		}
		support, err := p.JudgeSupport(ctx, l.model, sampling)
		if err != nil {
			return nil, infer.Origin{}, err
		}
		for _, warning := range support.Warnings() {
			t.env.Note(fmt.Sprintf("%s: %s", c.Name, warning))
		}
		return infer.SummaryArrays(&p.Posterior, p.Rows, p.Cols, p.Normalization), p.Origin, nil
	})
	if err != nil {
		return err
	}
	if err := infer.RemovePartial(path + ".partial"); err != nil {
		return err
	}
	c.Seconds = c.posterior.Origin.Seconds
	itsError := run.FEniCSError
	if c.exact == nil {
		itsError = 0
		part := infer.KeptPart{Path: t.path(l, name+"-exact.npz"), Overwrite: t.s.Overwrite}
		exact, made, err := part.Reference(ctx, l.problem, c.measurement,
			recipe.NewReference(recipe.MethodAuto), infer.Job{Seed: t.s.Seed}, t.env)
		if t.note(made, err); err != nil {
			return err
		}
		c.exact = exact
		c.Solves = c.exact.Origin.Solves
	}
	c.Exact = infer.NewDrawsComparison("score network", c.posterior.Normalized(), "exact",
		c.exact.Normalized(), itsError)
	return nil
}

// monteCarlo weights one set of prior draws for all phantoms of all noise
// levels, which differ only in their noise.
//
// One forward solve of draw θ_i serves all measurements: its weight for
// measurement j is p_j(y_j|d(θ_i)) with the noise model j. The forward solves
// dominate the cost, so that J measurements cost little more than one. The
// price is that the errors of the J posteriors are correlated, so that
// averaging over J phantoms reduces them by less than √J.
//
// If any part is missing, all weights are computed again, since they come from
// one pass over the draws; parts that are there stay as they are. The posterior
// is scaled from physical units to [0, 1] before it is compared.
func (t *study) monteCarlo(ctx context.Context) error {
	var cases []*Case
	var targets []bench.NoisyMeasurement
	var paths []string
	var ids []identity.Identity
	missing := false
	problem := t.Levels[0].problem
	n := problems.Range{Min: problem.Spec().XRange.Min, Max: problem.Spec().XRange.Max}
	for _, l := range t.Levels {
		law, ok := l.problem.Measurement().(priors.Likelihood)
		if !ok {
			return cli.Usage(fmt.Errorf("%s: the noise model has no known density; Monte Carlo "+
				"needs one", t.Problem))
		}
		for k := range l.Cases {
			c := &l.Cases[k]
			cases = append(cases, c)
			targets = append(targets, bench.NoisyMeasurement{Y: c.measurement, Noise: law})
			paths = append(paths, t.path(l, fmt.Sprintf("phantom-%02d-montecarlo.npz", k)))
			monte := recipe.NewReference(recipe.MethodImportance)
			monte.PriorDraws = t.s.MonteCarlo
			ids = append(ids, infer.ReferenceIdentity(l.problem, c.measurement, monte, t.s.Seed))
			part := infer.KeptPart{Path: paths[len(paths)-1], Identity: ids[len(ids)-1],
				Overwrite: t.s.Overwrite}
			there, err := part.There()
			if err != nil {
				return err
			}
			missing = missing || !there
		}
	}
	var results []*bench.ImportanceResult
	if missing {
		t.env.Note(fmt.Sprintf("Monte Carlo: %d prior draws, weighted for %d measurements",
			t.s.MonteCarlo, len(targets)))
		start := time.Now()
		job := infer.Job{Seed: t.s.Seed, Partial: filepath.Join(t.dir, "montecarlo.partial"),
			Overwrite: t.s.Overwrite}
		release, err := infer.HoldPartial(job.Partial, t.env)
		if err != nil {
			return err
		}
		results, err = infer.Importance(ctx, problem, targets, t.s.MonteCarlo, job, t.env)
		if err = errors.Join(err, release()); err != nil {
			return err
		}
		t.MonteTime = time.Since(start).Seconds()
	}
	for i, c := range cases {
		var err error
		c.reference, err = t.keep(paths[i], ids[i], func() ([]format.Named, infer.Origin, error) {
			r, spec := results[i], problem.Spec()
			origin := infer.Origin{Program: t.env.Program(), Command: t.env.Command,
				Problem: t.Problem,
				Seed:    t.s.Seed, Method: recipe.MethodImportance,
				Seconds: r.Elapsed.Seconds(), Solves: r.Solves, Machine: t.env.Machine(),
				Threads: t.env.Threads, Kernel: t.env.Kernel}
			return infer.SummaryArrays(r.Scaled(n.Min, n.Width()), spec.Rows, spec.Cols,
				nn.Normalization{XMin: n.Min, XMax: n.Max}), origin, nil
		})
		if err != nil {
			return err
		}
		monte := infer.NewDrawsComparison("score network", c.posterior.Normalized(), "Monte Carlo",
			c.reference.Normalized(), 0)
		truth := infer.NewComparison("Monte Carlo", c.reference.Normalized(), "exact",
			c.exact.Normalized(), 0)
		c.MonteCarlo, c.MonteCarloError, c.ESS = &monte, &truth, c.reference.ESS
	}
	return infer.RemovePartial(filepath.Join(t.dir, "montecarlo.partial"))
}

// path returns the path of a file of a noise level.
//
// A point in the noise level becomes p: “noise-2p5” for 2.5 %.
func (t *study) path(l *NoiseResult, name string) string {
	return filepath.Join(t.dir, "noise-"+strings.ReplaceAll(fmt.Sprint(l.NoisePercent), ".", "p"),
		name)
}

// keep returns the summary in the file path. If the file is missing, make
// computes it. id is the identity of the part.
func (t *study) keep(path string, id identity.Identity,
	make func() ([]format.Named, infer.Origin, error)) (*infer.Summary, error) {
	part := infer.KeptPart{Path: path, Identity: id, Overwrite: t.s.Overwrite}
	s, made, err := part.Result(make)
	t.note(made, err)
	return s, err
}

// note records that this call made a part, which is on disk unless err is set.
func (t *study) note(made bool, err error) {
	if t.made = t.made || made; made && err == nil {
		t.env.ReportSaved()
	}
}

// average fills in the averages over the phantoms.
//
// RMSEs are averaged as numbers, not as squares, as in the paper's Table 5. An
// error that one phantom does not state is NaN and makes the average NaN: the
// mean over the others would be the error of another set of phantoms. Seconds
// become the time of 1000 draws,
//
//	1000·Σ_i t_i/Σ_i n_i.
func (l *NoiseResult) average() {
	n := float64(len(l.Cases))
	m := infer.StatedError(n)
	draws := 0
	for _, c := range l.Cases {
		l.MeanRMSE += c.Exact.Mean / n
		l.StdRMSE += c.Exact.Std / n
		l.FloorMean += c.Exact.FloorMean / m
		l.FloorStd += c.Exact.FloorStd / m
		l.ExactErrorMean += c.Exact.ReferenceMean / m
		l.ExactErrorStd += c.Exact.ReferenceStd / m
		l.Seconds += c.Seconds
		draws += c.posterior.Draws
		if c.MonteCarlo != nil {
			l.MonteMean += c.MonteCarlo.Mean / n
			l.MonteStd += c.MonteCarlo.Std / n
			l.MonteCarloMean += c.MonteCarloError.Mean / n
			l.MonteCarloStd += c.MonteCarloError.Std / n
			l.MonteErrorMean += c.MonteCarlo.ReferenceMean / m
			l.MonteErrorStd += c.MonteCarlo.ReferenceStd / m
		}
	}
	l.Seconds *= 1000 / float64(max(draws, 1))
}
