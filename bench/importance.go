package bench

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"csdm/internal/identity"
	"csdm/problems"
)

// ImportanceSettings are the settings of Importance.
type ImportanceSettings struct {
	Draws int // prior draws in total, with the draws of Resume; at least 2
	// draw i has the stream (Seed, Reference, i, 0)
	Seed    uint64
	Threads int // at least 1

	// LogL holds the results of LogLikelihoods for all draws, so that nothing
	// is solved; nil: they are computed.
	LogL []float64

	// Resume is a state that Save received, from which the run resumes. With
	// nil the run starts at draw 0.
	Resume *ImportanceState

	// Save, if not nil, receives the state after every ImportanceRound draws
	// and at the end. It may keep the state, and need not store each one. An
	// error of Save stops the run.
	Save func(*ImportanceState) error
}

// ImportanceRound is the number of draws between two states.
const ImportanceRound = 4096

// ImportanceState is a run that can be resumed. Its four plain fields can be
// stored in any file.
type ImportanceState struct {
	// Fingerprint is the identity of problem, measurements and seed. Resuming
	// with another identity is an error.
	Fingerprint string
	Draws       int // done
	// Sums holds for each measurement the scale of the log-weights, Σw, Σw²,
	// and seven sums per pixel: 3 + 7·pixels numbers.
	Sums []float64
	// Weights holds for each measurement its largest weights and the weight at
	// the ends of each variable: weightsLen numbers.
	Weights []float64
}

// StateError is the reason why a stored state cannot be resumed with the given
// settings.
type StateError struct{ Reason string }

// Error states in which respect the stored sums do not fit the call.
func (e *StateError) Error() string { return "bench: the stored state " + e.Reason }

// ImpossibleError reports a measurement whose likelihood is zero under a
// problem. The measurement then belongs to another problem or has another unit.
type ImpossibleError struct {
	// name of the problem
	Problem string
	Tried   string // where the likelihood is zero
}

// Error names the problem and the fields that were tried.
func (e *ImpossibleError) Error() string {
	return fmt.Sprintf("bench: %s: the likelihood of the measurement is zero %s", e.Problem,
		e.Tried)
}

// ImportanceResult is a Monte Carlo posterior.
type ImportanceResult struct {
	// MeanError and StdError are one standard error of self-normalized
	// importance sampling. They are NaN if Doubt is not nil. ESS is (Σw)²/Σw².
	// LogEvidence is the logarithm of the mean weight.
	Posterior
	Diagnostics

	// Solves is the number of forward solves of this call. A field that occurs
	// twice is solved once, unless the table of solved fields is full.
	Solves int
	// wall time of this call
	Elapsed time.Duration
}

// Importance computes the posterior of the field given the measurement y
// (physical units, channel planes) by weighting prior draws with their
// likelihood: Σ w_i x_i / Σ w_i and likewise the variance. Draw i uses the
// stream (Seed, rng.Reference, i, 0), which no training set uses.
//
// Importance makes one pass over the draws. Its memory does not grow with
// Draws, except for the table of solved fields, which is bounded. Weights are
// relative to the largest so far, and rescaled when a larger one occurs. Blocks
// of draws are added in the order of their index. The result is therefore the
// same for any number of threads, and for a run that was resumed at a multiple
// of ImportanceRound. If the weights do not support a standard error, Doubt has
// the reason and the errors are NaN.
//
// Errors: *StateError for a state of another run, *ImpossibleError if all
// weights are zero, ctx's error, and errors of the forward model and of Save.
func Importance(ctx context.Context, problem problems.Parametric, y []float64,
	settings ImportanceSettings) (*ImportanceResult, error) {
	target, err := MeasuredOf(problem, y)
	if err != nil {
		return nil, err
	}
	results, err := ImportanceOfMany(ctx, problem, []NoisyMeasurement{target}, settings)
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// ImportanceOfMany is Importance for several measurements of one problem at the
// cost of one: the measurements share the prior draws and their forward
// solutions. The noise models of the measurements may differ. Each result has
// the total Solves and Elapsed of the call.
//
// The moments of all measurements take 7 n_X numbers each.
func ImportanceOfMany(ctx context.Context, problem problems.Parametric, targets []NoisyMeasurement,
	settings ImportanceSettings) ([]*ImportanceResult, error) {
	begin := time.Now()
	if len(targets) == 0 {
		return nil, nil
	}
	if settings.Draws < 2 {
		return nil, fmt.Errorf("bench: %d prior draws; at least 2 are needed", settings.Draws)
	}
	if n := len(settings.LogL); settings.LogL != nil && n != settings.Draws*len(targets) {
		return nil, fmt.Errorf("bench: %d log-likelihoods for %d draws and %d measurements", n,
			settings.Draws, len(targets))
	}
	l, err := newLikelihood(problem, targets, settings.Threads)
	if err != nil {
		return nil, err
	}
	defer l.close()
	d := l.dim()
	mark := ImportanceIdentity(problem, targets, settings.Seed)
	// The sums are relative to the field of draw 0.
	theta := make([]float64, ImportanceRound*d)
	reference := make([]float64, problem.Spec().XLen())
	l.draw(theta[:d], settings.Seed, 0)
	problem.Field(reference, theta[:d])
	all := make([]*moments, len(targets))
	for t := range all {
		all[t] = newMoments(reference, unitsOf(problem), true)
	}
	each := 3 + 7*len(reference) // numbers stored per measurement
	weights := make([]*weightRecord, len(targets))
	for t := range weights {
		weights[t] = newWeightRecord(d)
	}
	done := 0
	if s := settings.Resume; s != nil {
		switch {
		case s.Fingerprint != mark.JSON():
			return nil, &StateError{otherFingerprint(s.Fingerprint, mark)}
		case s.Draws < 0 || s.Draws > settings.Draws || !load(all, s.Sums, each) ||
			!loadWeights(weights, s.Weights, d):
			return nil, &StateError{
				fmt.Sprintf("of %d draws and %d sums does not fit a run of %d draws, %d "+
					"measurements and %d pixels; begin without it", s.Draws, len(s.Sums),
					settings.Draws, len(targets), len(reference))}
		}
		done = s.Draws
	}

	parts := l.newParts(all[0])
	logL, logW := make([]float64, ImportanceRound*len(targets)), make([]float64, ImportanceRound)
	for done < settings.Draws {
		n := min(ImportanceRound, settings.Draws-done)
		l.draw(theta[:n*d], settings.Seed, done)
		if settings.LogL != nil {
			copy(logL, settings.LogL[done*len(targets):(done+n)*len(targets)])
		} else if err := l.evaluate(ctx, logL[:n*len(targets)], nil, theta[:n*d]); err != nil {
			return nil, err
		}
		for t, m := range all {
			for i := range n {
				logW[i] = logL[i*len(targets)+t]
				weights[t].add(theta[i*d:(i+1)*d], l.lo, l.hi, logW[i])
			}
			if err := l.accumulate(ctx, m, theta[:n*d], logW[:n], parts); err != nil {
				return nil, err
			}
		}
		done += n
		if settings.Save != nil {
			sums := make([]float64, 0, each*len(all))
			for _, m := range all {
				sums = m.store(sums)
			}
			tails := make([]float64, 0, weightsLen(d)*len(all))
			for _, w := range weights {
				tails = w.store(tails)
			}
			if err := settings.Save(&ImportanceState{Fingerprint: mark.JSON(), Draws: done,
				Sums: sums, Weights: tails}); err != nil {
				return nil, fmt.Errorf("bench: storing the state after %d draws: %w", done, err)
			}
		}
	}
	results := make([]*ImportanceResult, len(all))
	for t, m := range all {
		if !(m.W > 0) {
			return nil, &ImpossibleError{problem.Spec().Name,
				fmt.Sprintf("for all %d prior draws", done)}
		}
		r := &ImportanceResult{Posterior: *m.posterior(), Solves: l.solves,
			Elapsed: time.Since(begin)}
		r.Draws = done
		r.LogEvidence = m.LogScale + math.Log(m.W/float64(done))
		r.KHat = kHat(weights[t].largest(), done)
		r.EndMass = weights[t].ends.masses(m.LogScale + math.Log(m.W))
		if l.isPiecewise(weights[t].best) {
			r.addUnseen(unitsOf(problem))
		}
		r.judge(&r.Posterior, fmt.Sprintf("importance sampling with %d prior draws", done))
		results[t] = r
	}
	return results, nil
}

// ImportanceIdentity returns the identity of a run without its number of draws:
// an ImportanceState and the results of LogLikelihoods belong to one.
func ImportanceIdentity(problem problems.Problem, targets []NoisyMeasurement,
	seed uint64) identity.Identity {
	b := problems.Identify("importance sampling", 2, problem).Add("seed", seed)
	for k, t := range targets {
		measurement := "measurement " + strconv.Itoa(k+1)
		b.Add("noise of "+measurement, &t.Noise).AddFloats(measurement, t.Y)
	}
	return b.Identity()
}

// otherFingerprint describes the difference between a stored fingerprint and
// the fingerprint of the present run.
func otherFingerprint(stored string, asked identity.Identity) string {
	there, err := identity.Parse([]byte(stored))
	if err != nil {
		return "was made by an earlier version of csdm"
	}
	return "was made with other settings (" + identity.Compare(there, asked).String() + ")"
}

// store appends the sums to flat; load is its inverse, and reports whether the
// slice fits.
func (m *moments) store(flat []float64) []float64 {
	flat = append(flat, m.LogScale, m.W, m.W2)
	flat = append(flat, m.Reference...)
	for _, s := range m.sums() {
		flat = append(flat, s...)
	}
	return flat
}

// load sets the sums of all measurements from flat ones, each of each numbers.
func load(all []*moments, sums []float64, each int) bool {
	if len(sums) != each*len(all) {
		return false
	}
	for t, m := range all {
		if !m.load(sums[t*each : (t+1)*each]) {
			return false
		}
	}
	return true
}

func (m *moments) load(flat []float64) bool {
	n := len(m.D)
	if len(flat) != 3+7*n {
		return false
	}
	for k, v := range flat[1:] {
		if math.IsNaN(v) || math.IsInf(v, 0) || k >= 2 && k < 2+n && v != m.Reference[k-2] {
			return false
		}
	}
	m.LogScale, m.W, m.W2 = flat[0], flat[1], flat[2]
	for k, s := range m.sums() {
		copy(s, flat[3+(k+1)*n:])
	}
	return true
}
