package specimen

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// distribution is the distribution of one variable, truncated to [lo, hi].
//
// An element θ of the box is the probability F(v) of the variable's value v,
// except for a uniform variable, which is its own element. A uniform θ on [0,
// 1] then gives v = F⁻¹(θ) the distribution F: the inverse transform method.
type distribution struct {
	kind   string
	lo, hi float64
	// Mean and standard deviation of a normal distribution before truncation:
	// of the variable, or of its logarithm.
	mean, std float64
}

// The kinds of distributions; the last three are also keys of a file.
const (
	constant   = "constant"
	uniform    = "uniform"
	logUniform = "log-uniform"
	normal     = "normal"
	logNormal  = "log-normal"
)

// normalReach is the distance from the mean, in standard deviations, at which a
// normal distribution without a range is truncated.
//
// The probability beyond is 6·10⁻⁵. Without a limit the field would have no
// range, in which normalization and quadrature need it to lie.
const normalReach = 4

// wantVariable lists the forms of a variable.
const wantVariable = "a number, a range [lo, hi], { log-uniform = [lo, hi] }, { normal = [mean, " +
	"std] } or { log-normal = [median, std of the logarithm] }, the last two also with range = " +
	"[lo, hi]"

// parse returns the distribution of a value from a file:
//
//	5                                        a constant
//	[2, 6]                                   uniform
//	{ log-uniform = [1, 6] }                 uniform in the logarithm
//	{ normal = [4, 1], range = [2, 6] }      the same, truncated
//	{ log-normal = [4, 0.3], range = [2, 9] } median, std of the logarithm
func parse(value any) (distribution, error) {
	if v, ok := number(value); ok {
		return distribution{kind: constant, lo: v, hi: v}, nil
	}
	if r, ok := twoOf(value); ok {
		return span(uniform, r)
	}
	table, ok := value.(map[string]any)
	if !ok {
		return distribution{}, fmt.Errorf("= %v: must be %s", value, wantVariable)
	}
	var kinds []string
	for key := range table {
		switch key {
		case logUniform, normal, logNormal:
			kinds = append(kinds, key)
		case "range":
		default:
			return distribution{}, fmt.Errorf("has the key %q: must be %s", key, wantVariable)
		}
	}
	if len(kinds) != 1 {
		slices.Sort(kinds)
		return distribution{}, fmt.Errorf("has the distributions [%s]: must be %s",
			strings.Join(kinds, " "), wantVariable)
	}
	numbers, ok := twoOf(table[kinds[0]])
	if !ok {
		return distribution{}, fmt.Errorf("= %v: must be %s", value, wantVariable)
	}
	if kinds[0] != logUniform {
		return truncated(kinds[0], numbers, table["range"])
	}
	switch {
	case table["range"] != nil:
		return distribution{}, fmt.Errorf("= %v: a log-uniform distribution has no range of its "+
			"own",
			value)
	case !(numbers[0] > 0):
		return distribution{}, fmt.Errorf("is log-uniform from %v: must be positive", numbers[0])
	}
	return span(logUniform, numbers)
}

// truncated returns a normal or log-normal distribution. given is its range;
// nil for normalReach standard deviations on both sides.
//
// With Φ the standard normal distribution function, the probability of [lo, hi]
// before truncation is Φ((hi − mean)/std) − Φ((lo − mean)/std), of the
// logarithms for a log-normal one.
func truncated(kind string, numbers [2]float64, given any) (distribution, error) {
	center, std := numbers[0], numbers[1]
	d := distribution{kind: kind, mean: center, std: std}
	if !(std > 0) || math.IsInf(std, 0) {
		return d, fmt.Errorf("has the standard deviation %v: must be positive", std)
	}
	r := [2]float64{center - normalReach*std, center + normalReach*std}
	if kind == logNormal {
		if !(center > 0) {
			return d, fmt.Errorf("has the median %v: must be positive", center)
		}
		d.mean = math.Log(center)
		r = [2]float64{center * math.Exp(-normalReach*std), center * math.Exp(normalReach*std)}
	}
	if given != nil {
		var ok bool
		if r, ok = twoOf(given); !ok {
			return d, fmt.Errorf("has the range %v: must be [lo, hi]", given)
		}
	}
	if kind == logNormal && !(r[0] > 0) {
		return d, fmt.Errorf("has a range from %v: must be positive", r[0])
	}
	limits, err := span(kind, r)
	if err != nil {
		return d, err
	}
	d.lo, d.hi = limits.lo, limits.hi
	if d.mass() < leastMass {
		return d, fmt.Errorf("has the range [%v, %v], where a %s distribution around %v with the "+
			"standard deviation %v has no mass: move the range or the center", d.lo, d.hi, kind,
			center, std)
	}
	return d, nil
}

// leastMass is the smallest probability of the range of a normal distribution,
// below which its quantiles lose digits.
//
// The mass is a difference of two values of Φ, each with a rounding error of
// about 10⁻¹⁶, so that it keeps ten digits.
const leastMass = 1e-6

// span returns a distribution on [lo, hi] without a shape of its own.
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
//
// Constants have no element; the caller leaves them out.
func (d *distribution) box() (lo, hi float64) {
	if d.kind == uniform {
		return d.lo, d.hi
	}
	return 0, 1
}

// unit returns the normal distribution before truncation: of the variable, or
// of its logarithm.
func (d *distribution) unit() distuv.Normal { return distuv.Normal{Mu: d.mean, Sigma: d.std} }

// ends returns the limits of a normal distribution: the variable's own, or
// of its logarithm.
func (d *distribution) ends() (lo, hi float64) {
	if d.kind == logNormal {
		return math.Log(d.lo), math.Log(d.hi)
	}
	return d.lo, d.hi
}

// mass returns the probability of the range, without truncation.
func (d *distribution) mass() float64 {
	lo, hi := d.ends()
	return d.unit().CDF(hi) - d.unit().CDF(lo)
}

// at returns the value of an element of θ: the quantile function of the
// truncated distribution, unless it is uniform.
//
// With F the distribution function of the normal distribution,
//
//	v = F⁻¹(F(lo) + θ (F(hi) − F(lo)))
//
// and lo (hi/lo)^θ for a log-uniform variable. The clamp at the end removes a
// last digit by which rounding may leave [lo, hi].
func (d *distribution) at(theta float64) float64 {
	v := theta
	switch d.kind {
	case uniform:
		return theta
	case constant:
		return d.lo
	case logUniform:
		v = d.lo * math.Pow(d.hi/d.lo, theta)
	case normal, logNormal:
		lo, _ := d.ends()
		v = d.unit().Quantile(d.unit().CDF(lo) + theta*d.mass())
		if d.kind == logNormal {
			v = math.Exp(v)
		}
	}
	return min(max(v, d.lo), d.hi)
}

// middle returns the median.
//
// The median of a truncated distribution is at the middle of its element,
// whatever the distribution is.
func (d *distribution) middle() float64 {
	lo, hi := d.box()
	return d.at((lo + hi) / 2)
}
