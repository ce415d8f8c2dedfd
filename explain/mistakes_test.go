package explain_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/explain"
	"csdm/fem"
	"csdm/mesh"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/rng"
)

// lab makes the measurements of one specimen: a disc of the prior.
type lab struct {
	t          testing.TB
	p          problems.Parametric
	g          problems.Forwarder
	rows, cols int
	w, h, std  float64
	load       float64 // difference of displacement from bottom to top
	base       float64 // displacement of the bottom
	theta      []float64
	radius     float64
	in, out    float64
	s          *rng.Stream
	still      bool // no noise is added
}

func newLab(t testing.TB, name string, seed uint64) *lab {
	t.Helper()
	q, err := builtin.Lookup(name, problems.Options{Grid: side})
	if err != nil {
		t.Fatal(err)
	}
	p := q.(problems.Parametric)
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	spec := p.Spec()
	l := &lab{t: t, p: p, g: g.(problems.Forwarder), rows: spec.Rows, cols: spec.Cols,
		w: spec.Width, h: spec.Height,
		theta: make([]float64, len(spec.Variables)), s: rng.New(seed, rng.Test, 1, 0)}
	p.Latent(l.theta, seed, 0)
	l.std, l.load, l.radius, l.in, l.out = 0.0005, -0.01, 0.12, 1.5, 0.1
	if name == "phantom" {
		l.std, l.load, l.base, l.out = 0.001, 0.084-0.392, 0.392, 4.7
		l.radius, l.in = l.theta[2], 4.7*l.theta[3]
	}
	return l
}

func (l *lab) disc(x, y, radius, inside float64) []float64 {
	out := make([]float64, l.rows*l.cols)
	priors.Disc{X: x, Y: y, Radius: radius, Inside: inside, Outside: l.out}.Rasterize(out,
		priors.Grid{Rows: l.rows, Cols: l.cols, Width: l.w, Height: l.h})
	return out
}

func (l *lab) field() []float64 { return l.disc(l.theta[0], l.theta[1], l.radius, l.in) }

func (l *lab) solve(x []float64) []float64 {
	y := make([]float64, len(x))
	if err := l.g.Forward(y, x); err != nil {
		l.t.Fatal(err)
	}
	return y
}

// noisy adds noise, scaled.
func (l *lab) noisy(y []float64, scale float64) []float64 {
	out := slices.Clone(y)
	if l.still {
		return out
	}
	for k := range out {
		out[k] += scale * l.std * min(3, max(-3, l.s.Normal()))
	}
	return out
}

func (l *lab) right() []float64 { return l.noisy(l.solve(l.field()), 1) }

// change returns y with each value replaced; col and row run from 0 to 1.
func (l *lab) change(y []float64, f func(x, up, v float64) float64) []float64 {
	out := slices.Clone(y)
	for k, v := range out {
		out[k] = f(float64(k%l.cols)/float64(l.cols-1), float64(k/l.cols)/float64(l.rows-1), v)
	}
	return out
}

// from returns y with each value replaced by the value of another node. A node
// outside is replaced by the nearest one at the edge.
func (l *lab) from(y []float64, f func(row, col int) (int, int)) []float64 {
	out := slices.Clone(y)
	for k := range out {
		r, c := f(k/l.cols, k%l.cols)
		out[k] = y[min(max(r, 0), l.rows-1)*l.cols+min(max(c, 0), l.cols-1)]
	}
	return out
}

func (l *lab) blurred(y []float64, pixels float64) []float64 {
	out := slices.Clone(y)
	priors.Blur{Rows: l.rows, Cols: l.cols, FWHM: 2.3548 * pixels}.Apply(out, out)
	return out
}

func (l *lab) correlatedNoise(pixels float64) []float64 {
	z := make([]float64, l.rows*l.cols)
	for k := range z {
		z[k] = l.s.Normal()
	}
	z = l.blurred(z, pixels)
	square := 0.0
	for _, v := range z {
		square += v * v / float64(len(z))
	}
	for k := range z {
		z[k] *= l.std / math.Sqrt(square)
	}
	return z
}

func sum(a, b []float64) []float64 {
	out := slices.Clone(a)
	for k, v := range b {
		out[k] += v
	}
	return out
}

// pressed returns both displacements of a field x under conditions that differ
// from the problem's.
func (l *lab) pressed(x []float64, more func(m *mesh.Mesh,
	bc fem.Dirichlet) fem.Dirichlet) (ux, uy []float64) {
	m := mesh.Triangles(l.rows, l.cols, l.w, l.h)
	static, err := fem.NewPlaneStress(m, more(m, fem.Compression(m, l.base, l.base+l.load)))
	if err != nil {
		l.t.Fatal(err)
	}
	ux, uy = make([]float64, len(x)), make([]float64, len(x))
	if err := static.NewSolver().SolveTo(ux, uy, x); err != nil {
		l.t.Fatal(err)
	}
	return ux, uy
}

// scaled returns a right measurement of the noise-free values times f.
func (l *lab) scaled(f float64) []float64 {
	return l.noisy(l.change(l.solve(l.field()), func(_, _, v float64) float64 { return f * v }), 1)
}

// dropped returns a right measurement with a share of its values replaced.
func (l *lab) dropped(share, by float64) []float64 {
	y := l.right()
	for range int(share * float64(len(y))) {
		y[l.s.Uint64n(uint64(len(y)))] = by
	}
	return y
}

// mistake is a mistake of a laboratory in a measurement.
type mistake struct {
	name string
	make func(l *lab) []float64
	// never is the reason why no number can find it; "" if one can.
	never string
}

var mistakes = []mistake{
	{"nothing is wrong", func(l *lab) []float64 { return l.right() }, ""},
	{"mirrored left to right", func(l *lab) []float64 {
		return l.from(l.right(), func(r, c int) (int, int) { return r, l.cols - 1 - c })
	}, "the prior is symmetric: it is the right measurement of the mirrored specimen"},
	{"upside down", func(l *lab) []float64 {
		return l.from(l.right(), func(r, c int) (int, int) { return l.rows - 1 - r, c })
	}, ""},
	{"transposed", func(l *lab) []float64 {
		return l.from(l.right(), func(r, c int) (int, int) { return c, r })
	}, ""},
	{"wrong sign", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 { return -v })
	}, ""},
	{"unit wrong by 10", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 { return 10 * v })
	}, ""},
	{"strain 5 % too large", func(l *lab) []float64 {
		return l.noisy(l.change(l.solve(l.field()), func(_, _, v float64) float64 {
			return 1.05 * v
		}), 1)
	}, ""},
	{"strain 5 % too small", func(l *lab) []float64 {
		return l.noisy(l.change(l.solve(l.field()), func(_, _, v float64) float64 {
			return 0.95 * v
		}), 1)
	}, ""},
	{"offset of 3 %", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 {
			return v + 0.03*math.Abs(l.load)
		})
	}, ""},
	{"offset of 5 %", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 {
			return v + 0.05*math.Abs(l.load)
		})
	}, ""},
	{"tilt of 10 %", func(l *lab) []float64 {
		return l.change(l.right(), func(x, _, v float64) float64 {
			return v + 0.1*math.Abs(l.load)*(x-0.5)
		})
	}, ""},
	{"pixel size 10 % too large", func(l *lab) []float64 {
		y := l.solve(l.field())
		return l.noisy(l.from(y, func(r, c int) (int, int) {
			return int(math.Round(float64(r) / 1.1)), int(math.Round(float64(c) / 1.1))
		}), 1)
	}, ""},
	{"registration off by one pixel", func(l *lab) []float64 {
		return l.noisy(l.from(l.solve(l.field()), func(r, c int) (int, int) { return r, c - 1 }), 1)
	}, "it is nearly the right measurement of the shifted specimen: the rest is below the noise"},
	{"shift of two pixels", func(l *lab) []float64 {
		return l.noisy(l.from(l.solve(l.field()), func(r, c int) (int, int) { return r - 2, c }), 1)
	}, ""},
	{"no inclusion", func(l *lab) []float64 {
		return l.noisy(l.solve(l.disc(l.theta[0], l.theta[1], l.radius, l.out)), 1)
	}, "phantom only: a ratio of 1 is in its prior"},
	{"soft inclusion", func(l *lab) []float64 {
		return l.noisy(l.solve(l.disc(l.theta[0], l.theta[1], l.radius, 0.2*l.out)), 1)
	}, ""},
	{"two inclusions", func(l *lab) []float64 {
		x := l.field()
		for k, v := range l.disc(l.w-l.theta[0], l.h-l.theta[1], l.radius, l.in) {
			x[k] = max(x[k], v)
		}
		return l.noisy(l.solve(x), 1)
	}, ""},
	{"square inclusion", func(l *lab) []float64 {
		x := l.disc(l.theta[0], l.theta[1], l.radius, l.out)
		for k := range x {
			dx := float64(k%l.cols)/float64(l.cols-1)*l.w - l.theta[0]
			dy := float64(k/l.cols)/float64(l.rows-1)*l.h - l.theta[1]
			if max(math.Abs(dx), math.Abs(dy)) <= 1.2*l.radius {
				x[k] = l.in
			}
		}
		return l.noisy(l.solve(x), 1)
	}, ""},
	{"half the radius", func(l *lab) []float64 {
		return l.noisy(l.solve(l.disc(l.theta[0], l.theta[1], 0.5*l.radius, l.in)), 1)
	}, ""},
	{"center outside of the prior", func(l *lab) []float64 {
		return l.noisy(l.solve(l.disc(0.08*l.w, 0.5*l.h, l.radius, l.in)), 1)
	}, ""},
	{"correlated noise, 1 pixel", func(l *lab) []float64 {
		return sum(l.solve(l.field()), l.correlatedNoise(1))
	}, ""},
	{"correlated noise, 4 pixels", func(l *lab) []float64 {
		return sum(l.solve(l.field()), l.correlatedNoise(4))
	}, ""},
	{"map smoothed over 1 pixel", func(l *lab) []float64 { return l.blurred(l.right(), 1) }, ""},
	{"twice the noise", func(l *lab) []float64 { return l.noisy(l.solve(l.field()), 2) }, ""},
	{"2 % dropouts as 0", func(l *lab) []float64 {
		y := l.right()
		for range len(y) / 50 {
			y[l.s.Uint64n(uint64(len(y)))] = 0
		}
		return y
	}, ""},
	{"3 × 3 dead samples", func(l *lab) []float64 {
		y := l.right()
		for k := range 9 {
			y[(17+k/3)*l.cols+9+k%3] = 0
		}
		return y
	}, ""},
	{"two columns are 0", func(l *lab) []float64 {
		y := l.right()
		for r := range l.rows {
			y[r*l.cols+6], y[r*l.cols+7] = 0, 0
		}
		return y
	}, ""},
	{"one outlier of 8 σ", func(l *lab) []float64 {
		y := l.right()
		y[13*l.cols+20] += 8 * l.std
		return y
	}, ""},
	{"another problem's measurement", func(l *lab) []float64 {
		y := l.solve(l.field())
		return l.noisy(l.change(y, func(x, up, _ float64) float64 {
			return 0.5 * l.load * (math.Sin(3*x) + up*up)
		}), 1)
	}, ""},
	{"another component: u_x for u_y", func(l *lab) []float64 {
		ux, _ := l.pressed(l.field(), func(_ *mesh.Mesh, bc fem.Dirichlet) fem.Dirichlet {
			return bc
		})
		return l.noisy(ux, 1)
	}, ""},
	{"platens glued", func(l *lab) []float64 {
		_, uy := l.pressed(l.field(), func(m *mesh.Mesh, bc fem.Dirichlet) fem.Dirichlet {
			bc.Fix(m.Side(mesh.Bottom), 0, 0)
			bc.Fix(m.Side(mesh.Top), 0, 0)
			return bc
		})
		return l.noisy(uy, 1)
	}, ""},
	{"top platen tilted by 10 %", func(l *lab) []float64 {
		_, uy := l.pressed(l.field(), func(m *mesh.Mesh, bc fem.Dirichlet) fem.Dirichlet {
			top := map[int]bool{}
			for _, p := range m.Side(mesh.Top) {
				top[int(p)] = true
			}
			for k, f := range bc {
				if f.Component == 1 && top[f.Point] {
					bc[k].Value += 0.1 * l.load * (m.X[f.Point]/l.w - 0.5)
				}
			}
			return bc
		})
		return l.noisy(uy, 1)
	}, ""},
	{"mean subtracted", func(l *lab) []float64 {
		y, mean := l.right(), 0.0
		for _, v := range y {
			mean += v / float64(len(y))
		}
		return l.change(y, func(_, _, v float64) float64 { return v - mean })
	}, ""},
	{"unit wrong by 1/10", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 { return v / 10 })
	}, ""},
	{"unit wrong by 1000", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 { return 1000 * v })
	}, ""},
	{"unit wrong by 1/1000", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 { return v / 1000 })
	}, ""},
	{"all zeros", func(l *lab) []float64 { return make([]float64, l.rows*l.cols) }, ""},
	{"constant", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 { return l.base + l.load/2 })
	}, ""},
	{"strain 10 % too small", func(l *lab) []float64 { return l.scaled(0.9) }, ""},
	{"strain 10 % too large", func(l *lab) []float64 { return l.scaled(1.1) }, ""},
	{"strain 20 % too large", func(l *lab) []float64 { return l.scaled(1.2) }, ""},
	{"offset of 10 %", func(l *lab) []float64 {
		return l.change(l.right(), func(_, _, v float64) float64 {
			return v + 0.1*math.Abs(l.load)
		})
	}, ""},
	{"tilt of 20 %", func(l *lab) []float64 {
		return l.change(l.right(), func(x, _, v float64) float64 {
			return v + 0.2*math.Abs(l.load)*(x-0.5)
		})
	}, ""},
	{"10 % dropouts as 0", func(l *lab) []float64 { return l.dropped(0.1, 0) }, ""},
	{"1 % of the samples are −999", func(l *lab) []float64 { return l.dropped(0.01, -999) }, ""},
	{"half the noise", func(l *lab) []float64 { return l.noisy(l.solve(l.field()), 0.5) }, ""},
	{"background stiffer with depth", func(l *lab) []float64 {
		return l.noisy(l.solve(l.change(l.field(), func(_, up, v float64) float64 {
			return v * (2 - up)
		})), 1)
	}, ""},
	{"ellipse of axes 2:1", func(l *lab) []float64 {
		x := l.disc(l.theta[0], l.theta[1], l.radius, l.out)
		for k := range x {
			dx := float64(k%l.cols)/float64(l.cols-1)*l.w - l.theta[0]
			dy := float64(k/l.cols)/float64(l.rows-1)*l.h - l.theta[1]
			if math.Hypot(dx/math.Sqrt2, dy*math.Sqrt2) <= l.radius {
				x[k] = l.in
			}
		}
		return l.noisy(l.solve(x), 1)
	}, ""},
	{"inclusion of twice the largest modulus", func(l *lab) []float64 {
		most := l.in
		if l.p.Spec().Name == "phantom" {
			most = 8 * l.out
		}
		return l.noisy(l.solve(l.disc(l.theta[0], l.theta[1], l.radius, 2*most)), 1)
	}, ""},
	{"upside down and wrong sign", func(l *lab) []float64 {
		y := l.from(l.right(), func(r, c int) (int, int) { return l.rows - 1 - r, c })
		return l.change(y, func(_, _, v float64) float64 { return -v })
	}, ""},
	{"samples sharpened over 1 pixel", func(l *lab) []float64 {
		y := l.right()
		out := l.blurred(y, 1)
		for k, v := range y {
			out[k] = 2*v - out[k]
		}
		return out
	}, ""},
	{"one half of the map 10 % too small", func(l *lab) []float64 {
		y := l.solve(l.field())
		return l.noisy(l.change(y, func(x, _, v float64) float64 {
			if x > 0.5 {
				return 0.9 * v
			}
			return v
		}), 1)
	}, ""},
}

// power returns the power of the most powerful test of one mistake against its
// nearest right measurement (Neyman and Pearson 1933), in Gaussian noise. Both
// are known. Over all values their distance is the given number of standard
// deviations of the noise. The test may refuse as many right measurements as
// one statistic of a verdict.
func power(distance float64) float64 {
	share := explain.ReferenceRate / float64(len(explain.Names()))
	return distuv.UnitNormal.CDF(distance - distuv.UnitNormal.Quantile(1-share))
}

// distance returns the distance of a mistake's measurement from the measurement
// of the nearest member of the prior. Both are without noise. The unit is the
// standard deviation of the noise, over all values.
func (l *lab) distance(y []float64) float64 {
	m, err := explain.Nearest(context.Background(), l.p, y, explain.Search{Seed: 1, Threads: 2},
		func(*explain.Member) bool { return false })
	if err != nil {
		l.t.Fatal(err)
	}
	return math.Sqrt(m.Chi2 * float64(len(y)))
}

// rowsOf returns the range from ≤ row < to of rows that CSDM_MISTAKES selects:
// FROM:TO, or all.
func rowsOf(t *testing.T, rows string) (from, to int) {
	a, b, found := strings.Cut(rows, ":")
	if !found {
		return 0, len(mistakes)
	}
	from, errFrom := strconv.Atoi(a)
	to, errTo := strconv.Atoi(b)
	if errFrom != nil || errTo != nil || from < 0 || to > len(mistakes) || from >= to {
		t.Fatalf("CSDM_MISTAKES=%s: rows FROM:TO from 0 to %d are expected", rows, len(mistakes))
	}
	return from, to
}

// TestMistakes makes each mistake on several specimens of two problems and
// counts how often the verdict of reference finds it. A mistake that passes
// counts as missed if the most powerful test of this mistake would find it in
// half of all measurements. By default it makes every 14th mistake on one
// specimen of each problem. With CSDM_MISTAKES=all, or a range FROM:TO of rows,
// it makes all and prints the rows of docs/reference/mistakes.md.
func TestMistakes(t *testing.T) {
	rows := os.Getenv("CSDM_MISTAKES")
	from, to := rowsOf(t, rows)
	seeds, step, show := map[string]int{"quasistatic": 3, "phantom": 2}, 1, fmt.Printf
	if rows == "" {
		seeds, step = map[string]int{"quasistatic": 1, "phantom": 1}, 14
		show = func(format string, args ...any) (int, error) {
			t.Logf(format, args...)
			return 0, nil
		}
	}
	missed, hidden, small, total, refused := 0, 0, 0, 0, 0
	judges := map[string]*explain.Judge{}
	for m := from; m < to; m += step {
		c := mistakes[m]
		var cells []string
		votes := map[string]int{}
		for _, name := range []string{"quasistatic", "phantom"} {
			caught, of := 0, seeds[name]
			for seed := range of {
				l := newLab(t, name, uint64(1000+100*m+seed))
				if judges[name] == nil {
					judges[name] = explain.NewJudge(l.p)
				}
				y := c.make(l)
				v := judges[name].Start(y)
				if _, err := judges[name].Prior(context.Background(), v, y, explain.ReferenceRate,
					explain.Search{Seed: 1, Threads: 2}); err != nil {
					t.Fatal(err)
				}
				never := c.never != "" && !(c.name == "no inclusion" && name == "quasistatic")
				switch {
				case m == 0 && !v.Explained:
					refused++
				case !v.Explained:
					caught++
				case m == 0:
				case never:
					hidden++
				default:
					l := newLab(t, name, uint64(1000+100*m+seed))
					l.still = true
					d := l.distance(c.make(l))
					if p := power(d); p < 0.5 {
						small++
						show("not detectable: %s on %s, seed %d: %.2f s.d., power %.2f\n",
							c.name, name, seed, d, p)
					} else {
						missed++
						show("missed: %s on %s, seed %d: %.2f s.d., power %.2f: %s\n",
							c.name, name, seed, d, p, v.Text)
					}
				}
				if m > 0 {
					total++
				}
				for _, f := range v.Tests {
					if !f.Passed {
						votes[f.Name]++
					}
				}
			}
			cells = append(cells, fmt.Sprintf("%d of %d", caught, of))
		}
		best := ""
		for _, f := range append([]string{"repeated value"}, explain.Names()...) {
			if votes[f] > votes[best] {
				best = f
			}
		}
		show("| %s | %s | %s | %s |\n", c.name, strings.Join(cells, " | "), best, c.never)
	}
	t.Logf("%d mistakes: %d caught, %d that no number tells, %d too small to be detected, "+
		"%d missed; %d right measurements refused",
		total, total-hidden-small-missed, hidden, small, missed, refused)
	if missed > 2 || refused > 0 {
		t.Errorf("%d of %d mistakes are missed, %d right measurements refused", missed, total,
			refused)
	}
}
