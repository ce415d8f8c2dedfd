package priors_test

import (
	"math"
	"math/cmplx"
	"testing"

	"csdm/priors"
	"csdm/priors/priorstest"
	"csdm/rng"
)

// onhDomain is the domain of package opticnerve.
var onhDomain = priors.OpticNerveHead{Left: 1.75 - 159*1.75/63, Right: 1.75, Bottom: -1.75 / 63,
	Top: 190 * 1.75 / 63}

// onhDraws is the number of draws for the tests of distributions.
const onhDraws = 2000

func drawONH(i int) *priors.Anatomy {
	return onhDomain.Draw(rng.New(3, rng.Prior, uint64(i), 0))
}

// leave returns the distance from p in direction d, a unit vector, at which the
// tissue changes from want, and the tissue there. It resolves layers of a
// hundredth of a millimeter.
func leave(t *testing.T, s *priors.AnatomySection, p, d complex128,
	want priors.Tissue) (float64, priors.Tissue) {
	t.Helper()
	at := func(r float64) priors.Tissue {
		q := p + complex(r, 0)*d
		return s.Tissue(real(q), imag(q))
	}
	lo, hi := 0.0, 0.0
	for ; at(hi) == want; hi += 0.01 {
		if lo = hi; hi > 10 {
			t.Fatalf("%v without end", want)
		}
	}
	if hi == 0 {
		t.Fatalf("%v at %v, want %v", at(0), p, want)
	}
	next := at(hi)
	for hi-lo > 1e-11 {
		if m := (lo + hi) / 2; at(m) == want {
			lo = m
		} else {
			hi = m
		}
	}
	return lo, next
}

// measure is a row of Table 6: its range, a function that measures it on a
// section without rotation by the borders of tissues, and its variables with
// their weights.
type measure struct {
	name   string
	lo, hi float64
	read   func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64
	parts  func(a *priors.Anatomy) map[*float64]float64
}

func table6() []measure {
	const eps = 1e-8
	corner := func(s *priors.AnatomySection, k int) complex128 { return complex(s.Corner(k)) }
	unit := func(z complex128) complex128 { return z / complex(cmplx.Abs(z), 0) }
	distance := func(t *testing.T, s *priors.AnatomySection, p, d complex128,
		want priors.Tissue) float64 {
		r, _ := leave(t, s, p, d, want)
		return r
	}
	return []measure{
		{"lamina radius: half the distance of its lower corners across", 0.55, 1.35,
			func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64 {
				// Start on the chord, a hundredth inside either corner, and go
				// outward: the edge bulges away, and the middle of the chord
				// may lie above the lamina.
				left, right := complex(a.X1, a.Y1), complex(a.X2, a.Y1+a.DY2)
				chord := unit(right - left)
				l, r := distance(t, s, left+0.01*chord, -chord, priors.Lamina),
					distance(t, s, right-0.01*chord, chord, priors.Lamina)
				return (cmplx.Abs(right-left) - 0.02 + l + r) * real(chord) / 2
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.X1: -0.5, &a.X2: 0.5}
			}},
		{"lamina thickness: height of its left side", 0.16, 0.44,
			func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64 {
				middle, side := complex(a.X1+a.DX4/2+eps, (a.Y1+a.Y4)/2),
					unit(complex(a.DX4, a.Y4-a.Y1))
				return (distance(t, s, middle, side, priors.Lamina) +
					distance(t, s, middle, -side, priors.Lamina)) * imag(side)
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.Y1: -1, &a.Y4: 1}
			}},
		{"sclera thickness: on the normal of its inner surface where the taper begins", 0.45, 1.15,
			func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64 {
				up := unit(corner(s, 0) - corner(s, 1))
				middle := (corner(s, 0)+corner(s, 1))/2 + eps
				return distance(t, s, middle, up, priors.Sclera) +
					distance(t, s, middle, -up, priors.Sclera)
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.ScleraThickness: 1}
			}},
		{"sclera and retina radius: circle through three points of their interface", 8, 16,
			func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64 {
				up := unit(corner(s, 0) - corner(s, 1))
				var p [3]complex128
				for k := range p {
					// Start on the chord of 1.5 mm, which is less than 0.04 mm
					// above the arc and hence in the retina.
					from := corner(s, 0) + up*complex(0.1, 0) + up*1i*complex(0.5*float64(k)+0.2, 0)
					for s.Tissue(real(from), imag(from)) == priors.Sclera {
						from += up * 0.02
					}
					p[k] = from - up*complex(distance(t, s, from, -up, priors.Retina), 0)
				}
				// R = abc/(4·area).
				ab, ac, bc := p[1]-p[0], p[2]-p[0], p[2]-p[1]
				return cmplx.Abs(ab) * cmplx.Abs(ac) * cmplx.Abs(bc) /
					(2 * math.Abs(imag(cmplx.Conj(ab)*ac)))
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.ScleraRadius: 1}
			}},
		{"retina thickness: on the same normal", 0.2, 0.4,
			func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64 {
				up := unit(corner(s, 0) - corner(s, 1))
				return distance(t, s, corner(s, 0)+up*eps, up, priors.Retina)
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.RetinaThickness: 1}
			}},
		{"nerve radius: half its width at the bottom", 1.1, 2.2,
			func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64 {
				middle := complex((a.X1+a.X2)/2, priors.NerveBottom+eps)
				return (distance(t, s, middle, 1, priors.Nerve) +
					distance(t, s, middle, -1, priors.Nerve)) / 2
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.X1: -0.5, &a.X2: 0.5, &a.FlareLeft: 0.5,
					&a.FlareRight: 0.5}
			}},
		{"pia thickness: across, half-way down", 0.06, 0.1,
			func(t *testing.T, a *priors.Anatomy, s *priors.AnatomySection) float64 {
				side := func(y float64) complex128 {
					from := complex((a.X1+a.X2)/2, y)
					return from - complex(distance(t, s, from, -1, priors.Nerve), 0)
				}
				out := unit((side(0.51) - side(0.49)) * 1i)
				return distance(t, s, side(0.5)+out*eps, out, priors.Pia)
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.PiaThickness: 1}
			}},
		{"rotation", -math.Pi / 12, math.Pi / 12,
			func(_ *testing.T, a *priors.Anatomy, _ *priors.AnatomySection) float64 {
				return a.Rotation // TestSection checks its meaning
			}, func(a *priors.Anatomy) map[*float64]float64 {
				return map[*float64]float64{&a.Rotation: 1}
			}},
	}
}

// readRow returns the measure of a. It reads a section without rotation,
// because rotation moves all tissues together.
func readRow(t *testing.T, m measure, a *priors.Anatomy) float64 {
	upright := *a
	if m.name != "rotation" {
		upright.Rotation = 0
	}
	return m.read(t, &upright, onhDomain.Section(&upright))
}

// TestTable6 measures sections. Draws must lie in the ranges of Table 6 and
// come as close to their ends as their number implies; variables at their
// limits must give the ends themselves. A sum of k uniform variables over
// widths w comes closer than s to an end with probability s^k/(k! Π w). s is
// chosen such that twelve draws are expected there.
func TestTable6(t *testing.T) {
	// Error of bisection and of the offsets from corners, amplified 50 times in
	// the curvature of a short arc.
	const precision = 2e-6
	for _, m := range table6() {
		least, most := math.Inf(1), math.Inf(-1)
		for i := range onhDraws {
			v := readRow(t, m, drawONH(i))
			least, most = min(least, v), max(most, v)
		}
		a := drawONH(0)
		volume, k := 1.0, 0
		for _, end := range []struct {
			sign, want float64
		}{{-1, m.lo}, {1, m.hi}} {
			volume, k = 1, 0
			for value, weight := range m.parts(a) {
				for _, d := range priors.Dimensions(a) {
					if d.Value == value {
						*value = d.Distribution.Lo
						if weight*end.sign > 0 {
							*value = d.Distribution.Hi
						}
						k++
						width := d.Distribution.Hi - d.Distribution.Lo
						volume *= math.Abs(weight) * width * float64(k)
					}
				}
			}
			if v := readRow(t, m, a); !(math.Abs(v-end.want) < precision*math.Abs(end.want)) {
				t.Errorf("%s: %v at the limit of its variables, Table 6 has %v", m.name, v,
					end.want)
			}
		}
		s := math.Pow(12*volume/onhDraws, 1/float64(k))
		slack := precision * math.Abs(m.hi)
		if least < m.lo-slack || least > m.lo+s || most > m.hi+slack || most < m.hi-s {
			t.Errorf("%s: from %v to %v, Table 6 has %v to %v; gaps up to %v are chance", m.name,
				least, most, m.lo, m.hi, s)
		}
	}
}

// TestAnatomyDistributions compares every variable with its distribution by
// Kolmogorov's statistic. The condition that the sclera reaches the left border
// affects the variables that tilt and bend it.
func TestAnatomyDistributions(t *testing.T) {
	var moduli [priors.Tissues][]float64
	values := make([][]float64, len(priors.Dimensions(new(priors.Anatomy))))
	for i := range onhDraws {
		a := drawONH(i)
		for k, d := range priors.Dimensions(a) {
			values[k] = append(values[k], *d.Value)
		}
		for tissue := range priors.Tissues {
			if v := a.Moduli[tissue]; priors.Tissue(tissue) != priors.Background {
				mean, std := priors.ModulusDistribution(priors.Tissue(tissue))
				if !(v > 0 && v <= 2*mean && v <= priors.MaxModulus) {
					t.Fatalf("draw %d: %v of %v kPa", i, priors.Tissue(tissue), v)
				}
				// The distribution function: Φ between −mean/std and mean/std.
				whole := math.Erf(mean / std / math.Sqrt2)
				moduli[tissue] = append(moduli[tissue],
					(math.Erf((v-mean)/std/math.Sqrt2)/whole+1)/2)
			} else if v != 0.1 {
				t.Fatalf("draw %d: background of %v kPa", i, v)
			}
		}
	}
	a := new(priors.Anatomy)
	conditioned := map[*float64]bool{&a.X1: true, &a.TaperRise: true, &a.TaperRun: true,
		&a.ScleraRadius: true, &a.Rotation: true}
	for k, d := range priors.Dimensions(a) {
		limit := 2.3
		if conditioned[d.Value] {
			// A fraction r of the draws was redrawn, which changes the
			// distribution function by at most r.
			limit += 0.035 * math.Sqrt(onhDraws)
		}
		lo, hi := d.Distribution.Lo, d.Distribution.Hi
		if s := priorstest.KolmogorovUniform(values[k], lo, hi); s > limit {
			t.Errorf("variable %d: Kolmogorov's statistic against U(%v, %v) is %v", k, lo, hi, s)
		}
	}
	for tissue, u := range moduli {
		if u != nil {
			if s := priorstest.KolmogorovUniform(u, 0, 1); s > 2.3 {
				t.Errorf("modulus of the %v: Kolmogorov's statistic is %v", priors.Tissue(tissue),
					s)
			}
		}
	}
	if *drawONH(7) != *drawONH(7) || *drawONH(7) == *drawONH(8) {
		t.Error("a draw is not a function of its stream")
	}
}

// TestRedraws checks that the sclera misses the left border once in forty
// anatomies, as the prior's documentation states.
func TestRedraws(t *testing.T) {
	missed := 0
	a := new(priors.Anatomy)
	s := rng.New(4, rng.Prior, 0, 0)
	for range onhDraws {
		for _, d := range priors.Dimensions(a) {
			*d.Value = s.Uniform(d.Distribution.Lo, d.Distribution.Hi)
		}
		if !onhDomain.Section(a).ReachesLeft(onhDomain) {
			missed++
		}
	}
	if share := float64(missed) / onhDraws; share < 0.02 || share > 0.035 {
		t.Errorf("the sclera misses the left border in %v of all anatomies", share)
	}
}

// plain returns an anatomy of round numbers, symmetric about x = 2, without
// rotation.
func plain() *priors.Anatomy {
	return &priors.Anatomy{
		X1: 1, Y1: 2.4, X2: 3, Y3: 2.7, Y4: 2.7, LaminaRadius: 4,
		TaperAbove: 0.05, TaperBelow: 0.05, TaperRun: 0.6, ScleraThickness: 0.8, RightAbove: 0.05,
		RightBelow: 0.05, ScleraRadius: 10, ScleraRadiusMore: 1,
		RetinaThickness: 0.2, RightHeight: 0.2, Cup: 0.16,
		FlareLeft: 0.7, FlareRight: 0.7, NerveRadiusLeft: 15, NerveRadiusRight: 15,
		PiaThickness: 0.08,
	}
}

// TestSection checks places of the plain anatomy whose tissue follows from
// elementary geometry, many of them where parts overlap. It checks them again
// after a rotation about the middle of the domain.
//
// Either edge of the lamina sags by 4 − √15 = 0.127 in the middle: from 2.4 to
// 2.273 below, from 2.7 to 2.573 above. The joining lines lie at 2.75 and 2.35.
// The taper's corners are A (0.4, 2.75), C (0.4, 1.95), E (1, 2.35), T (1,
// 2.75). The retina ends and the cup's line begins at 2.95; the cup takes 0.24
// off in the middle, to 2.71. The sclera's arcs start level at A and C; at x =
// −1.6, two millimeters further, the inner arc has risen by 10 − √96 = 0.202 to
// 2.952, the outer arc by 11 − √117 = 0.183 to 2.133.
func TestSection(t *testing.T) {
	middle := complex((onhDomain.Left+onhDomain.Right)/2, (onhDomain.Bottom+onhDomain.Top)/2)
	for _, rotation := range []float64{0, 0.2, -math.Pi / 12} {
		a := plain()
		a.Rotation = rotation
		s := onhDomain.Section(a)
		for _, c := range []struct {
			x, y float64
			want priors.Tissue
		}{
			// above the lower joining line, which lies at 2.35
			{2, 2.5, priors.Lamina}, {2, 2.28, priors.Lamina}, {2, 2.266, priors.Nerve},
			{2, 2.568, priors.Lamina}, {2, 2.58, priors.Prelaminar}, {1.005, 2.69, priors.Lamina},
			{0.995, 2.69, priors.Sclera},
			// the wedge remains where the cup is deeper
			{2, 2.74, priors.Prelaminar}, {2, 2.76, priors.Background},
			// lower wedge
			{1.02, 2.37, priors.Nerve}, {1.02, 2.39, priors.Nerve}, {1.02, 2.40, priors.Lamina},
			// taper: the line from E to C has the slope 2/3
			{0.99, 2.36, priors.Sclera}, {0.41, 1.97, priors.Sclera},
			{0.7, 2.14, priors.Background}, {0.7, 2.16, priors.Sclera},
			{0.9, 2.29, priors.Sclera}, // taper and pia overlap: the pia begins at E
			{-1.6, 2.94, priors.Sclera}, {-1.6, 2.97, priors.Retina}, {-1.6, 2.14, priors.Sclera},
			{-1.6, 2.12, priors.Background},
			{0.6, 2.76, priors.Retina}, {0.6, 2.94, priors.Retina}, {0.6, 2.96, priors.Background},
			{0.6, 2.74, priors.Sclera},
			// concentric: up to 12.75 − √(9.8² − 2²) = 3.156
			{-1.6, 3.15, priors.Retina}, {-1.6, 3.17, priors.Background},
			// φ = 0: the rim is 0.08 high
			{1.02, 2.96, priors.Prelaminar}, {1.25, 3.02, priors.Prelaminar},
			{1.25, 3.04, priors.Background},
			{1.01, 2.80, priors.Prelaminar}, {0.99, 2.80, priors.Retina},
			{2, 0, priors.Nerve}, {2, -1.49, priors.Nerve}, {2, -1.51, priors.Background},
			// lower corner at 0.3
			{0.31, -1.49, priors.Nerve}, {0.29, -1.49, priors.Pia}, {0.23, -1.49, priors.Pia},
			{0.21, -1.49, priors.Background},
			{3.69, -1.49, priors.Nerve}, {3.71, -1.49, priors.Pia},
			{3.79, -1.49, priors.Background},
			// The middle of the chord is (0.65, 0.425); the side bulges out by
			// 15 − √(225 − 3.976) = 0.133.
			{0.53, 0.425, priors.Nerve}, {0.51, 0.425, priors.Pia}, {0.44, 0.425, priors.Pia},
			{0.42, 0.425, priors.Background},
			{1.5, 4, priors.Background},
		} {
			z := middle + (complex(c.x, c.y)-middle)*cmplx.Exp(complex(0, rotation))
			if got := s.Tissue(real(z), imag(z)); got != c.want {
				t.Errorf("rotated by %v: %v at (%v, %v), want %v", rotation, got, c.x, c.y, c.want)
			}
		}
	}
}

// TestAnatomy checks draws on the nodes of the domain: each tissue is one
// piece, the background encloses no hole, the lamina borders on sclera,
// prelaminar tissue and nerve, and the sclera runs to the left border with
// background below it and retina above.
func TestAnatomy(t *testing.T) {
	const rows, cols = 192, 160
	g := priors.Grid{Rows: rows, Cols: cols, Width: onhDomain.Right - onhDomain.Left,
		Height: onhDomain.Top - onhDomain.Bottom}
	field, seen := make([]priors.Tissue, rows*cols), make([]bool, rows*cols)
	for i := range 60 {
		onhDomain.Section(drawONH(i)).Rasterize(field, g, onhDomain.Left, onhDomain.Bottom)
		clear(seen)
		pieces := 0
		var present [priors.Tissues]bool
		for start := range field {
			if seen[start] {
				continue
			}
			background := field[start] == priors.Background
			border, size := false, 0
			var beside [priors.Tissues]bool
			for queue := []int{start}; len(queue) > 0; {
				k := queue[len(queue)-1]
				queue = queue[:len(queue)-1]
				if seen[k] {
					continue
				}
				seen[k], present[field[k]] = true, true
				size++
				r, c := k/cols, k%cols
				border = border || r == 0 || c == 0 || r == rows-1 || c == cols-1
				for n := range 9 {
					rn, cn := r+n/3-1, c+n%3-1
					if rn < 0 || cn < 0 || rn >= rows || cn >= cols {
						continue
					}
					next := rn*cols + cn
					if field[k] == priors.Lamina && (field[next] == priors.Background ||
						field[next] == priors.Retina) {
						t.Fatalf("draw %d: lamina next to %v at row %d, column %d", i, field[next],
							r, c)
					}
					beside[field[next]] = true
					// Background is connected over corners, too.
					if (field[next] == priors.Background) == background &&
						(background || rn == r || cn == c) {
						queue = append(queue, next)
					}
				}
			}
			// The tip of the sharp notch between taper and pia may consist of a
			// node or two that have no neighbors in the notch.
			tip := size <= 2 && beside[priors.Sclera] && beside[priors.Pia] &&
				!beside[priors.Lamina] && !beside[priors.Prelaminar]
			if background && !border && !tip {
				t.Errorf("draw %d: a hole at row %d, column %d", i, start/cols, start%cols)
			}
			if !background {
				pieces++
			}
		}
		if pieces != 1 {
			t.Errorf("draw %d: %d pieces", i, pieces)
		}
		for tissue, ok := range present {
			if !ok {
				t.Errorf("draw %d: no %v", i, priors.Tissue(tissue))
			}
		}
		var order []priors.Tissue // upward along the left border
		for r := range rows {
			if v := field[r*cols]; len(order) == 0 || order[len(order)-1] != v {
				order = append(order, v)
			}
		}
		if len(order) < 3 || order[0] != priors.Background || order[1] != priors.Sclera ||
			order[2] != priors.Retina {
			t.Errorf("draw %d: on the left border lie %v", i, order)
		}
	}
}
