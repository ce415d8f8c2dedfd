package explain

import "testing"

// TestSpread checks that each value of a thinned residual is at its own row and
// column and at the ones left out after it.
func TestSpread(t *testing.T) {
	for _, c := range []struct{ rows, cols, stride int }{{5, 7, 2}, {256, 200, 3}, {4, 4, 1}} {
		full := Shape{2, c.rows, c.cols}
		r := &Residual{Shape: full.thinned(c.stride)}
		for k := range r.Shape.Len() {
			r.Values = append(r.Values, float64(k))
		}
		out := r.Spread(c.rows, c.cols)
		if len(out) != full.Len() {
			t.Fatalf("%+v: %d values", c, len(out))
		}
		for k, v := range out {
			channel, row, col := k/(c.rows*c.cols), k/c.cols%c.rows, k%c.cols
			want := (channel*r.Shape.Rows+row/c.stride)*r.Shape.Cols + col/c.stride
			if v != float64(want) {
				t.Fatalf("%+v: value %d is %v, want %d", c, k, v, want)
			}
		}
	}
}
