package phase_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"csdm/internal/phase"
	"csdm/rng"
)

// TestUnwrap checks that a smooth phase is recovered up to its mean, whatever
// its number of turns, its offset and its period.
func TestUnwrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 9).Draw(t, "rows"), rapid.IntRange(1, 9).Draw(t, "cols")
		period := rapid.Float64Range(0.1, 10).Draw(t, "period")
		// In turns: together with the wave, less than half a turn between
		// neighbors.
		step := rapid.Float64Range(-0.24, 0.24)
		down, right := step.Draw(t, "down"), step.Draw(t, "right")
		offset := rapid.Float64Range(-5, 5).Draw(t, "offset")
		wave := rapid.Float64Range(0, 0.1).Draw(t, "wave")
		y, want := make([]float64, rows*cols), make([]float64, rows*cols)
		mean := 0.0
		for p := range y {
			turns := offset + down*float64(p/cols) + right*float64(p%cols) +
				wave*math.Sin(float64(7*p))
			want[p] = period * turns
			y[p] = period * (turns - math.Round(turns))
			mean += want[p] / float64(len(y))
		}
		phase.Unwrap(y, rows, cols, period)
		for p := range y {
			if math.Abs(y[p]-(want[p]-mean)) > 1e-12*period*50 {
				t.Fatalf("pixel %d: %v, want %v", p, y[p], want[p]-mean)
			}
		}
	})
}

// image is a wrapped phase with noise. Some of its pixels are dead: their
// values are random within a turn.
type image struct {
	truth, wrapped []float64
	dead           int
}

const side = 64

// newImage returns a smooth hill of 12 rad, or a ramp of a quarter of a turn
// per pixel.
func newImage(hill bool, noise, dead float64, s *rng.Stream) image {
	m := image{make([]float64, side*side), make([]float64, side*side), 0}
	for p := range m.truth {
		r, c := float64(p/side)-31.5, float64(p%side)-31.5
		m.truth[p] = math.Pi/2*c + 0.1*r
		if hill {
			m.truth[p] = 12 * math.Exp(-(r*r+c*c)/288)
		}
		v := m.truth[p] + noise*s.Normal()
		if s.Float64() < dead {
			v, m.dead = s.Uniform(-math.Pi, math.Pi), m.dead+1
		}
		m.wrapped[p] = math.Remainder(v, 2*math.Pi)
	}
	return m
}

// off counts the pixels of y whose turns differ from the majority.
func (m *image) off(y []float64) int {
	var sin, cos float64 // of the constant offset
	for p, v := range y {
		sin, cos = sin+math.Sin(v-m.truth[p]), cos+math.Cos(v-m.truth[p])
	}
	constant := math.Atan2(sin, cos)
	count, most := map[float64]int{}, 0
	for p, v := range y {
		turns := math.Round((v - m.truth[p] - constant) / (2 * math.Pi))
		count[turns]++
		most = max(most, count[turns])
	}
	return len(y) - most
}

// follow unwraps along the middle row, and from there up and down the columns.
// Earlier versions of csdm did this, and networks were trained on it.
func follow(y []float64, rows, cols int, period float64) {
	middle := rows / 2 * cols
	step := func(p, before int) { y[p] -= period * math.RoundToEven((y[p]-y[before])/period) }
	for c := 1; c < cols; c++ {
		step(middle+c, middle+c-1)
	}
	for p := middle - 1; p >= 0; p-- {
		step(p, p+cols)
	}
	for p := middle + cols; p < rows*cols; p++ {
		step(p, p-cols)
	}
	mean := 0.0
	for _, v := range y {
		mean += v
	}
	for p := range y {
		y[p] -= mean / float64(rows*cols)
	}
}

// TestUnwrapOneDeadPixel checks that a dead pixel in the middle row affects at
// most itself. Along that row, follow would spread it to a third of the image.
func TestUnwrapOneDeadPixel(t *testing.T) {
	for _, hill := range []bool{true, false} {
		for _, place := range []int{32*side + 20, 32 * side, 32*side + 63, 5, 0} {
			for _, value := range []float64{-3, -1, 0, 2, 3.1} {
				m := newImage(hill, 0, 0, rng.New(1, rng.Test, 0, 0))
				m.wrapped[place] = math.Remainder(m.truth[place]+value, 2*math.Pi)
				phase.Unwrap(m.wrapped, side, side, 2*math.Pi)
				if n := m.off(m.wrapped); n > 1 {
					t.Errorf("hill %v, pixel %d off by %v rad: %d pixels are off by a turn", hill,
						place, value, n)
				}
			}
		}
	}
}

// TestUnwrapNoise counts pixels that are wrong by a turn over 20 images. The
// limits are about twice the observed counts.
func TestUnwrapNoise(t *testing.T) {
	for _, c := range []struct {
		hill        bool
		noise, dead float64
		limit       int // in all images, in addition to the dead pixels
	}{
		{true, 0, 0.01, 0}, {true, 0.4, 0, 0}, {true, 0.4, 0.01, 60}, {true, 0.8, 0, 80},
		{true, 0.8, 0.01, 200},
		{false, 0, 0.01, 0}, {false, 0.4, 0, 0}, {false, 0.4, 0.01, 120},
	} {
		off, dead, lost := 0, 0, 0
		for seed := range uint64(20) {
			m := newImage(c.hill, c.noise, c.dead, rng.New(seed, rng.Test, 0, 0))
			phase.Unwrap(m.wrapped, side, side, 2*math.Pi)
			n := m.off(m.wrapped)
			off, dead = off+n, dead+m.dead
			if n > 64 {
				lost++
			}
		}
		t.Logf("%+v: %d off in 20 images with %d dead pixels, %d images with more than 64", c, off,
			dead, lost)
		if off > c.limit+dead || lost > 0 {
			t.Errorf("%+v: %d off in 20 images with %d dead pixels, %d images with more than 64", c,
				off, dead, lost)
		}
	}
}

// TestUnwrapKeepsCleanImages checks that the result equals the result of
// following the rows and columns, bit for bit, where the phase is resolved.
func TestUnwrapKeepsCleanImages(t *testing.T) {
	for seed := range uint64(10) {
		for _, hill := range []bool{true, false} {
			m := newImage(hill, 0.1, 0, rng.New(seed, rng.Test, 0, 0))
			want := slices.Clone(m.wrapped)
			follow(want, side, side, 2*math.Pi)
			phase.Unwrap(m.wrapped, side, side, 2*math.Pi)
			if !slices.Equal(m.wrapped, want) {
				t.Fatalf("seed %d: another result than along rows and columns", seed)
			}
		}
	}
}

func TestUnwrapAllocatesNothing(t *testing.T) {
	y := make([]float64, side*side)
	phase.Unwrap(y, side, side, 1)
	if n := testing.AllocsPerRun(10, func() { phase.Unwrap(y, side, side, 1) }); n > 0.5 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkUnwrap(b *testing.B) {
	const n = 256
	y, s := make([]float64, n*n), rng.New(1, rng.Test, 0, 0)
	for p := range y {
		y[p] = math.Remainder(0.3*float64(p/n)+0.2*float64(p%n)+0.1*s.Normal(), 2*math.Pi)
	}
	work := slices.Clone(y)
	b.Run("size=256x256", func(b *testing.B) {
		for b.Loop() {
			copy(work, y)
			phase.Unwrap(work, n, n, 2*math.Pi)
		}
	})
}
