package spheroid

import (
	"errors"
	"math"
	"slices"
	"testing"

	"csdm/problems"
	"csdm/problems/problemstest"
)

func must(t *testing.T, grid int) *Problem {
	t.Helper()
	p, err := New(problems.Options{Grid: grid})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProblem(t *testing.T) {
	problemstest.Problem(t, problemstest.Case{
		New:     func(o problems.Options) (problems.Problem, error) { return New(o) },
		Options: problems.Options{Grid: 32},
	})
}

func TestOptions(t *testing.T) {
	for _, o := range []problems.Options{{Grid: 100}, {Grid: 512}, {Grid: 16},
		{Grid: 32, NoisePercent: 5}} {
		if _, err := New(o); !isOption(err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if got := must(t, 0).Spec(); got.Rows != 256 || got.Width != 255 ||
		got.ImagesPerSimulation != 6 {
		t.Errorf("by default %+v", got)
	}
}

func isOption(err error) bool {
	_, ok := errors.AsType[*problems.OptionError](err)
	return ok
}

// TestImages makes the six pairs of a simulation and checks that they are views
// of one specimen. Where moved windows overlap the first, x and y agree bit for
// bit, and the last image is the mirror image of the first. Windows move by
// whole pixels, and by 20 µm where pixels allow.
func TestImages(t *testing.T) {
	for grid, want := range map[int]int{256: 20, 128: 10, 64: 5, 32: 2} {
		if got := newRaster(grid).margin; got != want {
			t.Errorf("at %d pixels the window moves by %d, want %d", grid, got, want)
		}
	}
	p := must(t, 32)
	generator, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	const n, step = 32, 2
	var images [6][2][]float64
	for k := range images {
		x, y := make([]float64, n*n), make([]float64, n*n)
		if err := generator.Pair(x, y, 3, uint64(6+k)); err != nil {
			t.Fatal(err)
		}
		images[k] = [2][]float64{x, y}
	}
	// to the right and up
	for k, moved := range [][2]int{1: {-step, 0}, 2: {step, 0}, 3: {0, step}, 4: {0, -step}} {
		for part, image := range images[k] {
			overlap := 0
			for row := range n {
				for col := range n {
					r, c := row+moved[1], col+moved[0]
					if r < 0 || r >= n || c < 0 || c >= n {
						continue
					}
					overlap++
					if image[row*n+col] != images[0][part][r*n+c] {
						t.Fatalf("image %d, part %d: pixel (%d, %d) is not pixel (%d, %d) of "+
							"the first", k, part, row, col, r, c)
					}
				}
			}
			if k > 0 && overlap != n*(n-step) {
				t.Errorf("image %d overlaps the first in %d pixels", k, overlap)
			}
		}
	}
	for part, image := range images[5] {
		for row := range n {
			line := slices.Clone(image[row*n : (row+1)*n])
			slices.Reverse(line)
			if !slices.Equal(line, images[0][part][row*n:(row+1)*n]) {
				t.Fatalf("part %d: row %d is not mirrored", part, row)
			}
		}
	}
	// No spheroid is cut, so x shows all of it: it reaches 65 µm from its
	// center, the center 40 µm from the middle, and the window moves by 20 µm.
	if reach := p.prior.Width.Hi/2 + p.prior.X.Hi + Shift; reach > Window/2 {
		t.Errorf("a spheroid may reach %v µm from the middle of a window of %v", reach, Window)
	}
}

// TestQuantify compares the quantities of prior draws with the specimens. The
// nuclei determine the spheroid as accurately as they are evenly spread: within
// 2 µm in position and 7 % in area (standard deviations). In one specimen out
// of a hundred the cytoplasm is so stiff, compared with the nuclei, that it
// counts as nuclei.
func TestQuantify(t *testing.T) {
	p := must(t, 128)
	r := p.raster
	raster, x := make([]float64, r.pixels()), make([]float64, r.grid*r.grid)
	q := make([]float64, len(p.Quantities()))
	const specimens = 60
	var place, bias, square, wrong float64
	for i := range uint64(specimens) {
		s := p.Specimen(1, i)
		r.field(raster, &s.Spheroid)
		r.view(x, raster, 0)
		p.Quantify(q, x)
		dx, dy := q[0]-Window/2-s.X, q[1]-Window/2-s.Y
		place += (dx*dx + dy*dy) / 2 / specimens
		e := q[2]/s.Area() - 1
		bias, square = bias+e/specimens, square+e*e/specimens
		discs := 0.0
		for _, n := range s.Nuclei {
			discs += math.Pi * n.Radius * n.Radius
		}
		if math.Abs(q[3]/discs-1) > 0.05 {
			wrong++
		}
	}
	deviation := math.Sqrt(square - bias*bias)
	t.Logf("place ± %.2f µm, area %+.1f %% ± %.1f %%, %v times cytoplasm for nuclei",
		math.Sqrt(place), 100*bias, 100*deviation, wrong)
	if math.Sqrt(place) > 2.5 || math.Abs(bias) > 0.04 || deviation > 0.1 || wrong > 3 {
		t.Error("the quantities are not those of the specimens")
	}

	clear(x)
	p.Quantify(q, x)
	if !math.IsNaN(q[0]) || !math.IsNaN(q[3]) {
		t.Errorf("a uniform gel has quantities %v", q)
	}
	x[5*r.grid+7] = 1
	if p.Quantify(q, x); !math.IsNaN(q[0]) {
		t.Errorf("one pixel has quantities %v", q)
	}
}

// TestQuantifyOneSpheroid checks that the nuclei of a specimen are one group,
// and that a smear in a corner does not move its center.
func TestQuantifyOneSpheroid(t *testing.T) {
	p := must(t, 128)
	r := p.raster
	raster, x := make([]float64, r.pixels()), make([]float64, r.grid*r.grid)
	q, spoiled := make([]float64, len(p.Quantities())), make([]float64, len(p.Quantities()))
	parted := 0
	for i := range uint64(40) {
		s := p.Specimen(2, i)
		r.field(raster, &s.Spheroid)
		r.view(x, raster, 0)
		p.Quantify(q, x)
		whole := p.Inspect(x)
		if whole.Outside > 0.02 {
			parted++
		}
		level := slices.Max(x)
		for row := range 12 {
			for col := range 12 {
				x[row*r.grid+col] = level
			}
		}
		p.Quantify(spoiled, x)
		if d := math.Hypot(spoiled[0]-q[0], spoiled[1]-q[1]); d > r.pixel {
			t.Errorf("specimen %d: a smear in the corner moves the center by %.1f µm", i, d)
		}
		if u := p.Inspect(x); u.Outside <= whole.Outside || u.What != "spheroid" {
			t.Errorf("specimen %d: a smear in the corner is not reported: %+v", i, u)
		}
	}
	t.Logf("%d of 40 specimens have 2 %% of their nuclei apart", parted)
	if parted > 1 {
		t.Errorf("%d of 40 specimens are taken for several", parted)
	}
}
