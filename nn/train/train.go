package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"csdm/internal/atomicfile"
	"csdm/internal/disk"
	"csdm/internal/kernel"
)

// ErrStopped says that training was stopped before its end, after a good
// checkpoint: the same call goes on.
var ErrStopped = errors.New("training stopped")

// Options are where and how Run works, besides what it computes.
type Options struct {
	Folder string // run folder; made if it isn't there
	// what tells network and data from others, by name (architecture,
	// parameterization, hash of the data): a checkpoint with other values is
	// refused
	Identity map[string]string
	Progress func(Progress) // called after every step, if not nil
	// called with what the user should know (went on from …, damaged
	// checkpoint), if not nil
	Note func(string)
}

// Result is a finished or stopped training.
type Result struct {
	Step       int           // steps done
	Elapsed    time.Duration // in all calls together
	Loss       float64       // of the last step
	EMA        []float32     // averaged weights: the ones to use
	Last, Best HeldOut       // Step 0: none
	Checkpoint string        // path of the newest; empty if there is none
}

// Run trains network, from the newest checkpoint in the folder if there is one
// and else from the weights it has. At the end the network holds the last
// weights, and the result the averaged ones.
//
// When ctx ends or the time is up, Run finishes the step under way, writes a
// checkpoint and returns the result so far with an error for which
// errors.Is(err, ErrStopped) holds. Every call makes at least one step before
// its time limit stops it. When a step fails (*NonFiniteError, an error of the
// source), a checkpoint from before that step is written too. Other errors:
// *SettingsError, *MismatchError, *DamagedError if no checkpoint is whole, and
// those of the disk.
func Run(ctx context.Context, network Network, source Source, settings Settings,
	options Options) (*Result, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	if options.Progress == nil {
		options.Progress = func(Progress) {}
	}
	if options.Note == nil {
		options.Note = func(string) {}
	}
	if settings.HeldOutEvery > 0 && source.HeldOutLen() == 0 {
		return nil, &SettingsError{"held_out_every", settings.HeldOutEvery,
			"0, since the data have no held-out pairs"}
	}
	r := &run{stepper: newStepper(network, source, settings), options: options, start: time.Now()}
	defer r.crew.close()
	if err := r.resume(); err != nil {
		return nil, err
	}
	defer r.metrics.file.Close()
	err := r.loop(ctx)
	return &Result{
		Step: r.steps, Elapsed: r.elapsed(), Loss: r.progress.Loss, EMA: r.ema,
		Last: r.last, Best: r.best, Checkpoint: r.newest,
	}, err
}

// run is one call of Run.
type run struct {
	*stepper
	options  Options
	metrics  *metrics
	progress Progress

	start   time.Time     // of the call
	before  time.Duration // spent in the calls before
	begun   int           // steps done before it
	saved   time.Time     // last checkpoint, or start
	unsaved bool          // something changed since
	newest  string        // path of the newest checkpoint
	longest time.Duration
}

func (r *run) elapsed() time.Duration { return r.before + time.Since(r.start) }

// resume prepares the folder and takes up the newest checkpoint.
func (r *run) resume() error {
	folder := r.options.Folder
	r.saved = r.start
	if err := disk.MkdirAll(filepath.Join(folder, checkpointFolder)); err != nil {
		return err
	}
	if err := atomicfile.Sweep(filepath.Join(folder, checkpointFolder), checkpointPrefix+"*"+
		checkpointSuffix, 0); err != nil {
		return err
	}
	c, damaged, err := Latest(folder)
	if err != nil {
		return err
	}
	if c != nil {
		if err := c.fits(&r.settings, r.options.Identity, len(r.weights)); err != nil {
			return err
		}
		for _, d := range damaged {
			if err := disk.Rename(d.Path, d.Path+".damaged"); err != nil {
				return err
			}
			r.options.Note(fmt.Sprintf("%v; set aside as %s.damaged", d, filepath.Base(d.Path)))
		}
		if c.Kernel != kernel.Implementation() {
			r.options.Note(
				fmt.Sprintf("the checkpoint was computed by kernel %s, this machine uses %s: "+
					"results will agree to rounding, not bit for bit", c.Kernel,
					kernel.Implementation()))
		}
		r.restore(c)
		r.options.Note(fmt.Sprintf("went on from step %d of %d", r.steps, r.settings.Steps))
	}
	r.metrics, err = openMetrics(filepath.Join(folder, "metrics.jsonl"), c)
	return err
}

// loop makes steps until all are done, or training is to stop. Between two
// steps come, in this order, the held-out loss and the checkpoint, so that a
// checkpoint knows whether the loss of its step was taken.
func (r *run) loop(ctx context.Context) error {
	s := &r.settings
	limit := time.Duration(s.TimeLimitMinutes * float64(time.Minute))
	for {
		began := time.Now()
		finished := r.steps == s.Steps
		if every := s.HeldOutEvery; every > 0 && r.steps > 0 && (finished || r.steps%every == 0) &&
			r.last.Step != r.steps && ctx.Err() == nil {
			if err := r.heldOutRecord(ctx); err != nil && ctx.Err() == nil {
				return errors.Join(err, r.save())
			}
		}
		late := limit > 0 && r.steps > r.begun && time.Since(r.start)+r.longest > limit
		stop := ctx.Err() != nil || late
		if finished || stop || r.checkpointDue() {
			if err := r.save(); err != nil {
				return err
			}
		}
		switch {
		case finished && r.heldOutDone():
			return nil
		case stop:
			return fmt.Errorf("%w after step %d of %d", ErrStopped, r.steps, s.Steps)
		}
		if err := r.stepRecord(); err != nil {
			return errors.Join(err, r.save())
		}
		r.longest = max(r.longest, time.Since(began))
	}
}

// heldOutDone tells whether the last held-out loss has been taken, if one is
// wanted.
func (r *run) heldOutDone() bool { return r.settings.HeldOutEvery == 0 || r.last.Step == r.steps }

// stepRecord makes a step and tells of it.
func (r *run) stepRecord() error {
	s := &r.settings
	began := time.Now()
	loss, norm, err := r.step()
	if err != nil {
		return err
	}
	r.unsaved = true
	pace := time.Since(r.start) / time.Duration(r.steps-r.begun)
	r.progress = Progress{
		Step: r.steps, Steps: s.Steps, Loss: loss, GradNorm: norm, Rate: r.adam.Rate,
		Elapsed:          r.elapsed(),
		SamplesPerSecond: float64(s.Batch) / time.Since(began).Seconds(),
		Remaining:        pace * time.Duration(s.Steps-r.steps),
		HeldOut:          r.last.Mean,
	}
	if r.steps%s.LogEvery == 0 || r.steps == s.Steps {
		if err := r.metrics.step(&r.progress); err != nil {
			return err
		}
	}
	r.options.Progress(r.progress)
	return nil
}

// heldOutRecord takes the held-out loss and records it.
func (r *run) heldOutRecord(ctx context.Context) error {
	h, err := r.heldOutLoss(ctx)
	if err != nil {
		return err
	}
	r.last = h
	if r.best.Step == 0 || h.Mean < r.best.Mean {
		r.best = h
	}
	r.unsaved = true
	return r.metrics.heldOut(&h)
}

func (r *run) checkpointDue() bool {
	s := &r.settings
	return s.CheckpointEvery > 0 && r.steps%s.CheckpointEvery == 0 || s.KeepEvery > 0 &&
		r.steps > 0 && r.steps%s.KeepEvery == 0 ||
		s.CheckpointMinutes > 0 && time.Since(r.saved).Minutes() >= s.CheckpointMinutes
}

// save writes a checkpoint if anything changed since the last, and removes
// those before the one before it that are not to be kept. The metrics up to it
// are made safe first, so that a checkpoint never knows more steps than the
// record.
func (r *run) save() error {
	if !r.unsaved {
		return nil
	}
	if err := r.metrics.file.Sync(); err != nil {
		return err
	}
	c := r.checkpoint()
	c.Elapsed, c.Identity, c.Loss = r.elapsed(), r.options.Identity, r.progress.Loss
	path := CheckpointPath(r.options.Folder, r.steps)
	if err := c.writeFile(path); err != nil {
		return err
	}
	r.newest, r.saved, r.unsaved = path, time.Now(), false
	paths, err := listCheckpoints(r.options.Folder)
	if err != nil {
		return err
	}
	for _, old := range paths[min(2, len(paths)):] {
		if r.settings.keeps(old) {
			continue
		}
		if err := disk.Remove(old); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint describes the state; it shares its memory.
func (t *stepper) checkpoint() *Checkpoint {
	c := &Checkpoint{
		Step: t.steps, Steps: t.settings.Steps, Settings: map[string]string{},
		Kernel: kernel.Implementation(),
		Last:   t.last, Best: t.best, Weights: t.weights, EMA: t.ema, M: t.m, V: t.v,
	}
	for _, s := range t.settings.decisive() {
		c.Settings[s.Name] = s.Value
	}
	return c
}

// restore takes up the state of c.
func (r *run) restore(c *Checkpoint) {
	copy(r.weights, c.Weights)
	copy(r.ema, c.EMA)
	copy(r.m, c.M)
	copy(r.v, c.V)
	r.steps, r.begun, r.last, r.best = c.Step, c.Step, c.Last, c.Best
	r.before, r.newest = c.Elapsed, c.Path
	r.progress = Progress{Step: c.Step, Steps: r.settings.Steps, Loss: c.Loss}
	r.weightsChanged()
}
