package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"csdm/bench"
	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/report"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

// Case is one measurement with its true field, if that is known, and its
// posteriors. Fields are in normalized units.
type Case struct {
	Name        string
	Note        string    // origin of the measurement
	Y           []float64 // physical units, (C, H, W)
	Truth       []float64 // nil: unknown
	Posterior   *infer.Posterior
	Quantities  []infer.Quantity // of the posterior and the true field; nil: the problem has none
	References  []CaseReference  // best first
	Comparisons []infer.Comparison
	Certified   *CertifiedCase // nil: not requested
	Split       *ErrorSplit    // nil: not known
	Film        *report.Film   // walk of the first draw; nil: it would take too long
}

// A CaseReference is a reference posterior in normalized units.
type CaseReference struct {
	Name string // short
	Note string // a sentence on how it was made
	*bench.Posterior
	Plane  *bench.Plane   // nil: not known
	Points bench.Weighted // weighted fields; empty: not known
}

// Outcome is the result of a chain: the comparisons of all cases with their
// references, the distances from the true fields, and averages of both.
type Outcome struct {
	// path of the report, .html; in run.json relative to the folder
	Report string `json:"report"`
	// model of the draws
	Model string `json:"model"`
	// distance of each case's posterior from its references
	Comparisons []infer.Comparison `json:"comparisons"`
	// MeanRMSE and StdRMSE are averages over the cases, compared with the first
	// reference of each.
	MeanRMSE float64 `json:"rmse_mean"`
	// average over the cases of the RMSE of the standard deviation
	StdRMSE float64 `json:"rmse_std"`

	// distances from the true fields, one per case
	TruthDistances []TruthDistance `json:"truth_distances,omitempty"`
	// distance from the true fields, over the pixels of all cases
	TruthDistance *TruthDistance `json:"truth_distance,omitempty"`
	Coverage      []Coverage     `json:"coverage,omitempty"` // one per physical quantity

	// Refused holds a text for each case whose measurement is not explained or
	// whose draws leave the support of the prior, as sample would refuse it.
	Refused      []string          `json:"refused,omitempty"`
	Certificates []CaseCertificate `json:"certificates,omitempty"` // one per certified case

	// ErrorSplits separate the errors of network and sampler, one per case
	// whose exact score is known.
	ErrorSplits []*ErrorSplit `json:"error_splits,omitempty"`

	// time of the posterior draws in seconds
	Seconds float64 `json:"seconds"`

	// AlreadyThere reports whether an earlier call finished the results, so
	// that this call did nothing.
	AlreadyThere bool `json:"already_there,omitempty"`
}

// UnmarshalJSON also reads the first version's names for comparisons and
// distances.
//
// The present names win if a file has both. The inner type has no methods;
// decoding into an Outcome itself would call this method again without end.
func (o *Outcome) UnmarshalJSON(text []byte) error {
	type plain Outcome // without this method
	var old struct {
		Scores       []infer.Comparison `json:"scores"`
		Truth        []TruthDistance    `json:"truth"`
		TruthOverall *TruthDistance     `json:"truth_overall"`
	}
	if err := errors.Join(json.Unmarshal(text, (*plain)(o)),
		json.Unmarshal(text, &old)); err != nil {
		return err
	}
	if o.Comparisons == nil {
		o.Comparisons = old.Scores
	}
	if o.TruthDistances == nil {
		o.TruthDistances, o.TruthDistance = old.Truth, old.TruthOverall
	}
	return nil
}

// Chain runs all steps: pairs, training, and for each of some held-out pairs a
// measurement, posterior draws, the reference posterior and their comparison.
// At the end it writes the report. Pairs that were imported into the folder
// replace pairs of the forward model. Chain first forecasts the time of the
// remaining work. Results of an earlier call are kept, and a finished folder is
// not touched. Errors come from Open, Generate, Train, Sample and
// ReferencePosterior.
//
// The order of the work follows the paper's algorithm:
//
//	(x_i, y_i), i < N              Generate: prior draw, forward solve
//	s_θ(x, y, σ)                   Train: denoising score matching
//	y* = y_j + noise, j held out   Measured
//	x ~ p(x|y*)                    infer.Sample
//	RMSE to the reference          infer.NewDrawsComparison
//
// A held-out measurement is the first of each simulation: further measurements
// of the same simulation have the same field and would not be independent
// cases. The mean of the prior is taken over the training pairs alone, so that
// the case itself is not part of the estimate it is compared with.
func Chain(ctx context.Context, dir string, c *recipe.Recipe, env env.Env) (_ *Outcome, err error) {
	imported, err := adopt(dir, c)
	if err != nil {
		return nil, err
	}
	f, err := Open(dir, c, env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if o, err := f.finished(); o != nil || err != nil {
		return o, err
	}
	if err := f.begin(); err != nil {
		return nil, err
	}
	problem, err := c.NewProblem()
	if err != nil {
		return nil, err
	}
	f.env.Note(inWords(c, problem.Spec(), dir))
	if imported {
		f.env.Note(fmt.Sprintf("the %d pairs were imported into %s", c.Data.Pairs,
			f.path(dataFolder)))
	}
	if err := f.forecast(ctx, problem, func(*Forecast) {}); err != nil {
		return nil, err
	}
	data := f.path(dataFolder)
	if !imported {
		s := dataset.Settings{Pairs: c.Data.Pairs, Seed: c.Seed}
		if _, err := Generate(ctx, data, problem, s, env); err != nil {
			return nil, err
		}
	}
	model, err := f.Train(ctx, data)
	if err != nil {
		return nil, err
	}
	store, err := dataset.Open(data)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	var cases []*Case
	var prior []float64 // mean of the prior
	images := store.Spec().ImagesPerSimulation
	training := dataset.Split(store.Len(), c.Data.HeldOut, images)
	if c.Cases > 0 {
		if prior, err = store.FieldMean(ctx, dataset.Span{To: training}, env.Threads); err != nil {
			return nil, err
		}
		model.Meta.Normalization.NormalizeX(prior, prior, len(prior))
	}
	for pair := training; pair < store.Len() && len(cases) < c.Cases; pair += images {
		if !store.Has(pair) {
			continue
		}
		one, err := f.infer(ctx, model, problem, heldOut{store, pair, len(cases)})
		if err == nil && c.Certify {
			err = f.certify(ctx, infer.NewExplainer(problem, model), one, len(cases))
		}
		if err != nil {
			return nil, err
		}
		cases = append(cases, one)
	}
	outcome := newOutcome(cases, prior)
	outcome.Model, outcome.Report = ModelFile, report.PageFile
	page, err := f.page(ctx, problem, model, cases, outcome)
	if err != nil {
		return nil, err
	}
	if err := page.WriteFolder(f.Dir, true); err != nil {
		return nil, err
	}
	if err := f.update(func(m *Manifest) { m.Outcome = outcome }); err != nil {
		return nil, err
	}
	return outcome.in(f.Dir), nil
}

// finished returns the outcome of an earlier call if all its files are present
// and unchanged, and otherwise nil.
//
// A result that is lost makes the folder unfinished. A result that was changed
// is an error: silently replacing it would lose what somebody put there, and
// silently keeping it would publish numbers of unknown origin.
func (f *Folder) finished() (*Outcome, error) {
	m, err := f.manifest()
	if err != nil || m.Outcome == nil || !atomicfile.Exists(f.path(m.Outcome.Report)) {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Results)) {
		if !atomicfile.Exists(f.path(name)) {
			return nil, nil
		}
		if err := f.keep(name, nil); err != nil {
			return nil, err
		}
	}
	f.env.Note(fmt.Sprintf("%s is finished; nothing is left to do", f.Dir))
	m.Outcome.AlreadyThere = true
	return m.Outcome.in(f.Dir), nil
}

// in returns the outcome with paths that include the folder dir.
//
// run.json holds paths relative to the folder, so that a folder can be moved or
// copied to another machine.
func (o Outcome) in(dir string) *Outcome {
	o.Model, o.Report = filepath.Join(dir, o.Model), filepath.Join(dir, o.Report)
	return &o
}

// inWords describes the work of Chain in dir.
func inWords(c *recipe.Recipe, spec *problems.Spec, dir string) string {
	steps := []string{
		fmt.Sprintf("%d pairs", c.Data.Pairs),
		fmt.Sprintf("training of %d parameters in %d steps of batch %d",
			c.Arch(spec).ParameterCount(), c.Training.Steps, c.Training.Batch),
	}
	if c.Cases > 0 {
		each := fmt.Sprintf("for each of %d held-out measurements %d posterior draws by %s",
			c.Cases, c.Sampling.Draws, c.Sampling)
		if c.Reference.Method != recipe.MethodNone {
			each += " and the reference posterior by " + c.Reference.Method
		}
		if c.Certify {
			each += ", certified by forward solves"
		}
		steps = append(steps, each)
	}
	return fmt.Sprintf("%s, %d×%d, %g %% noise, in %s: %s; at the end %s", spec.Name, spec.Rows,
		spec.Cols, c.NoisePercent, dir, strings.Join(steps, "; "), report.PageFile)
}

// newOutcome summarizes the cases. prior is the mean of the prior in normalized
// units, or nil if it is not known.
//
// The averages MeanRMSE and StdRMSE are over the cases that have a reference,
// not over all:
//
//	MeanRMSE = Σ_c RMSE_c / (number of cases with a reference).
//
// RMSEs are averaged as in the paper's Table 5. Distances from true fields are
// averaged as squares instead (overall), since only squares have the expected
// values that calibration predicts.
func newOutcome(cases []*Case, prior []float64) *Outcome {
	o := &Outcome{Coverage: coverages(cases)}
	scored := 0
	for _, c := range cases {
		o.Comparisons = append(o.Comparisons, c.Comparisons...)
		o.Seconds += c.Posterior.Origin.Seconds
		if c.Certified != nil { // its certificate judges the measurement, too
			o.Certificates = append(o.Certificates, c.Certified.summary(c.Name))
		} else {
			for _, why := range refusals(c.Posterior) {
				o.Refused = append(o.Refused, "case "+c.Name+": "+why)
			}
		}
		if len(c.Comparisons) > 0 {
			scored++
			o.MeanRMSE += c.Comparisons[0].Mean
			o.StdRMSE += c.Comparisons[0].Std
		}
		if c.Split != nil {
			o.ErrorSplits = append(o.ErrorSplits, c.Split)
		}
		if c.Truth != nil {
			o.TruthDistances = append(o.TruthDistances, c.truth(prior))
		}
	}
	o.TruthDistance = overall(o.TruthDistances)
	if scored > 0 {
		o.MeanRMSE /= float64(scored)
		o.StdRMSE /= float64(scored)
	}
	return o
}

// refusals returns why sample would refuse the posterior without
// --allow-extrapolation.
func refusals(p *infer.Posterior) (why []string) {
	if e := p.Explained; e != nil && !e.Explained {
		why = append(why, e.Text)
	}
	if u := p.Origin.Support; u != nil && !u.In {
		why = append(why, "the draws are not a posterior: "+u.Text)
	}
	return why
}

// Err returns an error that names the refused cases, or nil if there are none.
func (o *Outcome) Err() error {
	if o.Refused == nil {
		return nil
	}
	return cli.Data(fmt.Errorf("%s (all results are written; --allow-extrapolation accepts them)",
		strings.Join(o.Refused, "; ")))
}

// Measured returns field and measurement of a pair of the store, in physical
// units. The measurement has the noise that a run with the seed adds.
//
// Stored measurements are noise-free, so that each run adds noise of its own
// seed. The pair's number selects the stream: the measurement is the same
// however many pairs were measured before.
func Measured(store *dataset.Store, problem problems.Problem, pair int,
	seed uint64) (x, y []float64, err error) {
	spec := problem.Spec()
	x32, y32 := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	if err := store.Pair(pair, x32, y32); err != nil {
		return nil, nil, err
	}
	x, y = widen(x32), widen(y32)
	problems.Measure(problem.Measurement(), y, y, seed, uint64(pair))
	return x, y, nil
}

// caseMask distinguishes the streams of the gaps of cases from other streams of
// rng.Mask.
const caseMask = ^uint64(1)

// caseShare returns the share of the values of case number k that are measured.
// A network that takes gaps shows its answer to them: all values of the
// first case, and fewer and fewer of each further one, down to data.masks, and
// so on from the start.
//
// With m = data.masks, case k has the share
//
//	m^((k mod 4)/3),
//
// that is 1, m^(1/3), m^(2/3), m, 1, …: equal ratios from one case to the next,
// and both ends within four cases.
func caseShare(c *recipe.Recipe, k int) float64 {
	const steps = 4
	if c.Data.Masks == 0 {
		return 1
	}
	return math.Pow(c.Data.Masks, float64(k%steps)/(steps-1))
}

// heldOut is a held-out pair of a dataset, and the number of its case.
//
// k counts the cases from 0; pair is the index in the store, in steps of the
// images of a simulation.
type heldOut struct {
	store   *dataset.Store
	pair, k int
}

// infer runs a case, whose measurement comes from a held-out pair. Measurement,
// posterior, reference and comparison are kept in the case's folder.
//
// Each file is kept before the next is begun, in the order measurement,
// posterior, reference, comparison. A call that is stopped between two of them
// resumes at the second; one that is stopped within a posterior resumes at its
// first missing draw. The judgment of the measurement (explain) is stored in
// the posterior's file, so that it is not repeated either.
//
// A reference whose method doubts it (bench.DoubtError) is left out with a
// note. A comparison with it would measure the reference's error.
func (f *Folder) infer(ctx context.Context, model *nn.Model, problem problems.Problem,
	from heldOut) (*Case, error) {
	spec, c := problem.Spec(), f.Recipe
	store, pair, k := from.store, from.pair, from.k
	in := func(file string) string { return caseName(k, file) }

	x, y, err := Measured(store, problem, pair, c.Seed)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("held-out pair %d, %s", pair, problem.Measurement())
	if share := caseShare(c, k); share < 1 {
		dataset.Hide(y, spec.Rows, spec.Cols, share, rng.New(c.Seed, rng.Mask, uint64(pair),
			caseMask))
		note += fmt.Sprintf(", %.3g %% of the values measured", 100*share)
	}
	truth := make([]float64, len(x))
	model.Meta.Normalization.NormalizeX(truth, x, len(truth))
	one := &Case{Name: fmt.Sprintf("%03d", k),
		Note: note, Y: y, Truth: truth}

	own := make([]float64, spec.YChannels*spec.YPlane())
	spec.FromNodes(own, y)
	err = f.keep(in(measurementFile), func(path string) error {
		return atomicfile.Write(path, false, func(w io.Writer) error {
			return format.WriteNPZ(w,
				format.Named{Name: "x", Array: format.Array64(x, spec.XShape()...)},
				format.Named{Name: "y", Array: format.Array64(own, spec.YShape()...)})
		})
	})
	if err != nil {
		return nil, err
	}
	job := infer.Job{Seed: c.Seed, Partial: f.path(in(posteriorPartial))}
	err = f.keep(in(posteriorFile), func(path string) error {
		p, err := infer.Sample(ctx, model, y, c.Sampling, job, f.env)
		if err != nil {
			return err
		}
		p.Quantify(problem)
		p.Band(model, problem, c.Sampling)
		support, err := p.JudgeSupport(ctx, model, c.Sampling)
		if err != nil {
			return err
		}
		for _, warning := range support.Warnings() {
			f.env.Note(fmt.Sprintf("case %s: %s", one.Name, warning))
		}
		explainer := infer.NewExplainer(problem, model)
		v, err := explainer.Measurement(ctx, y, f.env)
		if err != nil {
			return err
		}
		if err := explainer.Posterior(ctx, v, p, y, f.env); err != nil {
			return err
		}
		return p.WriteFile(path, false)
	})
	if err != nil {
		return nil, err
	}
	if err := infer.RemovePartial(job.Partial); err != nil {
		return nil, err
	}
	if one.Posterior, err = infer.ReadPosterior(f.path(in(posteriorFile))); err != nil {
		return nil, err
	}
	one.Quantities = one.truthful(problem, model.Meta.Normalization)
	if c.Sampling.Evaluations() <= mostFilm && len(spec.XFields) == 0 {
		if one.Film, err = infer.Film(ctx, model, y, c.Sampling, c.Seed); err != nil {
			return nil, err
		}
	}
	if c.Reference.Method == recipe.MethodNone {
		return one, nil
	}
	job.Partial = f.path(in(referencePartial))
	err = f.keep(in(referenceFile), func(path string) error {
		r := c.Reference
		if r.Method == recipe.MethodQuadrature { // adaptive replaces it if it fails
			r.Method = recipe.MethodAuto
		}
		t, err := infer.ReferencePosterior(ctx, problem, y, r, job, f.env)
		if err != nil {
			return err
		}
		return t.WriteFile(path, false)
	})
	if _, doubtful := errors.AsType[*bench.DoubtError](err); doubtful {
		f.env.Note(fmt.Sprintf("case %s has no reference to compare with: %v", one.Name, err))
		return one, nil
	}
	if err != nil {
		return nil, err
	}
	if err := infer.RemoveReferencePartial(job.Partial); err != nil {
		return nil, err
	}
	r, err := infer.ReadSummary(f.path(in(referenceFile)), "", "")
	if err != nil {
		return nil, err
	}
	one.addReference(estimate(r, model.Meta.Normalization), 0)
	text, err := json.MarshalIndent(one.Comparisons, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := atomicfile.WriteFile(f.path(in(comparisonFile)), true,
		append(text, '\n')); err != nil {
		return nil, err
	}
	training := c.TrainSettings(1)
	return one, f.keepSplit(ctx, &splitCall{problem, model, c.Sampling, training.HeldOutSigma(),
		c.Seed}, one, k)
}

// estimate is a reference that this program computed, in the units of a model.
// A reference is normalized by the range of the prior, and a model by the
// extremes of its training set.
//
// Fields of both are affine in each other: with range [a, b] of the reference
// and [c, d] of the model, a normalized value v of the first becomes (a + v·(b
// − a) − c)/(d − c), and a deviation is scaled by (b − a)/(d − c) alone.
func estimate(s *infer.Summary, n nn.Normalization) CaseReference {
	return CaseReference{Name: infer.ReferenceName(s.Origin.Method), Note: originNote(s.Origin),
		Posterior: s.In(n), Plane: s.Plane, Points: s.Points}
}

// addReference compares the case's posterior with one more reference.
//
// The first reference that is added is the one of the averages and of the table
// of true fields; callers add the best first. itsError is the stated error of a
// reference that carries none itself, or 0.
func (c *Case) addReference(r CaseReference, itsError float64) {
	c.References = append(c.References, r)
	c.Comparisons = append(c.Comparisons,
		infer.NewDrawsComparison("score network", &c.Posterior.Posterior, r.Name, r.Posterior,
			itsError))
}

// originNote returns how a reference was made: method, forward solves with
// their time, and the error that it states. It is "" if that is not known.
func originNote(o *infer.Origin) string {
	if o == nil {
		return ""
	}
	note := o.Method
	if o.Solves > 0 {
		note += fmt.Sprintf(", %d forward solves in %.1f s", o.Solves, o.Seconds)
	}
	if o.Error != nil {
		note += fmt.Sprintf(", error about %.2g", *o.Error)
	}
	return note
}

// widen returns a copy in double precision. Stored pairs and network inputs are
// in single precision; all arithmetic between them is in double.
func widen(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, a := range v {
		out[i] = float64(a)
	}
	return out
}
