package spheroid

import (
	"math"
	"slices"
	"testing"

	"csdm/rng"
)

// TestRedraw solves the forward model for redrawn pairs of all six images:
// turned and not turned, with another displacement of the top. The tolerance is
// the rounding of the solver, 1e-11 of the largest phase.
func TestRedraw(t *testing.T) {
	p := must(t, 32)
	generator, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	g := generator.(*Generator)
	r := p.raster
	n := r.grid * r.grid
	x, y, want := make([]float64, n), make([]float64, n), make([]float64, n)
	turns := 0
	for i := range uint64(12) {
		if err := g.Pair(x, y, 3, i); err != nil {
			t.Fatal(err)
		}
		field := slices.Clone(g.x)
		before := slices.Clone(x)
		p.Redraw(x, y, 3, i, rng.New(3, rng.Test, i, 0))
		s := rng.New(3, rng.Test, i, 0)
		turned := s.Uint64()>>63 == 1
		top := p.displacement.Draw(s)
		image := int(i % 6)
		if turned {
			turns++
			slices.Reverse(field)
			image = [...]int{0, 2, 1, 4, 3, 5}[image]
		}
		solved := make([]float64, r.pixels())
		if err := g.model.phase(solved, field, top); err != nil {
			t.Fatal(err)
		}
		r.view(want, field, image)
		if !slices.Equal(x, want) || turned == slices.Equal(x, before) {
			t.Fatalf("pair %d: x is not the view of the specimen", i)
		}
		r.view(want, solved, image)
		for k, v := range want {
			if d := math.Abs(y[k] - v); d > 1e-11*math.Abs(PhasePerLength*top) {
				t.Fatalf("pair %d: y[%d] = %v, the forward model gives %v", i, k, y[k], v)
			}
		}
		g.kept = false
	}
	if turns == 0 || turns == 12 {
		t.Errorf("%d of 12 pairs are turned", turns)
	}
}

// TestRedrawnMoments compares the mean field of turned spheroids, and the mean
// of the redrawn displacements, with the moments of other spheroids.
func TestRedrawnMoments(t *testing.T) {
	p := must(t, 32)
	const draws = 80
	r := p.raster
	field, y := make([]float64, r.pixels()), make([]float64, r.pixels())
	var first, second [2][]float64
	var top, square [2]float64
	for which := range 2 {
		first[which], second[which] = make([]float64, r.pixels()), make([]float64, r.pixels())
		for i := range uint64(draws) {
			s := p.Specimen(uint64(which), i)
			r.field(field, &s.Spheroid)
			for k := range y {
				y[k] = PhasePerLength * s.Displacement
			}
			if which == 1 {
				p.Redraw(field, y, 1, 6*i, rng.New(1, rng.Test, i, 0))
			}
			for k, v := range field {
				first[which][k] += v / draws
				second[which][k] += v * v / draws
			}
			if math.Abs(y[0]) > 1e-9 { // a turn of the same phase everywhere leaves none
				top[which] += y[0] / PhasePerLength
				square[which]++
			}
		}
	}
	for k, a := range first[0] {
		b := first[1][k]
		standard := math.Sqrt((second[0][k] - a*a + second[1][k] - b*b) / draws)
		if math.Abs(a-b) > 5*standard+1e-12 {
			t.Errorf("pixel %d has the mean %v ± %v, redrawn %v", k, a, standard, b)
		}
	}
	if a, b := top[0]/square[0], top[1]/square[1]; math.Abs(a-b) > 5*0.6*math.Sqrt(3.0/draws) {
		t.Errorf("the top moves by %v, redrawn by %v", a, b)
	}
}
