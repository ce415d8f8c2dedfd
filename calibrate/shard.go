package calibrate

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"csdm/env"
	"csdm/internal/shard"
)

// batch holds the records of consecutive measurements, some of which are done.
//
// It stands for the whole check or for one shard, so that both run through the
// same code.
type batch struct {
	values      []float64 // records, one after the other
	first       int       // measurement of the first record
	done, total int       // records
	// stores a finished record
	keep func(record []float64) error
}

// measure computes the missing records of a batch, and hands each to keep.
//
// Pool and generator are made once for all measurements. They do not depend on
// the shard, since the pool's pairs are functions of the seed.
func (c *checker) measure(ctx context.Context, b *batch) error {
	c.env.Note(fmt.Sprintf("%d pairs of the prior for comparison, then %d draws for each of %d "+
		"measurements",
		c.poolSize(), c.settings.Sampling.Draws, b.total-b.done))
	var err error
	if c.settings.At != nil {
		if c.around, err = c.newAround(ctx); err != nil {
			return err
		}
	}
	pool, err := c.newPool(ctx)
	if err != nil {
		return err
	}
	generator, err := c.newGenerator()
	if err != nil {
		return err
	}
	if closer, ok := generator.(io.Closer); ok {
		defer closer.Close()
	}
	t := c.newTrials(pool, generator)
	c.env.Progress("checking", b.done, b.total, "")
	for i := b.done; i < b.total; i++ {
		record := b.values[i*c.recordLen : (i+1)*c.recordLen]
		if err := t.measure(ctx, record, uint64(b.first+i)); err != nil {
			return fmt.Errorf("measurement %d: %w", b.first+i, err)
		}
		if err := b.keep(record); err != nil {
			return err
		}
		c.env.Progress("checking", i+1, b.total, "")
	}
	return nil
}

// CheckShard computes the records of those measurements of a check that belong
// to the shard, and writes them as a part. When all parts are there, Plan.Merge
// makes them the records of Check.
func CheckShard(ctx context.Context, job Job, settings Settings, call shard.Assignment,
	env env.Env) (*shard.Made, error) {
	c, err := newChecker(job.Model, job.Problem, settings, env)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.useStore(job.Store); err != nil {
		return nil, err
	}
	plan := call.Plan
	plan.Items, plan.Count, plan.Values = CheckItems, settings.Measurements, c.recordLen
	plan.Identity = c.recordsIdentity()
	return call.Do(ctx, env.Note, func(work *shard.OpenPart) error {
		return c.measure(ctx, &batch{values: work.Values, first: work.From, done: work.Len(),
			total: work.To - work.From, keep: func(record []float64) error {
				if err := work.Append(record); err != nil {
					return err
				}
				env.ReportSaved()
				return nil
			}})
	})
}

// ConformalShard computes the records of those measurements of Conformal that
// belong to the shard, and writes them as a part. When all parts are there,
// Plan.Merge makes them the records of Conformal.
func ConformalShard(ctx context.Context, job BandJob, settings BandSettings, call shard.Assignment,
	env env.Env) (*shard.Made, error) {
	c, err := newBander(job, settings, env)
	if err != nil {
		return nil, err
	}
	plan, total := call.Plan, settings.Measurements+settings.Fresh
	plan.Items, plan.Count, plan.Values = BandItems, total, c.recordLen
	plan.Identity = c.recordsIdentity()
	return call.Do(ctx, env.Note, func(work *shard.OpenPart) error {
		c.records = make([]float64, total*c.recordLen)
		rest := shard.ItemRange{From: work.From + work.Len(), To: work.To}
		return c.measureRest(ctx, rest, work.Append)
	})
}

// The kinds of the items of parts: the measurements of a check, and the
// measurements of bands.
const (
	CheckItems = "measurements"
	BandItems  = "bands"
)

// BandRecordsFile returns the file of the records in dir from which Conformal
// resumes.
func BandRecordsFile(dir string) string { return filepath.Join(dir, bandRecords) }

// BandResultFile returns the file that finished bands have in their folder.
func BandResultFile(dir string) string { return filepath.Join(dir, bandFile) }

// RecordsFile returns the file of the records of a check in dir, from which
// Check resumes.
func RecordsFile(dir string) string { return filepath.Join(dir, recordsFile) }

// ResultFile returns the file that a finished check has in its folder.
func ResultFile(dir string) string { return filepath.Join(dir, checkFile) }
