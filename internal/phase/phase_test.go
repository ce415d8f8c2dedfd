package phase_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"csdm/internal/phase"
)

// TestUnwrap: a smooth phase comes back, less its mean, however many turns it makes, and whatever its offset and period are.
func TestUnwrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 9).Draw(t, "rows"), rapid.IntRange(1, 9).Draw(t, "cols")
		period := rapid.Float64Range(0.1, 10).Draw(t, "period")
		step := rapid.Float64Range(-0.24, 0.24) // turns: with the wave, less than half between neighbours
		down, right := step.Draw(t, "down"), step.Draw(t, "right")
		offset := rapid.Float64Range(-5, 5).Draw(t, "offset")
		wave := rapid.Float64Range(0, 0.1).Draw(t, "wave")
		y, want := make([]float64, rows*cols), make([]float64, rows*cols)
		mean := 0.0
		for p := range y {
			turns := offset + down*float64(p/cols) + right*float64(p%cols) + wave*math.Sin(float64(7*p))
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

// TestUnwrapKeepsErrors: a pixel whose noise turns it round takes the rest of its column along, and no other.
func TestUnwrapKeepsErrors(t *testing.T) {
	const rows, cols = 7, 5
	y := make([]float64, rows*cols)
	y[5*cols+2] = 0.6 // row 5 of column 2, two below the middle: read as -0.4
	y[6*cols+2] = 0.3 // 0.7 from there
	phase.Unwrap(y, rows, cols, 1)
	mean := -(-0.4 - 0.7) / (rows * cols)
	for p, v := range y {
		want := mean
		switch p {
		case 5*cols + 2:
			want -= 0.4
		case 6*cols + 2:
			want -= 0.7
		}
		if math.Abs(v-want) > 1e-15 {
			t.Errorf("pixel %d: %v, want %v", p, v, want)
		}
	}
}
