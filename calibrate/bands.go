package calibrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"csdm/bench"
	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/identity"
	"csdm/internal/recordfile"
	"csdm/internal/shard"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
	"csdm/run"
)

// BandDraws is the number of draws of each measurement around which bands lie,
// unless the user chooses another.
const BandDraws = 32

// BandSettings are the settings of Conformal.
type BandSettings struct {
	Measurements int     // that set the levels
	Fresh        int     // further measurements, on which the coverage is counted
	Coverage     float64 // of the bands
	First        int     // index of the first pair of a dataset that is used
	// sampler of the draws, and their number
	Sampling langevin.Settings
	// seed of pairs and draws
	Seed uint64
}

const (
	// bandSeed ("bands") distinguishes the pairs of bands from the pairs of a
	// training or a check with the same seed.
	bandSeed    = 0x62616e6473
	bandRecords = "bands.records"
	bandFile    = "bands.json"
	bandModel   = run.ModelFile
)

// BandResult is the result of Conformal.
type BandResult struct {
	// model as given
	Model string `json:"model"`
	// name of the problem
	Problem string `json:"problem"`
	Out     string `json:"out"` // path of the model with its bands
	// levels of the bands
	Bands *nn.BandLevels `json:"bands"`
	// Regions holds the share of the pixels that each region has.
	Regions []float64 `json:"regions"`
	// Fresh is the coverage on measurements that did not set the levels; nil:
	// not counted.
	Fresh *FreshCoverage `json:"fresh,omitempty"`
	// wall time of the call in seconds
	Seconds float64 `json:"seconds"`
	// call that finished the bands
	Call env.Call `json:"call"`

	// all inputs of the bands
	Identity identity.Identity `json:"identity"`
	// AlreadyThere reports whether an earlier call finished the result, so that
	// this call did nothing.
	AlreadyThere bool `json:"already_there,omitempty"`
}

// BandJob names the model of Conformal, the origin of its pairs and the folder
// of its files.
type BandJob struct {
	// network whose draws get bands
	Model   *nn.Model
	Name    string           // of the model, for the result
	Problem problems.Problem // the model's own (see measured.ProblemOf)
	Store   *dataset.Store   // pairs that training has not seen; nil: the problem makes them

	// folder of records, result and model
	Dir       string
	Overwrite bool // replace a result with other settings
}

// Conformal computes the levels of a model's bands and writes a copy of the
// model that has them. It draws from the posterior of each held-out
// measurement, and finds the level from which the intervals around the draws
// hold the true values.
//
//   - Pixels: in each region of the field the level at which the expected share
//     of missed pixels is at most 1 − coverage, by conformal risk control
//     (bench.RiskLevel).
//   - Quantities: the level that holds a further value with probability
//     coverage, by split conformal prediction (bench.QuantileLevel). A
//     measurement whose true field lacks a quantity does not count for it. If
//     fewer than two draws have a quantity that the true field has, no interval
//     holds it.
//
// The copy has the weights and the identity of the model. The folder
// keeps the records of finished measurements. The same call resumes a stopped
// one, and a call for more measurements adds to fewer. A finished result stays
// as it is; one with other settings is an error before any work, unless
// Overwrite is set.
func Conformal(ctx context.Context, job BandJob, settings BandSettings,
	env env.Env) (*BandResult, error) {
	start := time.Now()
	c, err := newBander(job, settings, env)
	if err != nil {
		return nil, err
	}
	finished, err := c.prepare()
	if err != nil {
		return nil, err
	}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	r, err := c.result()
	if err != nil {
		return nil, err
	}
	r.Seconds, r.AlreadyThere = time.Since(start).Seconds(), finished
	if finished {
		return r, nil
	}
	return r, c.write(r)
}

// bander is the state of a call of Conformal.
type bander struct {
	BandJob
	// settings of the call
	settings BandSettings
	// threads, progress and provenance of the call
	env env.Env
	// where measurements come from
	pairs      *heldOut
	quantified problems.Quantified // nil: no quantities
	grains     []float64           // of the quantities
	again      bool                // compute records again even if all exist
	// numbers of one measurement: misses of each region and level, then the
	// level of each quantity
	recordLen int
	records   []float64 // row after row
}

// newBander checks the settings against the model and the problem.
func newBander(job BandJob, settings BandSettings, env env.Env) (*bander, error) {
	spec := job.Problem.Spec()
	c := &bander{BandJob: job, settings: settings, env: env}
	if err := bench.CheckCoverage(settings.Coverage); err != nil {
		return nil, cli.Usage(err)
	}
	least := bench.LeastMeasurements(settings.Coverage)
	switch {
	case settings.Measurements < least:
		return nil, cli.Usage(fmt.Errorf("%d measurements are too few for bands of %g %% "+
			"coverage, which would be infinite: at least %d are needed, and a few hundred make "+
			"them precise", settings.Measurements, 100*settings.Coverage, least))
	case settings.Fresh < 0 || settings.First < 0:
		return nil, cli.Usage(fmt.Errorf("fresh is %d and first is %d; neither may be negative",
			settings.Fresh, settings.First))
	case settings.Sampling.Draws < 2:
		return nil, cli.Usage(fmt.Errorf("bands around %d draws; at least 2 are needed",
			settings.Sampling.Draws))
	}
	err := measured.Fits(job.Model, spec)
	if err != nil {
		return nil, err
	}
	if c.pairs, err = newHeldOut(job, settings); err != nil {
		return nil, err
	}
	if q, ok := job.Problem.(problems.Quantified); ok {
		c.quantified = q
	}
	c.recordLen = len(bench.BandRegions(spec.XLen())) * len(bench.BandLevels())
	if c.quantified != nil {
		c.recordLen += len(c.quantified.Quantities())
	}
	return c, nil
}

// path is the path of a file in the folder.
func (c *bander) path(file string) string { return filepath.Join(c.Dir, file) }

// prepare makes the folder ready, and reports whether it holds the finished
// result.
func (c *bander) prepare() (finished bool, err error) {
	began, model := atomicfile.Exists(BandRecordsFile(c.Dir)), atomicfile.Exists(c.path(bandModel))
	there, err := infer.ReadIdentity(c.path(bandFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if model && !began && !c.Overwrite {
			return false, &fs.PathError{Op: "write", Path: c.path(bandModel), Err: fs.ErrExist}
		}
	case c.Overwrite:
		// Without bands.json the result is unfinished. If the call stops from
		// here on, the next one resumes it.
		c.again = err != nil || there == c.resultIdentity()
		if err := disk.Remove(c.path(bandFile)); err != nil {
			return false, err
		}
	case err != nil:
		return false, err
	default:
		if err := infer.SameResult(c.path(bandFile), there, c.resultIdentity()); err != nil {
			return false, err
		}
		finished = began && model
	}
	return finished, disk.MkdirAll(c.Dir)
}

// recordsIdentity returns the identity of the record of one measurement.
//
// The number of measurements and the coverage are not part of it: records serve
// any of both.
func (c *bander) recordsIdentity() identity.Identity {
	b := problems.Identify("bands", 1, c.Problem).AddIdentity("model", c.Model.Identity()).
		Add("sampling", c.settings.Sampling, "Seed", "Measurement", "First", "Skip", "Threads").
		Add("seed", c.settings.Seed).Add("levels", bench.BandLevels()).
		Add("regions", len(bench.BandRegions(1)))
	if c.Store != nil {
		b.AddIdentity("pairs", c.Store.Manifest().Identity()).Add("first", c.settings.First)
	}
	return b.Identity()
}

// resultIdentity returns the identity of the finished result.
func (c *bander) resultIdentity() identity.Identity {
	return identity.New("bands result", 1).AddIdentity("records", c.recordsIdentity()).
		Add("measurements", c.settings.Measurements).Add("fresh", c.settings.Fresh).
		Add("coverage", c.settings.Coverage).Identity()
}

// write writes the model with its bands, and last bands.json, which shows that
// the result is finished.
//
// The identity of the model does not change, so that results made with it stay
// valid.
func (c *bander) write(r *BandResult) error {
	model := *c.Model
	model.Meta.Bands = r.Bands
	if err := model.WriteFile(c.path(bandModel), true); err != nil {
		return err
	}
	return atomicfile.Write(c.path(bandFile), true, jsonOf(r))
}

// run computes the records of all measurements and keeps them in the folder, a
// few at a time in the order of their numbers.
//
// Records of fewer measurements are the first records of more.
func (c *bander) run(ctx context.Context) error {
	total := c.settings.Measurements + c.settings.Fresh
	c.records = make([]float64, total*c.recordLen)
	store, err := recordfile.Open(BandRecordsFile(c.Dir), c.records, c.recordLen,
		c.recordsIdentity(), c.Overwrite, c.env.Note)
	if err != nil {
		return err
	}
	defer store.Close()
	if c.again && store.Len() == total {
		if err := store.Reset(c.recordsIdentity()); err != nil {
			return err
		}
	}
	return c.measureRest(ctx, shard.ItemRange{From: store.Len(), To: total}, store.Append)
}

// measureRest computes the records of measurements and hands each to keep, in
// the order of their numbers.
func (c *bander) measureRest(ctx context.Context, rest shard.ItemRange,
	keep func(record []float64) error) error {
	if err := c.setGrains(); err != nil || rest.From == rest.To {
		return err
	}
	c.env.Note(fmt.Sprintf("%d draws for each of %d held-out measurements",
		c.settings.Sampling.Draws, rest.To-rest.From))
	c.env.Progress("bands", rest.From, rest.To, "")
	return c.measureAll(ctx, rest.From, rest.To, func(from, to int) error {
		for i := from; i < to; i++ {
			if err := keep(c.records[i*c.recordLen : (i+1)*c.recordLen]); err != nil {
				return err
			}
		}
		c.env.ReportSaved()
		return nil
	})
}
