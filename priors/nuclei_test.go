package priors_test

import (
	"math"
	"testing"

	"csdm/priors"
	"csdm/rng"
)

// TestNucleiPacking checks spheroids of Table 11: nuclei are on the raster and
// apart from each other and from the boundary, and no place is left for the
// largest nucleus. It also fixes the density that is reached, which is less
// than half of the 4,750 per mm² in the table.
func TestNucleiPacking(t *testing.T) {
	p := table11(1)
	const spheroids, gap, slack = 20, 2.0, 1e-6
	var mean, square, radii, nuclei float64
	for i := range spheroids {
		s := drawSpheroid(p, i)
		for k, n := range s.Nuclei {
			if n.X != math.Round(n.X) || n.Y != math.Round(n.Y) {
				t.Fatalf("spheroid %d: nucleus at (%v, %v)", i, n.X, n.Y)
			}
			for _, m := range s.Nuclei[:k] {
				if d := math.Hypot(n.X-m.X, n.Y-m.Y) - n.Radius - m.Radius; d < gap-slack {
					t.Fatalf("spheroid %d: two nuclei are %v apart", i, d)
				}
			}
			if d := s.Clearance(n.X, n.Y) - n.Radius; d < gap-slack {
				t.Fatalf("spheroid %d: a nucleus lies %v from the boundary", i, d)
			}
			radii += n.Radius
			nuclei++
		}
		if left := vacancy(&s, gap); left > p.Nuclei.Radius.Hi {
			t.Errorf("spheroid %d has room left for a nucleus of radius %v", i, left)
		}
		if len(s.Nuclei) >= s.Wanted {
			t.Errorf("spheroid %d reached %d of %d nuclei, denser than discs can be put at random",
				i, len(s.Nuclei), s.Wanted)
		}
		density := float64(len(s.Nuclei)) / s.Area() * 1e6
		mean += density / spheroids
		square += density * density / spheroids
	}
	spread := math.Sqrt(square - mean*mean)
	t.Logf("density reached: %.0f ± %.0f per mm², %.1f nuclei a spheroid; mean radius %.3f of "+
		"7.5 requested", mean, spread, nuclei/spheroids, radii/nuclei)
	if mean < 1850 || mean > 2150 || spread < 50 || spread > 250 {
		t.Errorf("density reached: %v ± %v per mm²", mean, spread)
	}
	if r := radii / nuclei; r < 7.38 || r > 7.5 {
		t.Errorf("the mean radius is %v", r)
	}
}

// vacancy returns the radius of the largest nucleus for which the raster has
// room.
func vacancy(s *priors.Spheroid, gap float64) float64 {
	most := 0.0
	for x := math.Ceil(s.X - s.A); x <= s.X+s.A; x++ {
		for y := math.Ceil(s.Y - s.B); y <= s.Y+s.B; y++ {
			room := math.Inf(1)
			for _, n := range s.Nuclei {
				room = min(room, math.Hypot(x-n.X, y-n.Y)-n.Radius-gap)
			}
			if room > most && s.Contains(x, y) {
				most = max(most, min(room, s.Clearance(x, y)-gap))
			}
		}
	}
	return most
}

// TestPlaceUniformly puts one nucleus into many ellipses. Its center is uniform
// over the places with room. So by symmetry the mean of each coordinate is the
// ellipse's own. The variance belongs to the ellipse of these places, whose
// semi-axes are shorter by about radius and gap: a quarter of their squares.
func TestPlaceUniformly(t *testing.T) {
	packing := priors.NucleiPacking{Radius: priors.TruncatedNormal{Mean: 5, Std: 1e-6, Lo: 4.999,
		Hi: 5.001}, Gap: 2, Raster: 1}
	const draws = 800
	var x, y, xx, yy float64
	for i := range draws {
		s := rng.New(4, rng.Test, uint64(i), 0)
		e := priors.Ellipse{X: s.Float64(), Y: s.Float64(), A: 27, B: 17}
		nuclei := packing.Place(e, 1, s)
		if len(nuclei) != 1 {
			t.Fatalf("%d nuclei", len(nuclei))
		}
		dx, dy := (nuclei[0].X-e.X)/20, (nuclei[0].Y-e.Y)/10
		x, y, xx, yy = x+dx/draws, y+dy/draws, xx+dx*dx/draws, yy+dy*dy/draws
	}
	// A coordinate in the unit disc has variance ¼ and fourth moment ⅛. The
	// places with room are not exactly an ellipse, which the 3 % allow for.
	if limit := 5 * math.Sqrt(0.25/draws); math.Abs(x) > limit || math.Abs(y) > limit {
		t.Errorf("the mean center has an error of (%v, %v), limit %v", x, y, limit)
	}
	if limit := 5*math.Sqrt((0.125-0.0625)/draws) + 0.0075; math.Abs(xx-0.25) > limit ||
		math.Abs(yy-0.25) > limit {
		t.Errorf("variances are %v and %v, want 0.25 ± %v", xx, yy, limit)
	}
}

// TestPowerCell checks the defining properties of the power diagram: least
// power, convex cells, each nucleus completely in its own cell.
func TestPowerCell(t *testing.T) {
	spheroid := drawSpheroid(table11(2), 1)
	s := rng.New(5, rng.Test, 0, 0)
	place := func() (x, y float64) {
		return spheroid.X + s.Uniform(-60, 60), spheroid.Y + s.Uniform(-60, 60)
	}
	for range 2000 {
		x, y := place()
		cell, power := priors.PowerCell(spheroid.Nuclei, x, y)
		inside := false
		for i, n := range spheroid.Nuclei {
			own := (x-n.X)*(x-n.X) + (y-n.Y)*(y-n.Y) - n.Radius*n.Radius
			if own < power || i == cell && own != power {
				t.Fatalf("(%v, %v): cell %d of power %v, but %d has %v", x, y, cell, power, i, own)
			}
			inside = inside || math.Hypot(x-n.X, y-n.Y) <= n.Radius
		}
		if inside != (power <= 0) {
			t.Fatalf("(%v, %v): power %v, in a nucleus: %v", x, y, power, inside)
		}
		if u, v := place(); cell == cellOf(priors.PowerCell(spheroid.Nuclei, u, v)) {
			if got, _ := priors.PowerCell(spheroid.Nuclei, (x+u)/2, (y+v)/2); got != cell {
				t.Fatalf("cell %d is not convex", cell)
			}
		}
	}
	for i, n := range spheroid.Nuclei {
		for range 20 {
			sin, cos := math.Sincos(s.Uniform(0, 2*math.Pi))
			if got, _ := priors.PowerCell(spheroid.Nuclei, n.X+n.Radius*cos, n.Y+
				n.Radius*sin); got != i {
				t.Fatalf("a point on nucleus %d lies in cell %d", i, got)
			}
		}
	}
}

func cellOf(cell int, _ float64) int { return cell }
