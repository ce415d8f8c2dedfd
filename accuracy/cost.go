package accuracy

import (
	"cmp"
	"csdm/infer"
	"maps"
	"math"
	"slices"
)

// Values of CostRow.Basis.
const (
	BasisMeasured     = "measured"     // the network method itself
	BasisInterpolated = "interpolated" // between two budgets of the method
	BasisExtrapolated = "extrapolated" // beyond the budgets: error ∝ 1/√seconds
)

// CostRow is a method's error at the cost of a network method (certified, or
// else network), per measurement. With Measurements = m a measurement of the
// network method costs its own CPU time and 1/m of the training.
type CostRow struct {
	// name of the problem
	Problem string `json:"problem"`
	// nodes along the shorter side
	Grid int `json:"grid"`
	// measurement noise in percent; 0: not given in percent
	NoisePercent float64 `json:"noise_percent"`
	// model as given
	Model string `json:"model"`
	// short hash of the network's weights
	Weights string `json:"weights"`
	// method with the network, to which Method is compared
	Network string `json:"network"`
	// measurements that share the cost of the training; 0: the training does
	// not count
	Measurements int `json:"measurements"`

	// method whose error is stated
	Method string `json:"method"`
	// CPU time per measurement in seconds, the same for all methods
	CPUSeconds float64 `json:"cpu_seconds"`
	// error of the mean at that time, normalized
	RMSEMean infer.StatedError `json:"rmse_mean"`
	// error of the standard deviation at that time, normalized
	RMSEStd infer.StatedError `json:"rmse_std"`
	// how the error was found: measured, interpolated or extrapolated
	Basis string `json:"basis"`

	// SecondsToEqual is the CPU time per measurement at which the method's
	// errors of mean and standard deviation are no larger than the network
	// method's, and BreakEven the number of measurements from which on the
	// network method then costs less, training included. Both are for
	// Measurements = 0; null: never, or not known.
	SecondsToEqual infer.StatedError `json:"seconds_to_equal"`
	// number of measurements from which on the network method costs less,
	// training included; null: never, or not known
	BreakEven infer.StatedError `json:"break_even"`
}

// shared are the numbers of measurements over which the training is divided.
var shared = []int{0, 1, 10, 100, 1000}

// costPoint is a method's mean cost and error at one budget.
//
// seconds of CPU per measurement, and errors normalized by the prior's range.
type costPoint struct{ seconds, mean, std float64 }

// costs compares, for each model, methods without a network at the cost of the
// method with the network. Only rows with a reference and a CPU time count, and
// only csdm's own methods: how the error of another program falls with its cost
// is not known.
// Draws by the exact score need no training, and are no method of a user.
// training holds the CPU time of training by weights; 0: not known.
//
// The certified method stands for the network where both were run: it is the
// one whose posteriors can be relied on.
func costs(rows []Row, training map[string]float64) (out []CostRow) {
	keys, points := means(rows)
	for k, key := range keys {
		certified := slices.ContainsFunc(keys,
			func(o Key) bool { return o.Weights == key.Weights && o.Method == "certified" })
		if key.Model == "" || key.Method == methodExactScore ||
			key.Method == "network" && certified {
			continue
		}
		curves := map[string][]costPoint{}
		var names []string
		for j, other := range keys {
			if other.Model == "" && other.sameProblem(key) &&
				slices.Contains(Methods(), other.Method) {
				if curves[other.Method] == nil {
					names = append(names, other.Method)
				}
				curves[other.Method] = append(curves[other.Method], points[j])
			}
		}
		for _, m := range shared {
			own := points[k]
			total := training[key.Weights]
			row := CostRow{Problem: key.Problem, Grid: key.Grid, NoisePercent: key.NoisePercent,
				Model: key.Model, Weights: key.Weights, Network: key.Method, Measurements: m,
				Method: key.Method, CPUSeconds: own.seconds, RMSEMean: infer.StatedError(own.mean),
				RMSEStd: infer.StatedError(own.std), Basis: BasisMeasured,
				SecondsToEqual: infer.NotStated,
				BreakEven:      infer.NotStated}
			if m > 0 {
				if total == 0 {
					break
				}
				row.CPUSeconds += total / float64(m)
			}
			out = append(out, row)
			for _, name := range names {
				out = append(out, row.of(name, curves[name], own, total))
			}
		}
	}
	return out
}

// means returns the mean cost and errors of each key, over the rows that have
// both. Methods are compared over the same measurements: those that all keys of
// a problem have.
//
// A mean over different measurements would compare easy ones with hard ones.
func means(rows []Row) (keys []Key, points []costPoint) {
	byKey := map[Key]map[int][]costPoint{}
	for _, r := range rows {
		v := costPoint{float64(r.CPUSeconds), float64(r.RMSEMean), float64(r.RMSEStd)}
		if math.IsNaN(v.seconds+v.mean+v.std) || v.seconds <= 0 {
			continue
		}
		if byKey[r.Key] == nil {
			keys = append(keys, r.Key)
			byKey[r.Key] = map[int][]costPoint{}
		}
		byKey[r.Key][r.Case] = append(byKey[r.Key][r.Case], v)
	}
	for _, key := range keys {
		var p costPoint
		n := 0.0
		for _, index := range slices.Sorted(maps.Keys(byKey[key])) {
			if !slices.ContainsFunc(keys, func(o Key) bool {
				return o.sameProblem(key) && byKey[o][index] == nil
			}) {
				for _, v := range byKey[key][index] {
					p.seconds, p.mean, p.std = p.seconds+v.seconds, p.mean+v.mean, p.std+v.std
					n++
				}
			}
		}
		points = append(points, costPoint{p.seconds / n, p.mean / n, p.std / n})
	}
	return keys, points
}

// sameProblem reports whether two keys are of the same problem, grid and noise.
func (k Key) sameProblem(o Key) bool {
	return k.Problem == o.Problem && k.Grid == o.Grid && k.NoisePercent == o.NoisePercent
}

// of returns the row of another method at the same cost. own is the network
// method's point, and training its CPU time of training.
//
// The CPU times of the two rows are equal; only the errors differ. saved is the
// CPU time per measurement that the network saves once it is trained.
func (r CostRow) of(method string, curve []costPoint, own costPoint, training float64) CostRow {
	slices.SortFunc(curve, func(a, b costPoint) int {
		return cmp.Compare(a.seconds, b.seconds)
	})
	r.Method = method
	mean := func(p costPoint) float64 { return p.mean }
	std := func(p costPoint) float64 { return p.std }
	r.RMSEMean = infer.StatedError(errorAt(curve, mean, r.CPUSeconds))
	r.RMSEStd = infer.StatedError(errorAt(curve, std, r.CPUSeconds))
	r.Basis = BasisExtrapolated
	if curve[0].seconds <= r.CPUSeconds && r.CPUSeconds <= curve[len(curve)-1].seconds {
		r.Basis = BasisInterpolated
	}
	if r.Measurements > 0 {
		return r
	}
	equal := max(secondsTo(curve, mean, own.mean), secondsTo(curve, std, own.std))
	r.SecondsToEqual = infer.StatedError(equal)
	if saved := equal - own.seconds; saved > 0 && training > 0 {
		r.BreakEven = infer.StatedError(training / saved)
	}
	return r
}

// errorAt returns the error of a curve, in ascending order of seconds, at the
// given CPU time: between points on a straight line in the logarithms, and
// beyond them in proportion to 1/√seconds, as Monte Carlo errors fall.
//
// Between (s_a, e_a) and (s_b, e_b) it is e_a (e_b/e_a)^t with t =
// ln(s/s_a)/ln(s_b/s_a), which is exact for any power of the cost. Beyond the
// ends e √(s_end/s).
func errorAt(curve []costPoint, of func(costPoint) float64, seconds float64) float64 {
	last := len(curve) - 1
	for _, end := range []int{0, last} {
		p := curve[end]
		if end == 0 && seconds <= p.seconds || end == last && seconds >= p.seconds {
			return of(p) * math.Sqrt(p.seconds/seconds)
		}
	}
	k := 1
	for curve[k].seconds < seconds {
		k++
	}
	a, b := curve[k-1], curve[k]
	t := math.Log(seconds/a.seconds) / math.Log(b.seconds/a.seconds)
	return of(a) * math.Pow(of(b)/of(a), t)
}

// secondsTo returns the CPU time from which on the error of a curve is at most
// the given one: errorAt, inverted. Before the first point it returns that
// point's time, because less work was not tried.
//
// Beyond the last point, e √(s_last/s) = target gives s = s_last (e/target)².
// Between two points the straight line in the logarithms is solved for s. The
// search runs from the end, so that a curve with a dip by chance is read at its
// last crossing.
func secondsTo(curve []costPoint, of func(costPoint) float64, target float64) float64 {
	last := curve[len(curve)-1]
	if of(last) > target {
		return last.seconds * (of(last) / target) * (of(last) / target)
	}
	for k := len(curve) - 2; k >= 0; k-- {
		a, b := curve[k], curve[k+1]
		if of(a) > target {
			t := math.Log(target/of(a)) / math.Log(of(b)/of(a))
			return a.seconds * math.Pow(b.seconds/a.seconds, t)
		}
	}
	return curve[0].seconds
}
