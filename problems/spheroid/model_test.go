package spheroid

import (
	"math"
	"testing"

	"csdm/priors"
)

func newTestModel(t *testing.T, grid int) *model {
	t.Helper()
	r := newRaster(grid)
	analysis, err := r.analyze()
	if err != nil {
		t.Fatal(err)
	}
	return newModel(r, analysis)
}

func (m *model) mustPhase(t *testing.T, x []float64, top float64) []float64 {
	t.Helper()
	y := make([]float64, len(x))
	if err := m.phase(y, x, top); err != nil {
		t.Fatal(err)
	}
	return y
}

// TestHomogeneous compares with the closed form of a uniform block in plane
// strain with free sides, which the elements represent exactly: u₂ = ε y, u₁ =
// −ν/(1−ν) ε x, with ε = u_top/H.
func TestHomogeneous(t *testing.T) {
	m := newTestModel(t, 32)
	const top = -2.5
	y := m.mustPhase(t, make([]float64, m.pixels()), top)
	for i, got := range y {
		if want := PhasePerLength * top * (Domain/2 +
			m.middle(i/m.side())) / Domain; math.Abs(got-want) > 1e-9*math.Abs(PhasePerLength*top) {
			t.Fatalf("pixel %d: phase %v, want %v", i, got, want)
		}
	}
	grid := m.mesh()
	for p, x := range grid.X {
		if want := -PoissonRatio / (1 - PoissonRatio) * x / Domain; math.Abs(m.ux[p]-want) > 1e-9 {
			t.Fatalf("point %d: u₁ = %v, want %v", p, m.ux[p], want)
		}
	}
}

// TestDiscInGel compares the strain within a stiff disc with the strain of a
// disc in an infinite solid under uniaxial stress, which is uniform (Goodier
// 1933; of Eshelby 1957 the plane case). With κ = 3 − 4ν and the moduli μ of
// the gel and μ₁ of the disc, the mean stress and the difference of stresses in
// the disc are the ones far away times
//
//	μ₁(κ+1)/(2μ₁ + μ(κ−1))  and  μ₁(κ+1)/(μ + κμ₁).
//
// The disc covers 0.6 % of the domain, and its rim is a staircase of pixels of
// a tenth of its radius.
func TestDiscInGel(t *testing.T) {
	const radius, ratio, nu = 36.0, 5.0, PoissonRatio
	m := newTestModel(t, 64)
	disc := priors.Spheroid{Ellipse: priors.Ellipse{A: radius, B: radius}, Cytoplasm: ratio, Gel: 1}
	x := make([]float64, m.pixels())
	m.field(x, &disc)
	y := m.mustPhase(t, x, 1)

	kappa := 3 - 4*nu
	mean, difference := ratio*(kappa+1)/(2*ratio+kappa-1), ratio*(kappa+1)/(1+kappa*ratio)
	// ε₂₂ = ((1 − 2ν) (σ₁₁ + σ₂₂)/2 + (σ₂₂ − σ₁₁)/2)/(2μ); far away both halves
	// are σ/2.
	want := ((1-2*nu)*mean + difference) / ratio / ((1 - 2*nu) + 1) / Domain

	n := m.side()
	at := func(up int) float64 { // mean of the four pixels around a point on the axis
		k := (n/2+up)*n + n/2
		return (y[k] + y[k-1] + y[k-n] + y[k-n-1]) / 4
	}
	const h = 4
	got := (at(h) - at(-h)) / (2 * h * m.pixel) / PhasePerLength
	t.Logf("strain in the disc over that far away: %.4f, in an infinite solid %.4f", got*Domain,
		want*Domain)
	if math.Abs(got-want) > 0.015*want {
		t.Errorf("strain %v in the disc, want %v", got, want)
	}
}

// TestMirror solves for the mirrored specimen. Only the mesh of the padding,
// which is not symmetric, causes a difference between the result and the mirror
// image. So the test measures the error that the triangles of the padding,
// stiff at ν = 0.49, cause at the edges of the raster in the coarsest mesh.
func TestMirror(t *testing.T) {
	m := newTestModel(t, 32)
	p := must(t, 32)
	s := p.Specimen(2, 0)
	n := m.side()
	x, mirrored := make([]float64, n*n), make([]float64, n*n)
	m.field(x, &s.Spheroid)
	for i := range x {
		mirrored[i] = x[i-i%n+n-1-i%n]
	}
	a, b := m.mustPhase(t, x, s.Displacement), m.mustPhase(t, mirrored, s.Displacement)
	worst, disturbance := 0.0, 0.0
	for i := range a {
		worst = max(worst, math.Abs(a[i]-b[i-i%n+n-1-i%n]))
		disturbance = max(disturbance, math.Abs(a[i]-PhasePerLength*s.Displacement*(Domain/2+
			m.middle(i/n))/Domain))
	}
	t.Logf("off by %.2g rad of a disturbance by %.2g rad", worst, disturbance)
	if worst > 0.02*disturbance {
		t.Errorf("the mirror image is off by %v rad", worst)
	}
}

// TestRefinement solves for one specimen in pixels of 8, 4 and 2 µm. First it
// keeps the pixels of 8 µm and divides only their elements, which measures the
// error of the elements; this error is of second order. Then it uses pixels as
// fine as the elements, as pairs do, which adds the staircase of the nuclei's
// rims; this error changes by chance between rasters. In pixels of 1 µm both
// errors are smaller still, and far below the noise of 0.05 rad at the focus.
func TestRefinement(t *testing.T) {
	p := must(t, 32)
	s := p.Specimen(1, 0)
	coarse := make([]float64, p.raster.pixels())
	p.raster.field(coarse, &s.Spheroid)
	var kept, resolved [3][]float64 // windows of 32 × 32 pixels
	for k, grid := range []int{32, 64, 128} {
		m := newTestModel(t, grid)
		window := func(x []float64) []float64 {
			v := make([]float64, grid*grid)
			m.view(v, m.mustPhase(t, x, s.Displacement), 0)
			for n := grid; n > 32; n /= 2 {
				v = halve(v, n)
			}
			return v
		}
		x, n, cut := make([]float64, m.pixels()), m.side(), grid/32
		m.field(x, &s.Spheroid)
		resolved[k] = window(x)
		for row := range grid {
			for col := range grid {
				from := (row/cut+p.raster.margin)*p.raster.side() + col/cut + p.raster.margin
				x[(row+m.margin)*n+col+m.margin] = coarse[from]
			}
		}
		kept[k] = window(x)
	}
	first, second := rms(kept[0], kept[1]), rms(kept[1], kept[2])
	t.Logf("elements cut from 8 to 4 µm %.3g rad, from 4 to 2 µm %.3g rad; pixels too %.3g and "+
		"%.3g rad",
		first, second, rms(resolved[0], resolved[1]), rms(resolved[1], resolved[2]))
	if second > 0.35*first {
		t.Errorf("elements cut from 8 to 4 µm change the phase by %v rad, from 4 to 2 µm by %v rad",
			first, second)
	}
	if d := rms(resolved[1], resolved[2]); d > 0.03 {
		t.Errorf("pixels and elements from 4 to 2 µm change the phase by %v rad", d)
	}
}

// halve averages blocks of 2×2 pixels.
func halve(v []float64, n int) []float64 {
	out := make([]float64, n*n/4)
	for i := range out {
		k := (2*(i/(n/2)))*n + 2*(i%(n/2))
		out[i] = (v[k] + v[k+1] + v[k+n] + v[k+n+1]) / 4
	}
	return out
}

func rms(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum / float64(len(a)))
}
