package explain

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/priors"
	"csdm/problems"
)

// DrivenRate is the share of right measurements that the tests of a driven side
// may refuse.
const DrivenRate = 0.003

// leastDriven is the smallest number of known values that is judged.
const leastDriven = 4

// driven adds the tests of the values that the problem imposes, whatever the
// field is. It adds nothing if the problem imposes no values or if the noise is
// not Gaussian.
//
// Beyond the end of the specimen the value is 0. A place counts as beyond the
// end if its value is nearer to 0 than to the known value. So a known value
// within a few standard deviations of 0 may be taken as 0. The residuals are
// exactly the noise: their mean and their slope along the places are normal,
// and the sum of their squares has a χ² distribution. So the limits need no
// simulation.
//
// For n residuals e_k of standard normal noise at the places t_k, centered,
//
//	Σ e_k/√n ~ N(0, 1),   Σ t_k e_k/√Σ t_k² ~ N(0, 1),   Σ e_k² ~ χ²_n
//
// Each of the three tests of each channel gets an equal part of DrivenRate, by
// Bonferroni's inequality.
func (j *Judge) driven(v *Verdict, y []float64) {
	p, ok := j.problem.(problems.Driven)
	if !ok {
		return
	}
	noise, ok := j.problem.Measurement().(priors.Gaussian)
	if !ok {
		return
	}
	places, values := p.Driven()
	groups := map[int][]float64{}
	channels, plane := j.problem.Spec().YChannels, j.problem.Spec().Plane()
	for k, at := range places {
		nearest := values[k]
		if priors.Missing(y[at]) {
			continue
		}
		if math.Abs(y[at]) < math.Abs(y[at]-nearest) {
			if nearest = 0; values[k] != 0 {
				continue // the specimen is not here
			}
		}
		groups[at/plane] = append(groups[at/plane], (y[at]-nearest)/noise.Std)
	}
	const kinds = 3
	each := DrivenRate / float64(kinds*channels)
	normal := distuv.UnitNormal
	judged := false
	for c := range channels {
		r := groups[c]
		if len(r) < leastDriven {
			continue
		}
		judged = true
		count := float64(len(r))
		var sum, ramp, rampSquare, square float64
		for k, e := range r {
			at := float64(k) - (count-1)/2
			sum, ramp, rampSquare, square = sum+e, ramp+at*e, rampSquare+at*at, square+e*e
		}
		line := " of the driven side"
		if channels > 1 {
			line = fmt.Sprintf(" of the driven side, channel %d", c+1)
		}
		limit := normal.Quantile(1 - each/2)
		chi := distuv.ChiSquared{K: count}
		for _, t := range []Test{
			{Name: "mean" + line, Value: math.Abs(sum) / math.Sqrt(count), Limit: limit,
				Expected: normal.Quantile(0.75), Hint: drivenHint},
			{Name: "slope" + line, Value: math.Abs(ramp) / math.Sqrt(rampSquare), Limit: limit,
				Expected: normal.Quantile(0.75), Hint: drivenHint},
			{Name: "misfit" + line, Value: square / count, Expected: chi.Quantile(0.5) / count,
				Limit: chi.Quantile(1-each) / count, Hint: drivenHint},
		} {
			t.By, t.Share, t.Passed, t.beyond = ByMeasurement, each, t.Value <= t.Limit, 1
			if t.Passed {
				t.Hint = ""
			} else {
				t.beyond = 0
			}
			v.Tests = append(v.Tests, t)
		}
	}
	if judged {
		v.FalseAlarms += DrivenRate
		v.Basis = append(v.Basis, "the distribution of the noise where the model imposes the value")
	}
}

const drivenHint = "the driven side does not move as in the model: is the amplitude, the phase " +
	"or the position of the map wrong?"
