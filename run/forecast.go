package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/recordfile"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/recipe"
)

// WorkLeft is a part of a run: the remaining and the total number of pieces,
// and the forecast time of the remaining ones.
type WorkLeft struct {
	// remaining pieces
	Left int `json:"left"`
	// all pieces
	Total int `json:"total"`
	// forecast of the time of the remaining ones in seconds
	Seconds float64 `json:"seconds"`
}

// Forecast is the remaining work of a run folder, with its time on this machine
// from small samples of each kind of work. It leaves out reading and writing
// files and the optimizer's work once per step, together a few percent.
//
// The four times are added: the kinds of work follow each other and each uses
// all threads.
type Forecast struct {
	// pairs that are not made
	Pairs WorkLeft `json:"pairs"`
	// training steps, with the losses of held-out pairs
	Steps WorkLeft `json:"training_steps"`
	// posterior draws of all measurements
	Draws WorkLeft `json:"draws"`
	// reference posteriors
	References WorkLeft `json:"references"`
	Bytes      int64    `json:"pair_bytes"` // size of the remaining pairs on disk
	// time of all four in seconds
	Seconds float64 `json:"seconds"`
	// number of threads of the forecast
	Threads int `json:"threads"`
	// MostThreads is the number of threads beyond which more do not make
	// training faster.
	MostThreads int `json:"most_threads"`
	// Uncounted names further work whose time cannot be forecast.
	Uncounted string `json:"uncounted,omitempty"`

	evaluations int  // of the network on held-out pairs, during Steps
	solves      int  // of the forward model, for References
	atMost      bool // solves is an upper limit
}

// typicalSolves is the typical number of forward solves for a posterior by
// quadrature: 5,000 for the two variables of an inclusion at 5 % noise, on
// 28×28 and on 56×56 nodes. A more precise measurement takes more solves.
const typicalSolves = 5000

// remaining counts the remaining work of a run of c in the folder dir, which
// need not exist. It does not set times; measure does.
//
// It counts from the files alone: pairs in complete blocks, the step of the
// newest checkpoint, draws in a partial file, solves in a saved state. A dry
// run and a run thus count alike.
func remaining(dir string, c *recipe.Recipe, spec *problems.Spec) (*Forecast, error) {
	f := &Folder{Dir: dir, Recipe: c}
	e := &Forecast{}
	missing, err := missingPairs(f.path(dataFolder), c.Data.Pairs)
	if err != nil {
		return nil, err
	}
	e.Pairs = WorkLeft{Left: missing, Total: c.Data.Pairs}
	e.Bytes = 4 * int64(missing) * int64(spec.XLen()+spec.YLen()) // float32
	training := dataset.Split(c.Data.Pairs, c.Data.HeldOut, spec.ImagesPerSimulation)
	if err := e.steps(f, c.Data.Pairs-training); err != nil {
		return nil, err
	}
	simulations := (c.Data.Pairs - training +
		spec.ImagesPerSimulation - 1) / spec.ImagesPerSimulation
	for k := range min(c.Cases, simulations) {
		e.Draws.Total += c.Sampling.Draws
		if !atomicfile.Exists(f.casePath(k, posteriorFile)) {
			e.Draws.Left += max(0, c.Sampling.Draws-recordfile.Count(f.casePath(k,
				posteriorPartial),
				spec.XLen()))
		}
		if c.Reference.Method == recipe.MethodNone {
			continue
		}
		e.References.Total++
		if atomicfile.Exists(f.casePath(k, referenceFile)) {
			continue
		}
		e.References.Left++
		if c.Reference.Method == recipe.MethodQuadrature {
			e.solves += typicalSolves
			continue
		}
		e.solves += c.Reference.Work()
		e.atMost = c.Reference.Method == recipe.MethodAdaptive
		e.solves -= min(infer.SavedDraws(f.casePath(k, referencePartial)), c.Reference.Work())
	}
	return e, nil
}

// missingPairs returns the number of pairs that a dataset lacks. The pairs of
// an incomplete block count as missing.
func missingPairs(dir string, pairs int) (missing int, err error) {
	store, err := dataset.Open(dir)
	if err == nil {
		return 0, store.Close()
	}
	if errors.Is(err, fs.ErrNotExist) {
		return pairs, nil
	}
	incomplete, ok := errors.AsType[*dataset.IncompleteError](err)
	if !ok {
		return 0, err
	}
	for _, s := range incomplete.Missing {
		missing += s.To - s.From
	}
	return missing, nil
}

// steps counts the remaining steps of the folder's training. heldOut is the
// number of pairs for the held-out loss.
//
// With S steps, one held-out loss every E steps and one at the end, the losses
// that remain after step s are
//
//	⌈S/E⌉ − ⌊s/E⌋,
//
// each with an evaluation for every held-out pair and level.
func (e *Forecast) steps(f *Folder, heldOut int) error {
	s := f.Recipe.TrainSettings(1)
	e.Steps = WorkLeft{Left: s.Steps, Total: s.Steps}
	if atomicfile.Exists(f.path(ModelFile)) {
		e.Steps.Left = 0
		return nil
	}
	checkpoint, _, err := train.Latest(f.Dir)
	if err != nil {
		return err
	}
	done := 0
	if checkpoint != nil {
		done = checkpoint.Step
		e.Steps.Left -= min(done, s.Steps)
	}
	if every := s.HeldOutEvery; every > 0 { // another loss is taken at the end
		e.evaluations = heldOut * s.HeldOutLevels * ((s.Steps+every-1)/every - done/every)
	}
	if f.Recipe.Data.Neighbors > 1 {
		e.Uncounted = "the search for neighbors in training"
	}
	return nil
}

// nothing reports whether no work that takes time remains.
//
// Work whose time is not known (Uncounted) belongs to the training and so ends
// with it.
func (e *Forecast) nothing() bool {
	return e.Pairs.Left == 0 && e.Steps.Left == 0 && e.Draws.Left == 0 && e.References.Left == 0
}

// String returns the forecast as a sentence that counts from now.
func (e *Forecast) String() string { return e.sentence(time.Now()) }

// sentence returns the forecast as a sentence that counts from now, a parameter
// so that a test can fix it.
func (e *Forecast) sentence(now time.Time) string {
	if e.nothing() {
		return "nothing is left to compute"
	}
	var parts []string
	most := ""
	if e.atMost {
		most = "at most "
	}
	for _, p := range []struct {
		WorkLeft
		bound, what string
	}{
		{e.Pairs, "", fmt.Sprintf("%d pairs (%s)", e.Pairs.Left, bytesInWords(e.Bytes))},
		{e.Steps, "", fmt.Sprintf("%d training steps", e.Steps.Left)},
		{e.Draws, "", fmt.Sprintf("%d draws", e.Draws.Left)},
		{e.References, most, cli.Plural(e.References.Left, "reference posterior")},
	} {
		if p.Left > 0 {
			parts = append(parts, p.bound+durationInWords(p.Seconds)+" for "+p.what)
		}
	}
	text := "about " + strings.Join(parts, ", ")
	if len(parts) > 1 {
		text += ": " + durationInWords(e.Seconds) + " in all"
	}
	text += ", until about " + clockInWords(now, e.Seconds) + "; measured on this machine"
	if e.Uncounted != "" {
		text += ", without " + e.Uncounted
	}
	if e.Steps.Left > 0 && e.MostThreads > 0 {
		text += fmt.Sprintf("; training uses at most %s", cli.Plural(e.MostThreads, "thread"))
	}
	return text
}

// durationInWords returns a duration rounded to the accuracy of a forecast.
//
// Limits lie at 99.5 of a unit, so that no text has three digits of seconds or
// minutes: 99.5 s would round to 100 s, and are 2 min.
func durationInWords(seconds float64) string {
	switch {
	case seconds < 99.5:
		return fmt.Sprintf("%.0f s", max(seconds, 1))
	case seconds < 99.5*60:
		return fmt.Sprintf("%.0f min", seconds/60)
	case seconds < 48*3600:
		return twoDigits(seconds/3600) + " h"
	}
	return twoDigits(seconds/86400) + " days"
}

// clockInWords returns the time of day some seconds after now, with the day if
// it differs from today.
//
// Whole days are added by the calendar and the rest as a duration. Beyond a
// million days the date has no use and time.Duration would overflow (292
// years).
func clockInWords(now time.Time, seconds float64) string {
	days := min(seconds/86400, 1e6)
	then := now.AddDate(0, 0,
		int(days)).Add(time.Duration((days - math.Floor(days)) * 24 * float64(time.Hour)))
	switch {
	case then.YearDay() == now.YearDay() && then.Year() == now.Year():
		return then.Format("15:04")
	case days < 6:
		return then.Format("15:04 on Monday")
	case days < 300:
		return then.Format("2 January")
	}
	return then.Format("January 2006")
}

// twoDigits returns a number of at least 1 as text, with one decimal below ten
// and none above.
func twoDigits(v float64) string {
	if v < 9.95 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// bytesInWords returns a size in decimal units, as for disks.
func bytesInWords(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.size {
			return twoDigits(float64(n)/float64(u.size)) + " " + u.name
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// Plan describes the work of Chain.
type Plan struct {
	// run folder
	Folder string `json:"folder"`
	// settings by the names that --set takes
	Settings map[string]any `json:"settings"`
	// number of weights of the network
	Parameters int `json:"parameters"`
	// remaining work, with its time
	Forecast *Forecast `json:"estimate"`

	// memory of the call in bytes
	MemoryBytes float64 `json:"memory_bytes,omitempty"`
	// size of the finished folder in bytes
	DiskBytes float64 `json:"disk_bytes,omitempty"`

	Recipe *recipe.Recipe `json:"-"`
	Steps  string         `json:"-"` // the steps as a sentence
}

// DryRun returns the work of Chain in dir with a forecast of its time. It
// changes nothing in dir. Errors come from the forward model and from Open,
// except that another process may have the folder open.
//
// It takes no lock, since it writes nothing. A run in the same folder may be
// under way; the counts then hold for the moment.
func DryRun(ctx context.Context, dir string, c *recipe.Recipe, env env.Env) (*Plan, error) {
	if err := c.Validate(); err != nil {
		return nil, cli.Config(err)
	}
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case foreign(entries):
		return nil, errForeign(dir)
	}
	if _, err := adopt(dir, c); err != nil {
		return nil, err
	}
	there, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	if there != nil {
		if err := sameRecipe(dir, there, c); err != nil {
			return nil, err
		}
	}
	problem, err := c.NewProblem()
	if err != nil {
		return nil, err
	}
	spec := problem.Spec()
	p := &Plan{Folder: dir, Recipe: c, Settings: map[string]any{},
		Parameters: c.Arch(spec).ParameterCount(), Steps: inWords(c, spec, dir)}
	for _, s := range c.Settings() {
		p.Settings[s.Name] = s.Value()
	}
	if p.Forecast, err = remaining(dir, c, spec); err != nil {
		return nil, err
	}
	return p, p.Forecast.measure(ctx, c, problem, env.Threads)
}

// worthwhile is the shortest time limit for which a forecast is made. A
// forecast would use a large part of a shorter limit.
const worthwhile = time.Minute

// forecast prints the forecast of the remaining work; of selects the part that
// is meant. It ignores a failure of the forward model or a damaged file, which
// the work itself then reports in full. The only error is ctx's.
//
// A watched training (Watcher) shows its own progress and gets none.
func (f *Folder) forecast(ctx context.Context, problem problems.Problem, of func(*Forecast)) error {
	if deadline, ok := ctx.Deadline(); f.foretold || f.Watcher != nil ||
		ok && time.Until(deadline) < worthwhile {
		return nil
	}
	f.foretold = true
	e, err := remaining(f.Dir, f.Recipe, problem.Spec())
	if err == nil {
		of(e)
		if e.nothing() {
			return nil
		}
		err = e.measure(ctx, f.Recipe, problem, f.env.Threads)
	}
	if err == nil {
		f.env.Note(e.String())
	}
	return ctx.Err()
}
