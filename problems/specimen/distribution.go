package specimen

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// distribution is the distribution of one variable, truncated to [lo, hi].
type distribution struct {
	kind      string
	lo, hi    float64
	mean, std float64 // of a normal distribution, before truncation
}

const (
	constant   = "constant"
	uniform    = "uniform"
	logUniform = "log-uniform"
	normal     = "normal"
)

// normalReach is the distance from the mean, in standard deviations, at which a
// normal distribution without a range is truncated.
const normalReach = 4

// parse returns the distribution of a value from a file:
//
//	5                                    a constant
//	[2, 6]                               uniform
//	{ log-uniform = [1, 6] }             uniform in the logarithm
//	{ normal = [4, 1], range = [2, 6] }  mean, standard deviation; truncated
func parse(value any) (distribution, error) {
	const want = "a number, a range [lo, hi], { log-uniform = [lo, hi] } or { normal = [mean, " +
		"std], range = [lo, hi] }"
	if v, ok := number(value); ok {
		return distribution{kind: constant, lo: v, hi: v}, nil
	}
	if r, ok := twoOf(value); ok {
		return span(uniform, r)
	}
	table, ok := value.(map[string]any)
	if !ok {
		return distribution{}, fmt.Errorf("= %v: must be %s", value, want)
	}
	for key := range table {
		if key != logUniform && key != normal && key != "range" {
			return distribution{}, fmt.Errorf("has the key %q: must be %s", key, want)
		}
	}
	if r, ok := twoOf(table[logUniform]); ok && len(table) == 1 {
		if !(r[0] > 0) {
			return distribution{}, fmt.Errorf("is log-uniform from %v: must be positive", r[0])
		}
		return span(logUniform, r)
	}
	moments, ok := twoOf(table[normal])
	if !ok || table[logUniform] != nil {
		return distribution{}, fmt.Errorf("= %v: must be %s", value, want)
	}
	if !(moments[1] > 0) {
		return distribution{}, fmt.Errorf("has the standard deviation %v: must be positive",
			moments[1])
	}
	r := [2]float64{moments[0] - normalReach*moments[1], moments[0] + normalReach*moments[1]}
	if given, ok := table["range"]; ok {
		if r, ok = twoOf(given); !ok {
			return distribution{}, fmt.Errorf("has the range %v: must be [lo, hi]", given)
		}
	}
	d, err := span(normal, r)
	d.mean, d.std = moments[0], moments[1]
	if err == nil && d.mass() < leastMass {
		return d, fmt.Errorf("has the range [%v, %v], where a normal distribution of mean %v and "+
			"standard deviation %v has no mass: move the range or the mean", d.lo, d.hi, d.mean,
			d.std)
	}
	return d, err
}

// leastMass is the smallest probability of the range of a normal distribution,
// below which its quantiles lose digits.
const leastMass = 1e-6

func span(kind string, r [2]float64) (distribution, error) {
	if !(r[0] < r[1]) || math.IsInf(r[1]-r[0], 0) {
		return distribution{}, fmt.Errorf("runs from %v to %v: must be a range [lo, hi] with lo "+
			"below hi", r[0], r[1])
	}
	return distribution{kind: kind, lo: r[0], hi: r[1]}, nil
}

// number returns the value of a TOML integer or float.
func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return 0, false
}

// twoOf returns the two numbers of a TOML array.
func twoOf(value any) (r [2]float64, ok bool) {
	list, ok := value.([]any)
	if !ok || len(list) != len(r) {
		return r, false
	}
	for k, v := range list {
		if r[k], ok = number(v); !ok {
			return r, false
		}
	}
	return r, true
}

// box returns the limits of the variable's element of θ.
func (d *distribution) box() (lo, hi float64) {
	if d.kind == uniform {
		return d.lo, d.hi
	}
	return 0, 1
}

func (d *distribution) unit() distuv.Normal { return distuv.Normal{Mu: d.mean, Sigma: d.std} }

// mass returns the probability of the range, without truncation.
func (d *distribution) mass() float64 { return d.unit().CDF(d.hi) - d.unit().CDF(d.lo) }

// at returns the value of an element of θ.
func (d *distribution) at(theta float64) float64 {
	switch d.kind {
	case constant:
		return d.lo
	case logUniform:
		return min(max(d.lo*math.Pow(d.hi/d.lo, theta), d.lo), d.hi)
	case normal:
		v := d.unit().Quantile(d.unit().CDF(d.lo) + theta*d.mass())
		return min(max(v, d.lo), d.hi)
	}
	return theta
}
