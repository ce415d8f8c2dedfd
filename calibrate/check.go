package calibrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"csdm/bench"
	"csdm/dataset"
	"csdm/env"
	"csdm/explain"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/identity"
	"csdm/internal/recordfile"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
	"csdm/rng"
)

// Settings are the settings of Check.
//
// Measurements set the resolution: the standard error of a coverage p is √(p (1
// − p)/Measurements) for a single value.
type Settings struct {
	// number of fresh measurements
	Measurements int
	// sampler of the draws, and their number
	Sampling langevin.Settings
	// seed of pairs and draws
	Seed uint64
	// Spoil is the name of a bench.Spoiling to judge instead of the network's
	// own posteriors; "" judges the network's.
	Spoil string
	// Certify judges the certified posteriors instead of the network's.
	Certify bool
	// At is a measurement (physical units) about which calibration is checked;
	// nil: over the prior.
	At []float64
	// Measured is the share of its values that each measurement has, at random
	// nodes; 0: all.
	Measured float64
	// First is the index of the first pair of Job.Store that is checked.
	First int
}

// Names of the posteriors that are not spoiled: the network's own, and the
// certified ones.
const (
	NetworkPosterior   = "network"
	CertifiedPosterior = "certified"
)

const (
	// checkSeed ("check") distinguishes the pairs of a check from the pairs of
	// a training with the same seed.
	checkSeed       = 0x636865636b
	poolStart       = 1 << 40 // index of the first pair of the pool, in simulations
	poolSize        = 256     // smallest number of pairs in the pool
	predictiveDraws = 2       // draws of each measurement that go through the forward model
	recordsFile     = "measurements.records"
	checkFile       = "check.json"
	checkDataFile   = "measurements.csv"
)

// Result is the result of Check.
type Result struct {
	// model as given
	Model   string `json:"model"`
	Weights string `json:"weights"` // short hash of the network's weights
	// name of the problem
	Problem string `json:"problem"`
	// rows of the field
	Rows int `json:"rows"`
	// columns of the field
	Cols int `json:"cols"`
	// measurement noise in percent
	NoisePercent float64 `json:"noise_percent"`

	// number of fresh measurements
	Measurements int `json:"measurements"`
	// posterior draws of each measurement
	Draws int `json:"draws"`
	// algorithm of the draws
	Sampler  string `json:"sampler"`
	Sampling string `json:"sampling"` // description with levels and corrections
	// number of noise levels
	Steps int `json:"steps"`
	// seed of fields, measurements and draws
	Seed uint64 `json:"seed"`
	// Lattice is the number of steps per unit to which normalized fields are
	// rounded.
	Lattice int `json:"lattice"`
	// largest effects that pass
	Tolerance bench.Tolerance `json:"tolerance"`

	Certified bool `json:"certified,omitempty"` // the posteriors are certified ones

	// At is the SHA-256 of the measurement about which calibration was checked;
	// "": over the prior.
	At string `json:"at,omitempty"`
	// MeasuredShare is the share of the values that were measured; 0: all.
	MeasuredShare float64 `json:"measured_share,omitempty"`
	// Kept is the number of draws of each measurement that count, if not all.
	Kept int `json:"kept,omitempty"`

	Tested string `json:"tested"` // name of the posterior that Verdict judges
	// verdict on the tested posterior: pass, undecided or fail
	Verdict bench.Judgment `json:"verdict"`
	// Passed reports whether Verdict is "pass" and every spoiled posterior was
	// caught.
	Passed bool `json:"passed"`

	Posteriors []CheckedPosterior `json:"posteriors"` // the network's, then the spoiled ones
	// Weighting counts the certified and the refused measurements; nil: all
	// measurements are used.
	Weighting *Weighting `json:"weighting,omitempty"`
	// Skipped lists the tests that could not be made, with the reasons.
	Skipped []string `json:"skipped,omitempty"`

	// Support reports whether the draws of the first measurement can be draws
	// of a posterior. It is nil if an earlier call finished the check.
	Support *infer.Support `json:"support,omitempty"`

	// path of the report, .html
	Report string `json:"report,omitempty"`
	// wall time of the call in seconds; absent: an earlier call finished the
	// check
	Seconds float64  `json:"seconds,omitempty"`
	Call    env.Call `json:"call"` // call that finished the check

	Identity identity.Identity `json:"identity"` // all inputs of the check
	// AlreadyThere reports whether an earlier call finished the check, so that
	// this call did nothing.
	AlreadyThere bool `json:"already_there,omitempty"`

	scores    [][]*bench.Record
	weighting []weighting // of each measurement; nil: none
}

// CheckedPosterior is a row of Result.
type CheckedPosterior struct {
	// name of the posterior: the network's, or of a spoiled one
	Name string `json:"name"`
	// how the posterior is spoiled
	What   string `json:"what"`
	Caught *bool  `json:"caught,omitempty"` // whether a spoiled posterior fails; else nil
	*bench.Assessment
}

// Job names the model of a check and the folder of its files.
type Job struct {
	// network whose posteriors are judged
	Model   *nn.Model
	Name    string           // of the model, for the report
	Problem problems.Problem // the model's own (see measured.ProblemOf)

	Dir       string // "": no files are written
	Overwrite bool   // compute a finished check again, and replace other settings

	Store *dataset.Store // pairs to check; nil: the problem makes new ones
}

// Check tests whether the posteriors of a model are calibrated. It draws from
// the posteriors of fresh measurements of the model's problem, none of which
// training has seen. The tests are ranks of physical quantities, coverage of
// pixels, TARP and posterior predictive misfit; package bench describes each.
// They are made on the network's posteriors and on spoiled posteriors, which
// must fail.
//
// With a folder, Check keeps the records of finished measurements there. A call
// that was stopped resumes, and a call for more measurements adds to fewer. At
// the end it writes report.html with figures, measurements.csv and last
// check.json, which shows that the check is finished. A finished check is not
// computed again unless Overwrite is set; missing files of it are written. A
// check with other settings is an error before any work, which names the
// settings that differ, unless Overwrite is set. Draws are reduced to records
// one measurement after the other. No result depends on the number of threads.
func Check(ctx context.Context, job Job, settings Settings, env env.Env) (*Result, error) {
	start, dir := time.Now(), job.Dir
	c, err := newChecker(job.Model, job.Problem, settings, env)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.useStore(job.Store); err != nil {
		return nil, err
	}
	records, finished := "", false
	if dir != "" {
		if finished, err = c.prepare(dir, job.Overwrite); err != nil {
			return nil, err
		}
		records = filepath.Join(dir, recordsFile)
	}
	if err := c.run(ctx, records); err != nil {
		return nil, err
	}
	r, err := c.result(job.Name)
	if err != nil {
		return nil, err
	}
	if !finished && !c.weighted() {
		if r.Support, err = c.support(ctx); err != nil {
			return nil, err
		}
	}
	if r.AlreadyThere = finished; dir != "" {
		r.Report = filepath.Join(dir, report.PageFile)
		if !finished {
			if err := c.write(dir, r); err != nil {
				return nil, err
			}
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// prepare makes dir ready for the check, and reports whether dir holds a
// finished check without a missing file.
func (c *checker) prepare(dir string, overwrite bool) (finished bool, err error) {
	path := func(file string) string { return filepath.Join(dir, file) }
	there, err := infer.ReadIdentity(path(checkFile))
	began := atomicfile.Exists(path(recordsFile))
	switch {
	case errors.Is(err, fs.ErrNotExist): // no check, or a stopped one
		for _, file := range []string{report.PageFile, checkDataFile, report.FigureFolder} {
			if !overwrite && !began && atomicfile.Exists(path(file)) {
				return false, &fs.PathError{Op: "write", Path: path(file), Err: fs.ErrExist}
			}
		}
	case err != nil && !overwrite:
		return false, err
	case !overwrite:
		if err := infer.SameResult(path(checkFile), there, c.resultIdentity()); err != nil {
			return false, err
		}
		finished = began
		for _, file := range []string{report.PageFile, checkDataFile, report.FigureFolder} {
			finished = finished && atomicfile.Exists(path(file))
		}
	default:
		// Without check.json the check is unfinished. If it stops from here on,
		// the next call resumes it, with or without overwrite.
		c.again = err != nil || there == c.resultIdentity()
		if err := disk.Remove(path(checkFile)); err != nil {
			return false, err
		}
	}
	c.overwrite = overwrite
	return finished, disk.MkdirAll(dir)
}

// checker is the state of a call of Check.
type checker struct {
	// network whose posteriors are judged
	model *nn.Model
	// makes pairs, and has the forward model
	problem problems.Problem
	// description of the problem
	spec *problems.Spec
	// settings of the call
	settings Settings
	seed     uint64 // of the pairs
	// threads, progress and provenance of the call
	env env.Env

	overwrite bool // replace records of other settings
	again     bool // compute records again even if all exist

	quantified problems.Quantified // nil: no quantities
	// quantities and reference fields, in the order of records
	names     bench.Names
	spoilings []bench.Spoiling // the first of them spoils nothing
	// rounds fields, so that ties are ties
	lattice bench.Lattice
	misfit  *misfit        // nil: the problem has no misfit
	stored  *storedPairs   // pairs of a dataset; nil: new pairs
	around  *around        // pairs about one measurement; nil: pairs of the prior
	judge   *explain.Judge // of certified posteriors; nil: none are certified
	// tests that cannot be made, each with the reason
	skipped []string

	// numbers of one measurement, over all posteriors
	recordLen int
	records   []float64 // for each measurement the packed records of all posteriors
}

// newChecker checks the settings against the model and the problem, and finds
// the tests that can be made.
//
// A test that cannot be made is named in skipped, so that a reader of the
// report knows what was not tested.
func newChecker(model *nn.Model, problem problems.Problem, settings Settings,
	env env.Env) (*checker, error) {
	m := &model.Meta
	spec := problem.Spec()
	if err := measured.Fits(model, spec); err != nil {
		return nil, err
	}
	c := &checker{model: model, problem: problem, spec: spec, settings: settings,
		seed: settings.Seed ^ checkSeed, env: env}
	switch {
	case settings.Measurements < 2 || settings.Sampling.Draws < 2:
		return nil, cli.Usage(fmt.Errorf("a check of %d measurements with %d draws each; at "+
			"least 2 of each are needed",
			settings.Measurements, settings.Sampling.Draws))
	case settings.Measured < 0 || settings.Measured > 1:
		return nil, cli.Usage(fmt.Errorf("measured = %v: a share from 0 to 1 is expected",
			settings.Measured))
	case settings.Measured > 0 && !model.Net.Arch().Masked:
		return nil, cli.Data(errors.New("the model was trained on whole measurements, so that it " +
			"takes none with gaps: train one with --set data.masks=0.01"))
	case settings.Measured > 0 && model.Parameterization.Estimate() != nil:
		return nil, cli.Data(errors.New("the model needs a value at each of its sensors: train " +
			"one for other gaps with --set data.masks=0.1"))
	case c.seed == m.Training.Seed:
		return nil, cli.Usage(fmt.Errorf("seed %d gives the pairs that the model was trained on; "+
			"choose another seed",
			settings.Seed))
	}
	c.spoilings = append([]bench.Spoiling{{Name: NetworkPosterior,
		What: "as the network draws them", Scale: 1}}, bench.Spoilings()...)
	if settings.At != nil {
		if err := c.fitsAt(); err != nil {
			return nil, err
		}
		c.spoilings[len(c.spoilings)-1].What = "draws that ignore the simulated measurement"
	}
	if settings.Certify {
		if err := infer.CanCertify(problem); err != nil {
			return nil, err
		}
		c.judge = explain.NewJudge(problem)
		c.spoilings[0].Name = CertifiedPosterior
		c.spoilings[0].What = "weighted by the forward model"
	}
	if settings.Spoil == "" {
		c.settings.Spoil = c.spoilings[0].Name
	} else if c.tested() < 0 {
		return nil, cli.Usage(fmt.Errorf("there is no spoiled posterior %q; the names are %s",
			settings.Spoil, c.spoiledNames()))
	}
	c.lattice = bench.NewLattice(settings.Sampling.SigmaMin)
	if q, ok := problem.(problems.Quantified); ok {
		c.quantified = q
		for _, v := range q.Quantities() {
			c.names.Quantities = append(c.names.Quantities, v.Name)
		}
	} else {
		c.skipped = append(c.skipped, fmt.Sprintf("ranks of physical quantities (the problem %s "+
			"defines none)", spec.Name))
	}
	c.names.References = []string{"random field", "field of the nearest measurement"}
	var err error
	if c.misfit, err = newMisfit(problem); err != nil {
		var not *noMisfitError
		if !errors.As(err, &not) {
			return nil, err
		}
		c.skipped = append(c.skipped, "posterior predictive check ("+err.Error()+")")
	}
	c.recordLen = len(c.spoilings) * c.scoreLen()
	if c.weighted() {
		c.recordLen += weightingLen
	}
	return c, nil
}

// close ends the forward model of the misfit.
func (c *checker) close() {
	if c.misfit != nil {
		c.misfit.close()
	}
}

// scoreLen is the number of values of one posterior's record.
func (c *checker) scoreLen() int {
	return bench.RecordLen(len(c.names.Quantities), len(c.names.References))
}

// spoiledNames returns the names of the spoiled posteriors, separated by
// commas.
func (c *checker) spoiledNames() string {
	var names []string
	for _, p := range bench.Spoilings() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// tested returns the index of the posterior that the verdict judges, or −1 if
// no posterior has that name.
func (c *checker) tested() int {
	return slices.IndexFunc(c.spoilings, func(p bench.Spoiling) bool {
		return p.Name == c.settings.Spoil
	})
}

// weighted reports whether the draws of a measurement have weights, so that its
// record ends with their weighting.
func (c *checker) weighted() bool { return c.settings.Certify || c.settings.At != nil }

// recordsIdentity returns the identity of the record of one measurement.
//
// The number of measurements is left out: record i does not depend on it.
func (c *checker) recordsIdentity() identity.Identity {
	b := problems.Identify("check", 2, c.problem).AddIdentity("model", c.model.Identity()).
		Add("sampling", c.settings.Sampling, "Seed", "Measurement",
			"First", "Skip", "Threads").
		Add("seed", c.settings.Seed).
		Add("spoilings", c.spoilings).Add("pool", poolSize).Add("predictive", predictiveDraws)
	if c.settings.Certify {
		b.Add("certify", 2)
	}
	if c.settings.Measured > 0 {
		b.Add("measured", c.settings.Measured)
	}
	if c.stored != nil {
		b.AddIdentity("pairs", c.stored.pairs.store.Manifest().Identity()).
			Add("first", c.settings.First)
	}
	if c.settings.At != nil {
		b.AddFloats("at", c.settings.At).Add("thinning", thinning)
	}
	return b.Identity()
}

// resultIdentity returns the identity of the finished check.
func (c *checker) resultIdentity() identity.Identity {
	return identity.New("check result", 1).AddIdentity("scores", c.recordsIdentity()).
		Add("measurements", c.settings.Measurements).Add("spoil", c.settings.Spoil).
		Add("tolerance", bench.DefaultTolerance()).Identity()
}

// run computes the records of all measurements. It reads the records in the
// file path and appends each new one; there is no file if path is "".
func (c *checker) run(ctx context.Context, path string) error {
	total := c.settings.Measurements
	c.records = make([]float64, total*c.recordLen)
	store, err := recordfile.Open(path, c.records, c.recordLen, c.recordsIdentity(), c.overwrite,
		c.env.Note)
	if err != nil {
		return err
	}
	defer store.Close()
	if c.again && store.Len() == total {
		if err := store.Reset(c.recordsIdentity()); err != nil {
			return err
		}
	}
	if store.Len() == total {
		return nil
	}
	return c.measure(ctx, &batch{values: c.records, done: store.Len(), total: total,
		keep: func(record []float64) error {
			if err := store.Append(record); err != nil {
				return err
			}
			if store.Keeps() {
				c.env.ReportSaved()
			}
			return nil
		}})
}

// result judges the records.
//
// Each posterior, spoiled or not, is assessed by the same code from records of
// the same measurements.
func (c *checker) result(name string) (*Result, error) {
	s := c.settings
	weights, err := identity.ShortHash(c.model.Net.Flat())
	if err != nil {
		return nil, err
	}
	r := &Result{
		Model: name, Weights: weights, Call: c.env.Call, Problem: c.spec.Name, Rows: c.spec.Rows,
		Cols: c.spec.Cols, NoisePercent: c.model.Meta.NoisePercent,
		Measurements: s.Measurements, Draws: s.Sampling.Draws, Sampler: string(s.Sampling.Sampler),
		Steps: s.Sampling.Levels, Sampling: s.Sampling.String(), Seed: s.Seed,
		Lattice: int(c.lattice), Tolerance: bench.DefaultTolerance(), Tested: s.Spoil,
		Certified: s.Certify, Skipped: c.skipped, Identity: c.resultIdentity(),
		MeasuredShare: s.Measured,
	}
	if s.At != nil {
		r.At, r.Kept = infer.MeasurementHash(s.At), c.kept()
	}
	used, err := c.addWeighting(r)
	if err != nil {
		return nil, err
	}
	caught := true
	for k, p := range c.spoilings {
		scores := make([]*bench.Record, s.Measurements)
		for i := range scores {
			record := c.records[i*c.recordLen+k*c.scoreLen():]
			scores[i] = bench.UnpackRecord(record[:c.scoreLen()], len(c.names.Quantities),
				len(c.names.References))
		}
		r.scores = append(r.scores, scores)
		row := CheckedPosterior{Name: p.Name, What: p.What,
			Assessment: bench.Assess(used(scores), c.names, r.Tolerance,
				c.stream(poolStart, uint64(k)))}
		if k > 0 {
			fails := row.Verdict == bench.Fail
			row.Caught, caught = &fails, caught && fails
		}
		r.Posteriors = append(r.Posteriors, row)
	}
	r.Verdict = r.Posteriors[c.tested()].Verdict
	r.Passed = r.Verdict == bench.Pass && caught
	return r, nil
}

// addWeighting sets the weighting of r. It returns a function that returns the
// records of the used measurements, and an error if there are fewer than two.
//
// Fewer than two used measurements have no spread, and nothing can be judged.
func (c *checker) addWeighting(r *Result) (func([]*bench.Record) []*bench.Record, error) {
	if !c.weighted() {
		return func(all []*bench.Record) []*bench.Record { return all }, nil
	}
	for i := range r.Measurements {
		end := (i + 1) * c.recordLen
		r.weighting = append(r.weighting, unpackWeighting(c.records[end-weightingLen:end]))
	}
	if r.Weighting = summarize(r.weighting); r.Weighting.Used < 2 {
		return nil, cli.Data(fmt.Errorf("nothing to judge: %s",
			r.Weighting.text(c.settings.Certify)))
	}
	return func(all []*bench.Record) (used []*bench.Record) {
		for i, record := range all {
			if r.weighting[i].used {
				used = append(used, record)
			}
		}
		return used
	}, nil
}

// stream returns a random stream for the parts of a check other than pairs and
// draws.
func (c *checker) stream(i, j uint64) *rng.Stream { return rng.New(c.seed, rng.HeldOut, i, j) }
