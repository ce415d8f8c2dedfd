package explain_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"csdm/explain"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/rng"
)

// The specimen of the cases: a disc in quasistatic at 28×28 nodes, 5 % noise.
const (
	side  = 28
	sigma = 0.0005 // cm
)

func quasistatic(t testing.TB) problems.Problem {
	t.Helper()
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: side, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// disc returns a field of 0.1 kPa with a disc of the given modulus.
func disc(x, y, inside float64) []float64 {
	out := make([]float64, side*side)
	priors.Disc{X: x, Y: y, Radius: 0.12, Inside: inside, Outside: 0.1}.Rasterize(out,
		priors.Grid{Rows: side, Cols: side, Width: 1, Height: 1})
	return out
}

// solve returns the noise-free measurement of a field.
func solve(t testing.TB, p problems.Problem, x []float64) []float64 {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, len(x))
	if err := g.(problems.Forwarder).Forward(y, x); err != nil {
		t.Fatal(err)
	}
	return y
}

// noise returns y with white noise, clipped at three standard deviations.
func noise(y []float64, seed uint64) []float64 {
	s := rng.New(seed, rng.Test, 0, 0)
	out := slices.Clone(y)
	for k := range out {
		out[k] += sigma * min(3, max(-3, s.Normal()))
	}
	return out
}

// correlated returns y with noise of standard deviation sigma that is smoothed
// by a Gaussian with a width in pixels.
func correlated(y []float64, pixels float64, seed uint64) []float64 {
	s := rng.New(seed, rng.Test, 0, 0)
	z := make([]float64, side*side)
	for k := range z {
		z[k] = s.Normal()
	}
	priors.Blur{Rows: side, Cols: side, FWHM: 2.3548 * pixels}.Apply(z, z)
	square := 0.0
	for _, v := range z {
		square += v * v / float64(len(z))
	}
	out := slices.Clone(y)
	for k, v := range z {
		out[k] += sigma * v / math.Sqrt(square)
	}
	return out
}

// TestCases: right measurements are explained. Each mistake of a laboratory
// fails the test that should find it. A mirrored and a shifted map are right
// measurements of other specimens, so no number can find them.
func TestCases(t *testing.T) {
	p := quasistatic(t)
	clean := solve(t, p, disc(0.62, 0.38, 1.5))
	right := noise(clean, 1)
	changed := func(y []float64, f func(row, col int, v float64) float64) []float64 {
		out := slices.Clone(y)
		for k, v := range out {
			out[k] = f(k/side, k%side, v)
		}
		return out
	}
	both := disc(0.3, 0.3, 1.5)
	for k, v := range disc(0.7, 0.7, 1.5) {
		both[k] = max(both[k], v)
	}
	shifted := changed(clean, func(row, col int, _ float64) float64 {
		return clean[row*side+max(0, col-1)]
	})
	cases := []struct {
		name string
		y    []float64
		by   string // test that must fail; "": none does
	}{
		{"right", right, ""},
		{"without noise", clean, ""},
		{"mirrored", changed(right, func(row, col int, _ float64) float64 {
			return right[row*side+side-1-col]
		}), ""},
		{"registration off by a pixel", noise(shifted, 1), ""},
		{"upside down", changed(right, func(row, col int, _ float64) float64 {
			return right[(side-1-row)*side+col]
		}), "misfit"},
		{"times ten", changed(right, func(_, _ int, v float64) float64 {
			return 10 * v
		}), "misfit"},
		{"offset of 5 %", changed(right, func(_, _ int, v float64) float64 {
			return v + 0.0005
		}), "mean"},
		{"dead patch", changed(right, func(row, col int, v float64) float64 {
			if row >= 10 && row < 13 && col >= 10 && col < 13 {
				return 0
			}
			return v
		}), "repeated value"},
		{"one dead sensor", changed(right, func(row, col int, v float64) float64 {
			if row == 20 && col == 5 {
				return 0
			}
			return v
		}), "largest value"},
		{"soft inclusion", noise(solve(t, p, disc(0.62, 0.38, 0.02)), 1), "patch"},
		{"two inclusions", noise(solve(t, p, both), 1), "patch"},
		{"no inclusion", noise(solve(t, p, disc(0.62, 0.38, 0.1)), 1), "smooth part"},
		{"errors correlated over a pixel", correlated(clean, 1, 5), "pixel noise"},
		{"errors correlated over 4 pixels", correlated(clean, 4, 3), "autocorrelation in x"},
		{"tilt of 10 %", changed(right, func(_, col int, v float64) float64 {
			return v + 0.001*(float64(col)/(side-1)-0.5)
		}), "slope in x"},
	}
	j := explain.NewJudge(p)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := j.Start(c.y)
			if ok, err := j.Prior(context.Background(), v, c.y, explain.ReferenceRate,
				explain.Search{Seed: 1, Threads: 2}); !ok || err != nil {
				t.Fatal(ok, err)
			}
			var failed []string
			for _, f := range v.Tests {
				if !f.Passed {
					failed = append(failed, f.Name)
				}
			}
			if v.Explained != (c.by == "") || c.by != "" && !slices.Contains(failed, c.by) {
				t.Errorf("explained: %v; failed: %v; want %q\n%s", v.Explained, failed, c.by,
					v.Text)
			}
			if c.by == "largest value" && !strings.Contains(v.Text, "(0.185, 0.741) cm") {
				t.Errorf("the place is not named: %s", v.Text)
			}
		})
	}
}

// TestNearestFindsTheMember: from a noise-free measurement of a field of the
// prior the search finds the field, for any number of threads.
func TestNearestFindsTheMember(t *testing.T) {
	for _, name := range []string{"quasistatic", "phantom"} {
		q, err := builtin.Lookup(name, problems.Options{Grid: 16})
		if err != nil {
			t.Fatal(err)
		}
		p := q.(problems.Parametric)
		theta := make([]float64, len(p.Spec().Variables))
		x, found := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().XLen())
		for i := range uint64(3) {
			p.Latent(theta, 4, i)
			p.Field(x, theta)
			y := solve(t, p, x)
			var members []*explain.Member
			for _, threads := range []int{1, 3} {
				m, err := explain.Nearest(context.Background(), p, y,
					explain.Search{Seed: 7, Threads: threads}, nil)
				if err != nil {
					t.Fatal(err)
				}
				members = append(members, m)
			}
			if m := members[0]; !slices.Equal(m.Theta, members[1].Theta) ||
				m.Chi2 != members[1].Chi2 || m.Solves != members[1].Solves {
				t.Errorf("%s %d: %v by one thread, %v by three", name, i, m.Theta, members[1].Theta)
			}
			p.Field(found, members[0].Theta)
			if members[0].Chi2 > 0.02 {
				t.Errorf("%s %d: χ² %.3g at %v, the member is %v", name, i, members[0].Chi2,
					members[0].Theta, theta)
			}
		}
	}
}

// TestOfDraws: the residual of the true field is the noise. The residual of
// three draws is their median at each value.
func TestOfDraws(t *testing.T) {
	p := quasistatic(t)
	x := disc(0.62, 0.38, 1.5)
	clean := solve(t, p, x)
	y := noise(clean, 2)
	off := disc(0.4, 0.6, 1.5)
	r, err := explain.OfDraws(context.Background(), p, y, slices.Concat(x, off, x), 2)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, len(y))
	priors.Standardize(p.Measurement(), want, y, clean)
	if !slices.Equal(r.Values, want) {
		t.Error("the residual of the true field is not the noise")
	}
	if len(r.Misfit) != 3 || r.Misfit[0] != r.Misfit[2] || math.Abs(r.Misfit[0]-1) > 0.25 ||
		r.Misfit[1] < 1.5 {
		t.Errorf("χ² of the draws: %v", r.Misfit)
	}
	spheroid, err := builtin.Lookup("opticnerve", problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	if explain.HasForward(spheroid) || !explain.HasForward(p) {
		t.Error("which problems predict a measurement from the field alone")
	}
}
