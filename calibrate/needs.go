package calibrate

import (
	"fmt"

	"csdm/env"
	"csdm/run"
)

// csvBytes is the length of a number in a CSV file.
const csvBytes = 20

// Needs returns the memory and the room on disk that a check needs.
func (job Job) Needs(settings Settings, env env.Env) (*run.Needs, error) {
	c, err := newChecker(job.Model, job.Problem, settings, env)
	if err != nil {
		return nil, err
	}
	defer c.close()
	work := fmt.Sprintf("%d measurements with %d draws each", settings.Measurements,
		settings.Sampling.Draws)
	records := float64(settings.Measurements) * float64(c.recordLen)
	n, err := run.Drawing{Work: work, Threads: env.Threads, Bytes: records * (8 + csvBytes),
		Solving: true}.Needs(job.Model, job.Problem)
	if err != nil {
		return nil, err
	}
	pool := c.poolSize() + settings.Sampling.Draws
	n.MemoryBytes += 8*records + 8*float64(pool)*float64(c.spec.XLen()+c.spec.YLen())
	return n, nil
}

// Needs returns the memory and the room on disk that Conformal needs.
func (job BandJob) Needs(settings BandSettings, env env.Env) (*run.Needs, error) {
	c, err := newBander(job, settings, env)
	if err != nil {
		return nil, err
	}
	total := settings.Measurements + settings.Fresh
	records := 8 * float64(total) * float64(c.recordLen)
	work := fmt.Sprintf("%d measurements with %d draws each", total, settings.Sampling.Draws)
	n, err := run.Drawing{Work: work, Threads: env.Threads,
		Bytes:   records + 4*float64(len(job.Model.Net.Flat())),
		Solving: job.Store == nil}.Needs(job.Model, job.Problem)
	if err != nil {
		return nil, err
	}
	n.MemoryBytes += records
	return n, nil
}
