package run

import (
	"context"
	"fmt"
	"math"
	"slices"

	"csdm/bench"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/parallel"
	"csdm/internal/report"
	"csdm/nn"
	"csdm/problems"
)

// TruthDistance is the distance of a posterior from the true field: root mean
// squares over the pixels, in normalized units. The mean of the prior is the
// best estimate without the measurement.
type TruthDistance struct {
	// index of the case, such as 000
	Case string `json:"case"`
	// RMSE of the posterior's mean
	Mean float64 `json:"rmse_mean"`
	// RMSE of the prior's mean; absent: not known
	Prior float64 `json:"rmse_prior_mean,omitempty"`
	// rmse_mean over rmse_prior_mean; absent: not known
	Ratio float64 `json:"ratio,omitempty"`
	// Reference is the distance of the mean of the first reference, the least
	// that a method can reach on average; 0: not known.
	Reference float64 `json:"rmse_reference_mean,omitempty"`
	// Std is the posterior's standard deviation. Over many cases it is close to
	// Mean if the posterior is calibrated.
	Std float64 `json:"rms_std"`
}

// Coverage counts the cases in which a physical quantity of the true field lies
// between the posterior's 5 % and 95 % quantiles, an interval of probability
// 0.9.
type Coverage struct {
	// name of the physical quantity
	Name string `json:"name"`
	// cases whose true value lies in the interval
	Within int `json:"within"`
	// number of cases
	Of int `json:"of"`
	// within over of
	Share float64 `json:"share"`
	// Error is the binomial standard error of Share for a calibrated posterior:
	// √(0.9·0.1/Of).
	Error float64 `json:"standard_error"`
}

// coverageProbability is the probability of the interval that Coverage counts
// in.
const coverageProbability = 0.9

// truth compares the case's posterior with its true field, which must be known.
// prior is the mean of the prior, or nil if it is not known.
//
// If y and x were drawn from the joint density, and the posterior is exact,
// then x and a posterior draw have the same distribution given y. Hence for
// each pixel
//
//	E[(x − μ)²] = E[Var(x|y)] = E[s²],
//
// so that over many cases the RMSE of the mean equals the RMS of the standard
// deviation. A mean over n draws adds E[s²]/n to the left side. Std is the root
// mean square of the posterior's standard deviations, as a distance from zero.
func (c *Case) truth(prior []float64) TruthDistance {
	t := TruthDistance{Case: c.Name, Mean: bench.RMSE(c.Posterior.Mean, c.Truth),
		Std: bench.RMSE(c.Posterior.Std, make([]float64, len(c.Posterior.Std)))}
	if prior != nil {
		t.Prior = bench.RMSE(prior, c.Truth)
	}
	if len(c.References) > 0 {
		t.Reference = bench.RMSE(c.References[0].Mean, c.Truth)
	}
	t.setRatio()
	return t
}

// setRatio sets the share of the prior's error that remains after the
// measurement: 0 for a mean equal to the true field, and about 1 if the
// measurement was of no use. It stays 0 if the prior's mean is not known.
func (t *TruthDistance) setRatio() {
	if t.Prior > 0 {
		t.Ratio = t.Mean / t.Prior
	}
}

// overall returns the root mean square over the pixels of all cases, or nil if
// there are none. It averages squares, not their roots, because the error and
// the standard deviation of a calibrated posterior have equal expected squares.
//
// The reference's distance is only averaged if every case has one. Otherwise
// its mean would be over other cases than the network's, and the two could not
// be compared.
func overall(cases []TruthDistance) *TruthDistance {
	if len(cases) == 0 {
		return nil
	}
	all := &TruthDistance{Case: "all"}
	n := float64(len(cases))
	for _, t := range cases {
		all.Mean += t.Mean * t.Mean / n
		all.Prior += t.Prior * t.Prior / n
		all.Std += t.Std * t.Std / n
		all.Reference += t.Reference * t.Reference / n
	}
	all.Reference = math.Sqrt(all.Reference)
	if slices.ContainsFunc(cases, func(t TruthDistance) bool { return t.Reference == 0 }) {
		all.Reference = 0
	}
	all.Mean, all.Prior, all.Std = math.Sqrt(all.Mean), math.Sqrt(all.Prior), math.Sqrt(all.Std)
	all.setRatio()
	return all
}

// coverages returns the coverage over the cases for each quantity whose true
// value is known.
//
// For a calibrated posterior each true value lies within with probability 0.9,
// independently of other cases, so that Within is binomial with mean 0.9·Of and
// variance 0.9·0.1·Of. With 10 cases the standard deviation is 0.95: 8 and 10
// of 10 are both unremarkable.
//
// Quantities are matched by their position, which all cases of a problem share.
// A quantity that is NaN for the true field, such as the radius of an inclusion
// that is not there, is not counted.
func coverages(cases []*Case) (out []Coverage) {
	for _, c := range cases {
		for k, q := range c.Quantities {
			if q.Truth == nil {
				continue
			}
			if k == len(out) {
				out = append(out, Coverage{Name: q.Name})
			}
			out[k].Of++
			if q.Q05 <= *q.Truth && *q.Truth <= q.Q95 {
				out[k].Within++
			}
		}
	}
	for k := range out {
		n := float64(out[k].Of)
		out[k].Share, out[k].Error = float64(out[k].Within)/n,
			math.Sqrt(coverageProbability*(1-coverageProbability)/n)
	}
	return out
}

// Expected returns mean and standard deviation of Within for a calibrated
// posterior: 0.9·Of and √(0.9·0.1·Of).
func (c *Coverage) Expected() (mean, std float64) {
	return coverageProbability * float64(c.Of), c.Error * float64(c.Of)
}

// priorFields is the number of fields for the mean of a prior if there are no
// pairs. The error of the mean is then the prior's standard deviation over 64,
// far less than the distances that it is compared with.
const priorFields = 4096

// PriorMean returns the mean of the fields of the first pairs of a seed, in
// physical units. It does not make their measurements, which would cost a
// forward solve each. The result is the same for any number of threads.
//
// The sum is formed in an order that depends on the number of pairs only
// (parallel.Mean). Floating-point sums depend on their order.
func PriorMean(ctx context.Context, p problems.Parametric, pairs int, seed uint64,
	threads int) ([]float64, error) {
	size := p.Spec().XLen()
	return parallel.Mean(ctx, threads, pairs, size, func() func(sum []float64, i int) error {
		x, theta := make([]float64, size), make([]float64, len(p.Spec().Variables))
		return func(sum []float64, i int) error {
			p.Latent(theta, seed, uint64(i))
			p.Field(x, theta)
			for k, v := range x {
				sum[k] += v
			}
			return nil
		}
	})
}

// truthStatement states the distance from the true fields in physical units,
// for the headline of a report without references. width is the physical width
// of the normalized range.
//
// The counts of all quantities are summed for the headline. They are not
// independent within a case, so that no error is stated here.
func truthStatement(o *Outcome, width float64, unit string) string {
	all, cases := o.TruthDistance, len(o.TruthDistances)
	text := fmt.Sprintf("Over %s, the posterior’s mean differs from the true field by %s %s, root "+
		"mean square over the pixels. The posterior states a standard deviation of %s %s.",
		cli.Plural(cases, "measurement"), report.Number(width*all.Mean), unit,
		report.Number(width*all.Std), unit)
	within, of := 0, 0
	for _, c := range o.Coverage {
		within, of = within+c.Within, of+c.Of
	}
	if of > 0 {
		text += fmt.Sprintf(" The 90 %% intervals of the physical quantities hold %d of %d true "+
			"values.", within, of)
	}
	return text
}

// truthSection returns tables of the posteriors' distances from the true
// fields, or nil if no true field is known. width is the physical width of the
// normalized range, in unit.
func truthSection(o *Outcome, width float64, unit string) *report.Section {
	if o.TruthDistance == nil {
		return nil
	}
	number := func(v float64) string {
		if v == 0 {
			return "–"
		}
		return report.Number(v)
	}
	t := &report.Table{Name: "truth",
		Columns: []string{"Measurement", "RMSE of posterior mean", "RMSE of prior mean",
			"RMS of posterior std"},
		Units: []string{"", unit, unit, unit},
		Caption: "Distance from the true field: root mean square over the pixels. The prior’s " +
			"mean is the best estimate without the measurement.",
	}
	exact := o.TruthDistance.Reference > 0
	if exact {
		t.Columns, t.Units = append(t.Columns, "RMSE of reference mean"), append(t.Units, unit)
		t.Caption += " No estimate is on average closer than the mean of an exact reference."
	}
	row := func(name string, c *TruthDistance) {
		cells := []string{name, number(width * c.Mean), number(width * c.Prior),
			number(width * c.Std)}
		if exact {
			cells = append(cells, number(width*c.Reference))
		}
		t.Rows = append(t.Rows, cells)
	}
	for k := range o.TruthDistances {
		row(fmt.Sprint(k+1), &o.TruthDistances[k])
	}
	if len(o.TruthDistances) > 1 {
		row("all", o.TruthDistance)
		t.Caption += " The last row is over the pixels of all measurements."
	}
	all := o.TruthDistance
	text := fmt.Sprintf("On fields normalized to [0, 1] the posterior’s mean differs from the "+
		"true field by %s", report.Number(all.Mean))
	if all.Ratio > 0 {
		text += fmt.Sprintf(", %s of what the prior’s mean is", report.Number(all.Ratio))
	}
	text += fmt.Sprintf("; its standard deviation is %s. For a calibrated posterior the two "+
		"agree over many measurements.", report.Number(all.Std))
	s := &report.Section{Title: "Against the true fields",
		Blocks: []report.Block{report.Paragraph(text), t}}
	if len(o.Coverage) > 0 {
		c := &report.Table{Name: "coverage",
			Columns: []string{"Quantity", "True values within", "Of", "Expected", "Standard error"},
			Caption: "Number of true values between the 5 % and 95 % quantiles of the " +
				"posterior’s draws. The expected number and its (binomial) standard deviation " +
				"are for a calibrated posterior."}
		for _, v := range o.Coverage {
			mean, std := v.Expected()
			c.Rows = append(c.Rows, []string{v.Name, fmt.Sprint(v.Within), fmt.Sprint(v.Of),
				fmt.Sprintf("%.1f", mean), fmt.Sprintf("%.1f", std)})
		}
		s.Blocks = append(s.Blocks, c)
	}
	return s
}

// truthful returns the case's quantities with the true values, if the true
// field is known.
//
// The values are of the true field itself, measured by the same function as the
// draws. Its resolution, such as half a node of a center, is thus the same for
// both.
func (c *Case) truthful(problem problems.Problem, n nn.Normalization) []infer.Quantity {
	quantities := slices.Clone(c.Posterior.Origin.Quantities)
	q, ok := problem.(problems.Quantified)
	if !ok || c.Truth == nil || len(quantities) == 0 {
		return quantities
	}
	x, of := make([]float64, len(c.Truth)), make([]float64, len(quantities))
	n.PhysicalX(x, c.Truth, len(x))
	q.Quantify(of, x)
	for k := range quantities {
		if quantities[k].Truth = nil; !math.IsNaN(of[k]) {
			quantities[k].Truth = &of[k]
		}
	}
	return quantities
}
