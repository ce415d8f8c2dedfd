package accuracy

import (
	"encoding/json"
	"math"
	"reflect"

	"csdm/bench"
	"csdm/infer"
	"csdm/problems"
)

// Key names what a row is about.
type Key struct {
	// name of the problem
	Problem      string  `json:"problem"`
	Grid         int     `json:"grid"`          // nodes along the shorter side
	NoisePercent float64 `json:"noise_percent"` // 0: not given in percent
	// model as given; empty: no network
	Model   string `json:"model"`
	Weights string `json:"weights"` // short hash of the network's weights
	// method of the posterior
	Method string `json:"method"`
	// Budget is the number of posterior draws of a method with a network, and
	// else the largest number of forward solves.
	Budget int `json:"budget"`
}

// Row is one posterior: a problem, measurement, method, budget and seed. Fields
// are normalized by the range of the prior unless a name ends with physical. A
// number that is not known is null in JSON and empty in CSV.
type Row struct {
	Key
	// index of the fresh measurement
	Case int `json:"case"`
	// seed of the measurements
	PairSeed uint64 `json:"pair_seed"`
	// seed of the method
	Seed uint64 `json:"seed"`

	// Distance from the reference posterior.

	// root mean square error of the posterior's mean against the reference's
	RMSEMean infer.StatedError `json:"rmse_mean"`
	// root mean square error of the posterior's standard deviation
	RMSEStd infer.StatedError `json:"rmse_std"`
	// error of the reference's mean, as the reference states it
	RMSEMeanReferenceError infer.StatedError `json:"rmse_mean_reference_error"`
	// error of the reference's standard deviation, as it states it
	RMSEStdReferenceError infer.StatedError `json:"rmse_std_reference_error"`
	FloorMean             infer.StatedError `json:"floor_mean"` // due to the number of draws
	// error of the standard deviation that is due to the number of draws
	FloorStd infer.StatedError `json:"floor_std"`
	StdRatio infer.StatedError `json:"std_ratio"` // mean std over the reference's

	// Distance of the draws from as many draws of the reference.

	// accuracy of a classifier that separates the vectors of quantities of the
	// draws from draws of the reference; 0.5 if it cannot
	C2ST infer.StatedError `json:"c2st_quantities"`
	// sliced Wasserstein distance of the draws from draws of the reference
	Sliced infer.StatedError `json:"sliced_wasserstein"`
	// sliced Wasserstein distance between two sets of draws of the reference
	SlicedFloor infer.StatedError `json:"sliced_wasserstein_floor"`

	// Distance from the true field.

	// root mean square error of the posterior's mean against the true field
	RMSETrue infer.StatedError `json:"rmse_true"`
	// rmse_true in physical units, x_unit
	RMSETruePhysical infer.StatedError `json:"rmse_true_physical"`
	// unit of rmse_true_physical
	XUnit string `json:"x_unit"`
	// root mean square error of the prior's mean against the true field
	RMSETruePrior infer.StatedError `json:"rmse_true_prior"`
	TrueRatio     infer.StatedError `json:"true_ratio"` // rmse_true over rmse_true_prior
	// root mean square over pixels of the posterior's standard deviation
	RMSStd infer.StatedError `json:"rms_std"`

	// weight of the first mode, of a problem whose modes have known weights
	FirstMode      infer.StatedError `json:"first_mode"`
	FirstModeKnown infer.StatedError `json:"first_mode_known"` // its known weight
	ModeError      infer.StatedError `json:"mode_error"`       // half the sum of errors of weights

	LogEvidence infer.StatedError `json:"log_evidence"` // ln p(y)
	// one standard error of log_evidence
	LogEvidenceError infer.StatedError `json:"log_evidence_error"`
	// ln p(y) of the reference
	LogEvidenceReference infer.StatedError `json:"log_evidence_reference"`
	// log_evidence minus log_evidence_reference
	LogEvidenceOff infer.StatedError `json:"log_evidence_off"`

	// effective sample size of the weights or chains
	ESS  infer.StatedError `json:"ess"`
	KHat infer.StatedError `json:"khat"` // Pareto shape of the weights
	// R̂ of chains, the largest of all series
	RHat infer.StatedError `json:"rhat"`
	// whether the posterior is certified; null: certificates do not apply
	Certified *bool    `json:"certified"`
	Reasons   []string `json:"reasons"` // why not certified, or why there is no posterior

	CPUSeconds infer.StatedError `json:"cpu_seconds"` // user and system time of the process
	// wall time in seconds
	WallSeconds infer.StatedError `json:"wall_seconds"`
	Solves      infer.StatedError `json:"solves"`      // of the forward model
	Evaluations infer.StatedError `json:"evaluations"` // of the network
	// largest memory of the process so far in MiB
	PeakMemoryMiB infer.StatedError `json:"peak_memory_mib"`

	Reference string `json:"reference"` // method, or none with the reason
	// forward solves of the reference
	ReferenceSolves int `json:"reference_solves"`

	// number of threads of the call; this and the next three describe csdm and
	// are empty for posteriors of another program
	Threads int `json:"threads"`
	// implementation of the numerical kernels
	Kernel string `json:"kernel"`
	// processor and number of cores
	Machine string `json:"machine"`
	// name and version of the program
	Program string `json:"program"`
}

// unstated sets each number of a row that can be unknown to NotStated.
//
// A figure that nobody sets is then empty in the tables, and never a zero that
// looks like a perfect result.
func unstated[T any](row *T) *T {
	v := reflect.ValueOf(row).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Type == reflect.TypeFor[infer.StatedError]() {
			v.FieldByIndex(f.Index).Set(reflect.ValueOf(infer.NotStated))
		}
	}
	return row
}

// UnmarshalJSON reads a row. A number that an earlier version of csdm did not
// write is not stated.
func (r *Row) UnmarshalJSON(text []byte) error {
	type row Row
	return json.Unmarshal(text, (*row)(unstated(r)))
}

// judge fills in the distances of a posterior from the reference, if there is
// one, and from the true field. prior is the prior's mean in physical units.
//
// Every distance is computed in units of the prior's range, from moments at
// each pixel.
func (r *Row) judge(m *measurement, a *answer, reference *infer.Summary, prior []float64) {
	spec := m.Problem.Spec()
	scale := func(p *bench.Posterior) *bench.Posterior {
		return p.Scaled(spec.XRange.Min, spec.XRange.Width())
	}
	r.XUnit = spec.XUnit
	r.RMSETruePrior = infer.StatedError(bench.RMSE(prior, m.x) / spec.XRange.Width())
	if a.Posterior == nil {
		return
	}
	p := scale(a.Posterior)
	r.ESS = infer.StatedError(p.ESS)
	r.RMSETruePhysical = infer.StatedError(bench.RMSE(a.Mean, m.x))
	r.RMSETrue = r.RMSETruePhysical / infer.StatedError(spec.XRange.Width())
	r.TrueRatio = r.RMSETrue / r.RMSETruePrior
	r.RMSStd = infer.StatedError(bench.RMSE(p.Std, make([]float64, len(p.Std))))
	if modal, ok := m.Problem.(problems.Modal); ok {
		r.judgeModes(modal, a)
	}
	if reference == nil {
		return
	}
	exact := reference.Normalized()
	var c infer.Comparison
	if a.independent {
		c = infer.NewDrawsComparison("", p, "", exact, 0)
	} else {
		c = infer.NewComparison("", p, "", exact, 0)
	}
	r.RMSEMean, r.RMSEStd = infer.StatedError(c.Mean), infer.StatedError(c.Std)
	r.FloorMean, r.FloorStd = c.FloorMean, c.FloorStd
	r.RMSEMeanReferenceError, r.RMSEStdReferenceError = c.ReferenceMean, c.ReferenceStd
	r.StdRatio = infer.StatedError(mean(p.Std) / mean(exact.Std))
	r.LogEvidenceReference = infer.StatedError(reference.LogEvidence)
	r.LogEvidenceOff = r.LogEvidence - r.LogEvidenceReference
	r.judgeDraws(m, a, reference.Points)
}

// judgeModes fills in the weights of the modes. Independent draws vote for one
// mode each, so that their noise does not count; other posteriors have the
// weights of their mean.
//
// mode_error is the total variation distance ½ Σ_k |share_k − w_k| of the two
// distributions over modes.
func (r *Row) judgeModes(problem problems.Modal, a *answer) {
	known := problem.ModeWeights()
	share, of := make([]float64, len(known)), make([]float64, len(known))
	if a.independent {
		size := problem.Spec().XLen()
		n := len(a.fields) / size
		for i := range n {
			problem.ModeShares(of, a.fields[i*size:(i+1)*size])
			best := 0
			for k, v := range of {
				if v > of[best] {
					best = k
				}
			}
			share[best] += 1 / float64(n)
		}
	} else {
		problem.ModeShares(share, a.Mean)
	}
	sum := 0.0
	for k, w := range known {
		sum += math.Abs(share[k] - w)
	}
	r.FirstMode, r.FirstModeKnown = infer.StatedError(share[0]), infer.StatedError(known[0])
	r.ModeError = infer.StatedError(sum / 2)
}

// mean returns the arithmetic mean; NaN for none.
func mean(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
