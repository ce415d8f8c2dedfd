package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/format"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/measured"
	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

// FEniCSError is the stated error of the exact posteriors that come with the
// embedded measurements.
const FEniCSError = 0.003

// Demos holds what csdm demo shows of each problem.
var demos = map[string]demoOf{
	"quasistatic": {model: "quasistatic-56-n5", draws: 256, reference: recipe.MethodAuto},
	"opticnerve": {model: "opticnerve-64", simulated: 2, draws: 256,
		reference: recipe.MethodNone},
	"phantom": {model: "phantom-56", simulated: 2, draws: 256, reference: recipe.MethodAuto},
	"duallayer": {model: "duallayer-64", simulated: 1, draws: 256, reference: recipe.MethodAuto,
		shown: 3},
	"spheroid": {model: "spheroid-256", simulated: 2, draws: 64, reference: recipe.MethodNone,
		shown: 3},
}

// demoOf is what csdm demo shows of one problem. Its numbers keep a demo below
// a minute on two cores.
type demoOf struct {
	model     string // the embedded network
	simulated int    // measurements that are simulated; 0: they are embedded
	draws     int    // of each measurement
	reference string // method of the reference posterior
	shown     int    // draws in the overview, as in the paper's figure
}

// demoSeed is the seed of the pairs whose measurements a demo infers. No
// embedded network was trained on it.
const demoSeed = 2024

// DemoSettings are the choices of a demo.
type DemoSettings struct {
	Problem   string // name of the problem
	Model     string // model file for the problem; empty: the embedded network
	Draws     int    // posterior draws of each measurement; 0: the problem's number
	Seed      uint64 // of the draws
	Overwrite bool   // replace results of other settings
}

// demo is the state of a call of Demo.
type demo struct {
	DemoSettings
	demoOf
	dir       string
	env       env.Env
	net       *nn.Model
	problem   problems.Problem
	sampling  langevin.Settings
	reference recipe.Reference
	embedded  bool // the measurements are embedded
	cases     []*Case
	kept      []*infer.Posterior // results of an earlier call
}

// Demo infers embedded or simulated measurements of a problem with its embedded
// network. Where a reference posterior takes seconds, it compares the results
// with it, and where measurements come with posteriors that were computed with
// FEniCS, with those, too. It writes posteriors, references, figures and last
// the report to dir. Unless s.Overwrite is set, results of the same settings
// are kept, and a result of other settings is an error before any work, which
// names them. A report without results is an error for which errors.Is(err,
// fs.ErrExist) holds. A problem without a demo is a *builtin.UnknownError.
func Demo(ctx context.Context, dir string, s DemoSettings, env env.Env) (*Outcome, error) {
	start := time.Now()
	d := &demo{DemoSettings: s, dir: dir, env: env}
	if err := d.open(); err != nil {
		return nil, err
	}
	finished, err := d.finished()
	if err != nil {
		return nil, err
	}
	if err := disk.MkdirAll(dir); err != nil {
		return nil, err
	}
	if !finished {
		env.Note(d.inWords())
	}
	explainer := infer.NewExplainer(d.problem, d.net)
	// A simulated measurement needs no search for a member of the prior that
	// explains it.
	explainer.Search = explainer.Search && d.embedded
	for k := range d.cases {
		if err := d.infer(ctx, k, explainer); err != nil {
			return nil, err
		}
	}
	var prior []float64
	m := &d.net.Meta
	if p, ok := d.problem.(problems.Parametric); ok {
		if prior, err = PriorMean(ctx, p, priorFields, m.Training.Seed, env.Threads); err != nil {
			return nil, err
		}
		m.Normalization.NormalizeX(prior, prior, len(prior))
	}
	outcome := newOutcome(d.cases, prior)
	outcome.Model, outcome.Report = d.name(), filepath.Join(dir, report.PageFile)
	if outcome.AlreadyThere = finished; finished {
		return outcome, nil
	}
	page, err := d.page(ctx, outcome)
	if err != nil {
		return nil, err
	}
	outcome.Seconds = time.Since(start).Seconds()
	return outcome, page.WriteFolder(dir, s.Overwrite)
}

// open sets the network, the problem, the settings and the measurements.
//
// A user's own model gets simulated measurements even where embedded ones
// exist: those were made for the embedded network's grid and noise.
func (d *demo) open() (err error) {
	var ok bool
	if d.demoOf, ok = demos[d.Problem]; !ok {
		var known []string
		for _, e := range builtin.List() {
			if demos[e.Name].model != "" {
				known = append(known, e.Name)
			}
		}
		return &builtin.UnknownError{Kind: "problem", Name: d.Problem, Known: known}
	}
	d.net, err = OpenModel(d.name())
	switch _, missing := models.Model(d.model); {
	case err != nil && d.Model == "" && missing != nil:
		return cli.Usage(fmt.Errorf("no network for %s is embedded yet: train one by csdm run "+
			"--problem %[1]s --preset full -o run, and give --model run/model.safetensors",
			d.Problem))
	case err != nil:
		return err
	}
	m := &d.net.Meta
	if m.Problem != d.Problem {
		return cli.Usage(fmt.Errorf("%s is a model of %q, not of %s; give its problem as --problem",
			d.name(), m.Problem, d.Problem))
	}
	if d.problem, err = builtin.Lookup(m.Problem,
		problems.Options{Grid: min(m.Rows, m.Cols), NoisePercent: m.NoisePercent}); err != nil {
		return err
	}
	if err := measured.Fits(d.net, d.problem.Spec()); err != nil {
		return fmt.Errorf("%s: %w", d.name(), err)
	}
	if m.Training.Seed == demoSeed && d.Model != "" {
		return cli.Usage(fmt.Errorf("%s was trained on pairs of seed %d, from which the demo's "+
			"measurements come", d.name(), demoSeed))
	}
	if d.Draws == 0 {
		d.Draws = d.draws
	}
	d.sampling = recipe.Sampling(d.net, d.Draws)
	d.reference = recipe.NewReference(d.demoOf.reference)
	if d.embedded = d.Model == "" && models.HasMeasurements(d.model); d.embedded {
		d.cases, err = EmbeddedCases(d.model, m)
	} else {
		d.cases, err = simulatedCases(d.problem, max(1, d.simulated), m)
	}
	d.kept = make([]*infer.Posterior, len(d.cases))
	return err
}

// name returns the name or the path of the model.
func (d *demo) name() string {
	if d.Model != "" {
		return d.Model
	}
	return models.Prefix + d.model
}

// result returns the path of a result of a case.
func (d *demo) result(c *Case, what string) string {
	return filepath.Join(d.dir, "measurement-"+c.Name+"-"+what+".npz")
}

// finished sets kept, and reports whether an earlier call finished all results
// and the report. It removes the report of an unfinished call, so that a report
// always shows that the rest is complete.
//
// The report is written last and removed first. Between the two, results may be
// of two calls.
func (d *demo) finished() (bool, error) {
	done, err := 0, error(nil)
	for k, c := range d.cases {
		if d.Overwrite {
			continue
		}
		if d.kept[k], err = infer.FinishedPosterior(d.result(c, "posterior"),
			infer.DrawsIdentity(d.net, c.Y, d.sampling, d.Seed), d.Draws); err != nil {
			return false, err
		}
		if d.kept[k] != nil {
			if err := d.kept[k].CheckBands(d.result(c, "posterior"), d.net); err != nil {
				return false, err
			}
		}
		there := d.reference.Method == recipe.MethodNone
		if !there {
			if there, err = infer.Finished(d.result(c, "reference"),
				infer.ReferenceIdentity(d.problem, c.Y, d.reference, 0)); err != nil {
				return false, err
			}
		}
		if d.kept[k] != nil && there {
			done++
		}
	}
	page := filepath.Join(d.dir, report.PageFile)
	if !atomicfile.Exists(page) {
		return false, nil
	}
	if done == len(d.cases) && atomicfile.Exists(filepath.Join(d.dir, report.FigureFolder)) {
		return true, nil
	}
	if !d.Overwrite && done == 0 {
		return false, &fs.PathError{Op: "write", Path: page, Err: fs.ErrExist}
	}
	return false, disk.Remove(page)
}

// inWords describes the work.
func (d *demo) inWords() string {
	exact := ""
	if d.reference.Method != recipe.MethodNone {
		exact = " and the exact posterior"
	}
	return fmt.Sprintf("%s %s, and a network of %d parameters trained for such measurements: "+
		"%d posterior draws of each%s; report in %s", cli.Plural(len(d.cases), "measurement"),
		d.cases[0].Note, d.net.Net.Arch().ParameterCount(), d.Draws, exact, d.dir)
}

// infer draws the posterior of case k and computes its references, unless an
// earlier call did.
func (d *demo) infer(ctx context.Context, k int, explainer *infer.Explainer) (err error) {
	c := d.cases[k]
	others := c.References
	c.References = nil
	if c.Posterior = d.kept[k]; c.Posterior == nil {
		if c.Posterior, err = infer.Sample(ctx, d.net, c.Y, d.sampling, infer.Job{Seed: d.Seed},
			d.env); err != nil {
			return err
		}
		c.Posterior.Quantify(d.problem)
		c.Posterior.Band(d.net, d.problem, d.sampling)
		v, err := explainer.Measurement(ctx, c.Y, d.env)
		if err != nil {
			return err
		}
		if err := explainer.Posterior(ctx, v, c.Posterior, c.Y, d.env); err != nil {
			return err
		}
		if err := c.Posterior.WriteFile(d.result(c, "posterior"), d.Overwrite); err != nil {
			return err
		}
		d.env.ReportSaved()
	}
	c.Quantities = c.truthful(d.problem, d.net.Meta.Normalization)
	if d.reference.Method != recipe.MethodNone {
		path := d.result(c, "reference")
		if d.Overwrite || !atomicfile.Exists(path) {
			truth, err := infer.ReferencePosterior(ctx, d.problem, c.Y, d.reference, infer.Job{},
				d.env)
			if err != nil {
				return err
			}
			if err := truth.WriteFile(path, d.Overwrite); err != nil {
				return err
			}
			d.env.ReportSaved()
		}
		truth, err := infer.ReadSummary(path, "", "")
		if err != nil {
			return err
		}
		c.addReference(estimate(truth, d.net.Meta.Normalization), 0)
	}
	for _, r := range others {
		c.addReference(r, FEniCSError)
	}
	return nil
}

// page lays out the report. It begins with the figure that corresponds to the
// paper's.
func (d *demo) page(ctx context.Context, outcome *Outcome) (*report.Report, error) {
	training, err := d.training(ctx)
	if err != nil {
		return nil, err
	}
	page := newPage(d.problem, d.net, d.cases, outcome)
	all := report.Overview{Name: "overview", Draws: d.shown}
	for k, c := range d.cases {
		all.Cases = append(all.Cases, casePage(d.problem, c, k))
	}
	page.Sections = append([]report.Section{{Title: "All measurements",
		Blocks: []report.Block{all.Figure()}}}, page.Sections...)
	page.Reproduce = []string{d.env.Command}
	page.Provenance = append([]report.KeyValue{{Key: "model", Value: d.name()},
		{Key: "seed", Value: fmt.Sprint(d.Seed)}}, d.env.Call.Rows()...)
	if training != nil {
		page.Sections = append(page.Sections, training.Section())
	}
	return page, nil
}

// training returns the training of the embedded network, or nil if it was not
// recorded. It splits the errors of the cases at the training's noise levels.
func (d *demo) training(ctx context.Context) (*report.TrainingCurves, error) {
	if d.Model != "" {
		return nil, nil
	}
	metrics, err := models.Metrics(d.model)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t, err := readMetrics(bytes.NewReader(metrics), d.problem.Spec().XLen())
	if err != nil {
		return nil, err
	}
	s := splitCall{d.problem, d.net, d.sampling, t.Sigma, d.Seed}
	for _, c := range d.cases {
		if c.Split, err = s.split(ctx, c, d.env); err != nil {
			return nil, err
		}
	}
	t.Neighbors, t.Optimum = -1, optimum(d.cases) // the model file has no neighbors
	return t, nil
}

// simulatedCases simulates n measurements of a problem, the first pair of each
// of the first simulations of demoSeed.
//
// Measurements of one simulation share their field, so that only the first is
// taken.
func simulatedCases(p problems.Problem, n int, m *nn.Metadata) (cases []*Case, err error) {
	for k := range uint64(n) {
		pair := k * uint64(p.Spec().ImagesPerSimulation)
		x, y, err := problems.MeasuredPair(p, demoSeed, pair)
		if err != nil {
			return nil, err
		}
		m.Normalization.NormalizeX(x, x, len(x))
		cases = append(cases, &Case{Name: fmt.Sprint(k + 1), Y: y, Truth: x,
			Note: fmt.Sprintf("simulated for seed %d", demoSeed)})
	}
	return cases, nil
}

// EmbeddedCases reads the embedded measurements of that name with their true
// fields and the exact posteriors computed with FEniCS.
//
// The archive has arrays y, x, mean and std of shape (cases, rows, cols): y in
// physical units, the others normalized to [0, 1]. The slices of the cases are
// views.
func EmbeddedCases(name string, m *nn.Metadata) ([]*Case, error) {
	data, err := models.Measurements(name)
	if err != nil {
		return nil, err
	}
	arrays, err := format.ReadNPZ(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	y := arrays["y"]
	if err := y.CheckShape(-1, m.Rows, m.Cols); err != nil {
		return nil, err
	}
	n := m.Rows * m.Cols
	var cases []*Case
	for k := range y.Shape[0] {
		part := func(name string) []float64 { return arrays[name].Float64()[k*n : (k+1)*n] }
		cases = append(cases, &Case{
			Name: fmt.Sprint(k + 1), Y: part("y"), Truth: part("x"), Note: "made with FEniCS",
			References: []CaseReference{{
				Name: "exact (FEniCS)", Posterior: &bench.Posterior{Mean: part("mean"),
					Std: part("std")},
				Note: fmt.Sprintf("quadrature over a fine grid of centers, with FEniCS as the "+
					"forward model; error about %g", FEniCSError),
			}},
		})
	}
	return cases, nil
}
