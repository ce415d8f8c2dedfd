package specimen_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/problems"
)

// TestQuantiles compares the ratio of a disc with the distribution function of
// each kind of distribution: at the element of θ that a value has, the function
// is this element.
//
// The distribution function of each kind stands in the test in closed form, so
// that F(F⁻¹(θ)) = θ checks quantiles and truncation together.
func TestQuantiles(t *testing.T) {
	phi := func(v float64) float64 { return distuv.UnitNormal.CDF(v) }
	between := func(cdf func(v float64) float64, lo, hi float64) func(v float64) float64 {
		return func(v float64) float64 { return (cdf(v) - cdf(lo)) / (cdf(hi) - cdf(lo)) }
	}
	ofLog := func(v float64) float64 { return phi(math.Log(v/2) / 0.3) }
	ofValue := func(v float64) float64 { return phi((v - 3) / 0.5) }
	for text, cdf := range map[string]func(v float64) float64{
		"[1, 5]": func(v float64) float64 { return v },
		"{ log-uniform = [1, 5] }": func(v float64) float64 {
			return math.Log(v) / math.Log(5)
		},
		"{ normal = [3, 0.5] }":                   between(ofValue, 1, 5),
		"{ normal = [3, 0.5], range = [2.8, 5] }": between(ofValue, 2.8, 5),
		"{ log-normal = [2, 0.3] }": between(ofLog, 2*math.Exp(-1.2),
			2*math.Exp(1.2)),
		"{ log-normal = [2, 0.3], range = [1, 3] }": between(ofLog, 1, 3),
	} {
		p := read(t, strings.Replace(lab, "{ log-uniform = [1.5, 6] }", text, 1),
			problems.Options{}).(problems.Parametric)
		lo, hi := p.Box()
		theta, x := make([]float64, len(lo)), make([]float64, p.Spec().XLen())
		for k := range theta { // a disc of the largest radius, without a trend
			theta[k] = (lo[k] + hi[k]) / 2
		}
		theta[2] = hi[2]
		for _, at := range []float64{0, 0.01, 0.3, 0.5, 0.8, 0.99, 1} {
			theta[3] = lo[3] + at*(hi[3]-lo[3])
			p.Field(x, theta)
			ratio := x[7*12+5] / 4.7 // a node near the center
			if got := cdf(ratio); math.Abs(got-theta[3]) > 1e-9 {
				t.Errorf("%s: element %v gives %v, whose probability is %v", text, theta[3], ratio,
					got)
			}
		}
	}
}

// TestTransform checks that the field is the transformed modulus, and that the
// measurement and the quantities do not depend on the transform.
//
// The modulus of a pair must be the same to rounding, and y too: a transform
// changes the coordinates of the inference, not the physics.
func TestTransform(t *testing.T) {
	plain := read(t, lab, problems.Options{})
	names := plain.(problems.Quantified).Quantities()
	for text, inverse := range map[string]func(x float64) float64{
		`"log"`: math.Exp,
		"{ bounded = [0, 900] }": func(x float64) float64 {
			return 900 / (1 + math.Exp(-x))
		},
	} {
		p := read(t, strings.Replace(lab, "[prior]", "[prior]\ntransform = "+text, 1),
			problems.Options{})
		if p.Spec().XName == plain.Spec().XName || p.Spec().XUnit == plain.Spec().XUnit {
			t.Errorf("%s: name %q, unit %q", text, p.Spec().XName, p.Spec().XUnit)
		}
		if p.(problems.Defined).Definition() == plain.(problems.Defined).Definition() {
			t.Errorf("%s has the identity of the file without it", text)
		}
		x, y := pair(t, p, 5)
		m, want := pair(t, plain, 5)
		for i := range x {
			if v := inverse(x[i]); math.Abs(v-m[i]) > 1e-11*m[i] {
				t.Fatalf("%s: modulus %v at node %d, want %v", text, v, i, m[i])
			}
		}
		for i := range y {
			if math.Abs(y[i]-want[i]) > 1e-12 {
				t.Fatalf("%s: y[%d] = %v, want %v", text, i, y[i], want[i])
			}
		}
		a, b := make([]float64, len(names)), make([]float64, len(names))
		p.(problems.Quantified).Quantify(a, x)
		plain.(problems.Quantified).Quantify(b, m)
		for k := range a {
			if math.Abs(a[k]-b[k]) > 1e-9 {
				t.Errorf("%s: %s = %v, want %v", text, names[k].Name, a[k], b[k])
			}
		}
	}
}

// TestBackground checks the quantity of a background that is not known.
//
// The median of the true background follows from θ by the truncated quantile;
// the measured one is a geometric mean over nodes outside of the inclusion. One
// percent is their RMS distance.
func TestBackground(t *testing.T) {
	p := read(t, strings.NewReplacer("background = 4.7", "background = { log-normal = [4.7, 0.4] }",
		"rows = 16", "rows = 28", "cols = 12", "cols = 28").Replace(lab),
		problems.Options{}).(problems.Parametric)
	q := p.(problems.Quantified)
	names := q.Quantities()
	last := len(names) - 1
	if names[last].Name != "background modulus" || names[last].Unit != "kPa" {
		t.Fatalf("the quantities are %v", names)
	}
	lo, _ := p.Box()
	theta, x, got := make([]float64, len(lo)), make([]float64, p.Spec().XLen()),
		make([]float64, len(names))
	sum := 0.0
	const draws = 40
	for i := range uint64(draws) {
		p.Latent(theta, 4, i)
		p.Field(x, theta)
		q.Quantify(got, x)
		median := 4.7 * math.Exp(0.4*distuv.UnitNormal.Quantile(phiBetween(theta[4])))
		sum += math.Pow(math.Log(got[last]/median), 2) / draws
	}
	if rms := math.Sqrt(sum); rms > 0.01 {
		t.Errorf("the background is off by a factor of %v (RMS)", 1+rms)
	}
}

// phiBetween maps [0, 1] to the probabilities of a normal distribution that is
// truncated at four standard deviations.
func phiBetween(u float64) float64 {
	lo := distuv.UnitNormal.CDF(-4)
	return lo + u*(1-2*lo)
}

// TestCount checks that the number of inclusions has all values of its range
// with the same probability.
//
// A uniform variable on [0, 3) whose integer part is the number gives each of
// 0, 1, 2 the probability 1/3: 100 of 300 draws with a standard deviation of 8.
// A sharp disc has one modulus, and two that overlap have a third.
func TestCount(t *testing.T) {
	text := strings.NewReplacer("[prior]", "[prior]\ncount = [0, 2]\nsharp = true",
		"gradient = 0.3", "", "radius = [3.5, 6.5]", "radius = 1.2").Replace(lab)
	p := read(t, text, problems.Options{}).(problems.Parametric)
	if _, is := p.(problems.Smooth); is {
		t.Error("the number of inclusions is not smooth")
	}
	lo, hi := p.Box()
	theta, x := make([]float64, len(lo)), make([]float64, p.Spec().XLen())
	if lo[0] != 0 || hi[0] != 3 {
		t.Fatalf("the number is in %v to %v", lo[0], hi[0])
	}
	counts := map[int]int{}
	for i := range uint64(300) {
		p.Latent(theta, 4, i)
		p.Field(x, theta)
		values := map[string]bool{}
		for _, v := range x {
			if v != 4.7 {
				values[fmt.Sprintf("%.9g", v)] = true
			}
		}
		if n := int(theta[0]); len(values) > 2*n || n == 0 && len(values) > 0 {
			t.Fatalf("%d inclusions give %d moduli", n, len(values))
		}
		counts[int(theta[0])]++
	}
	for n := range 3 {
		if counts[n] < 70 || counts[n] > 130 {
			t.Errorf("%d of 300 fields have %d inclusions", counts[n], n)
		}
	}
	theta[0] = hi[0]
	p.Field(x, theta)
}

// TestIdentityIsKept holds the identity of a file that an earlier version made
// pairs for.
//
// A change of the hash would make the data sets of all users stale without a
// change of any pair.
func TestIdentityIsKept(t *testing.T) {
	got := read(t, lab, problems.Options{}).(problems.Defined).Definition()
	if want := "80c98f76e88ce49cfa7ee571478965906dd676af276409ac8a9ed7de4cf11eef"; got.String() !=
		want {
		t.Errorf("%v\n%s", got, got.JSON())
	}
}
