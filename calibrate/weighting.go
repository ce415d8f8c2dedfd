package calibrate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"csdm/bench"
	"csdm/certify"
	"csdm/internal/report"
)

// weighting describes the weights behind the draws of one measurement.
type weighting struct {
	used               bool    // the draws count: a certificate was granted, or the weights suffice
	misfit             bool    // a certificate was refused because of the misfit
	ess, khat          float64 // of the weights
	solves             float64 // forward solves of the certificate
	seconds, cpuSecond float64 // wall and CPU time of the certificate
}

// finite returns v, or the finite number nearest to it: JSON has no infinity.
func finite(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }

// weightingLen is the number of values of a weighting in a record.
const weightingLen = 7

// values returns the numbers as a record stores them.
func (e *weighting) values() [weightingLen]float64 {
	number := map[bool]float64{true: 1}
	return [weightingLen]float64{number[e.used], number[e.misfit], e.ess, e.khat, e.solves,
		e.seconds, e.cpuSecond}
}

// unpackWeighting is the inverse of values.
func unpackWeighting(v []float64) weighting {
	return weighting{v[0] == 1, v[1] == 1, v[2], v[3], v[4], v[5], v[6]}
}

// weightingColumns are the heads of the columns of weighting.values.
var weightingColumns = []string{"used", "refused by misfit", "effective sample size", "khat",
	"solves", "seconds", "cpu seconds"}

// Weighting summarizes the weights behind the draws of all measurements. The
// check judges the used measurements only. Whether a measurement is used
// depends on the measurement and the draws, and not on the true field, so that
// leaving others out does not bias the ranks.
type Weighting struct {
	// measurements whose posterior has a certificate
	Used int `json:"used"`
	// measurements whose certificate is refused
	Refused int `json:"refused"`
	// share of the used measurements
	Share  float64    `json:"share"`
	Within [2]float64 `json:"share_95"` // 95 % interval of the share (Wilson 1927)
	// refused because the weights are too uneven; these and refused_by_misfit
	// add up to refused
	RefusedByWeights int `json:"refused_by_weights"`
	// refused because the draws do not fit the measurement
	RefusedByMisfit int     `json:"refused_by_misfit"`
	LeastESS        float64 `json:"least_ess"` // over used measurements
	// median effective sample size over used measurements
	MedianESS float64 `json:"median_ess"`
	// largest Pareto k̂ over used measurements
	LargestKHat float64 `json:"largest_khat"`
	// forward solves of a certificate, median over used measurements; 0: no
	// certificate
	Solves float64 `json:"solves"`
	// wall time of a certificate in seconds, median over used measurements
	Seconds float64 `json:"seconds"`
	// CPU time of a certificate in seconds, median over used measurements
	CPUSeconds float64 `json:"cpu_seconds"`
}

// summarize counts the used and the refused measurements. With p the used share
// of n and z = 1.96, Wilson's interval is
//
//	(p + z²/(2n) ± z √(p (1 − p)/n + z²/(4n²)))/(1 + z²/n)
//
// It stays within [0, 1] and has a width also for p = 0 and p = 1.
func summarize(all []weighting) *Weighting {
	v := &Weighting{LeastESS: math.Inf(1), LargestKHat: -math.MaxFloat64}
	var ess, solves, seconds, cpu []float64
	for _, e := range all {
		switch {
		case e.used:
			v.Used++
			v.LeastESS, v.LargestKHat = min(v.LeastESS, e.ess), max(v.LargestKHat, e.khat)
			ess, solves = append(ess, e.ess), append(solves, e.solves)
			seconds, cpu = append(seconds, e.seconds), append(cpu, e.cpuSecond)
		case e.misfit:
			v.RefusedByMisfit++
		default:
			v.RefusedByWeights++
		}
	}
	v.Refused = len(all) - v.Used
	n, z := float64(len(all)), 1.96
	v.Share = float64(v.Used) / n
	center, half := v.Share+z*z/(2*n), z*math.Sqrt(v.Share*(1-v.Share)/n+z*z/(4*n*n))
	v.Within = [2]float64{max(0, (center-half)/(1+z*z/n)), min(1, (center+half)/(1+z*z/n))}
	for _, m := range []struct {
		dst *float64
		of  []float64
	}{{&v.MedianESS, ess}, {&v.Solves, solves}, {&v.Seconds, seconds}, {&v.CPUSeconds, cpu}} {
		if slices.Sort(m.of); len(m.of) > 0 {
			*m.dst = m.of[len(m.of)/2]
		}
	}
	if v.Used == 0 {
		v.LeastESS = 0
	}
	return v
}

// certify replaces the network's draws of measurement i by equally weighted
// draws of the certified posterior.
//
// An impossible posterior counts as refused by its weights.
func (t *trials) certify(ctx context.Context, i uint64) error {
	nx, n := len(t.x), t.settings.Sampling.Draws
	scale := t.model.Meta.Normalization
	scale.PhysicalX(t.drawn, t.drawn, nx)
	t.weighting = weighting{khat: math.MaxFloat64}
	r, err := certify.Certify(ctx, t.problem, t.measured, t.drawn, certify.Settings{
		Draws: n, Seed: t.seed + (i+1)<<seedBits, Threads: t.env.Threads, Judge: t.judge})
	if _, impossible := errors.AsType[*bench.ImpossibleError](err); impossible {
		scale.NormalizeX(t.posterior.Draws, t.drawn[:n*nx], nx) // refused: not used
		return nil
	}
	if err != nil {
		return err
	}
	c := &r.Certificate
	scale.NormalizeX(t.posterior.Draws, r.Samples, nx)
	t.weighting = weighting{used: c.Certified, ess: c.ESS, khat: finite(c.KHat),
		solves:  float64(c.Solves),
		misfit:  c.ESS >= certify.LeastESS && c.KHat < certify.MaxKHat && !r.Verdict.Explained,
		seconds: c.Seconds, cpuSecond: c.CPUSeconds}
	return nil
}

// seedBits separates the seeds of the certificates of two measurements.
const seedBits = 16

// text describes the share of used measurements.
func (v *Weighting) text(certified bool) string {
	if certified {
		return fmt.Sprintf("%d of %d posteriors are certified (%.1f %%, 95 %% interval %.1f to "+
			"%.1f %%), and %d are refused: %d by their weights and %d by the misfit. The other "+
			"numbers concern the certified posteriors.", v.Used, v.Used+v.Refused, 100*v.Share,
			100*v.Within[0], 100*v.Within[1], v.Refused, v.RefusedByWeights, v.RefusedByMisfit)
	}
	return fmt.Sprintf("%d of %d simulated measurements have enough effective draws (median "+
		"%.0f). The other %d are left out.", v.Used, v.Used+v.Refused, v.MedianESS, v.Refused)
}

// rows is the table of the weighting.
func (v *Weighting) rows(certified bool) report.KeyValues {
	n := report.Number
	rows := report.KeyValues{
		{Key: "measurements used", Value: fmt.Sprintf("%d of %d", v.Used, v.Used+v.Refused)},
		{Key: "effective sample size", Value: fmt.Sprintf("median %.0f, smallest %.0f", v.MedianESS,
			v.LeastESS)},
	}
	if !certified {
		return rows
	}
	return append(rows,
		report.KeyValue{Key: "refused by the weights", Value: fmt.Sprint(v.RefusedByWeights)},
		report.KeyValue{Key: "refused by the misfit", Value: fmt.Sprint(v.RefusedByMisfit)},
		report.KeyValue{Key: "largest k̂", Value: n(v.LargestKHat)},
		report.KeyValue{Key: "forward solves, median", Value: n(v.Solves)},
		report.KeyValue{Key: "time of a certificate, median", Value: fmt.Sprintf("%s s wall, %s "+
			"s of CPU", n(v.Seconds), n(v.CPUSeconds))})
}
