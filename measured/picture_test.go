package measured

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"csdm/internal/plot"
)

// lump is a plane with a lump to the right of the middle and below it.
func lump(x, y float64) float64 {
	return plane(x, y) + 0.002*math.Exp(-((x-0.75)*(x-0.75)+(y-0.3)*(y-0.3))/0.02)
}

// TestSketch: the sketch shows the lump at its position, and a mirrored map
// shows it mirrored.
//
// The lump lies at x = 0.75, y = 0.3 of 1: in the right half, below the middle.
// Only the difference from the plane shows it.
func TestSketch(t *testing.T) {
	p := Placement{PixelX: 1. / 27, PixelY: 1. / 27}
	mirrored := func(x, y float64) float64 { return lump(1-x, y) }
	for _, c := range []struct {
		f    func(x, y float64) float64
		half int // of the right sketch, 0 for left
	}{{lump, 1}, {mirrored, 0}} {
		taken, err := Take(saveNPY(t, "y.npy", sampled(28, 28, p, c.f).Values, 28, 28), centimeter,
			Taking{})
		if err != nil {
			t.Fatal(err)
		}
		text := taken.Sketch()
		lines := strings.Split(text, "\n")
		if len(lines) != sketchRows+5 || !strings.Contains(lines[2], "top") ||
			!strings.Contains(lines[sketchRows+3], "bottom") {
			t.Fatalf("%d lines:\n%s", len(lines), text)
		}
		marks := [2]int{}
		for r, line := range lines[3 : sketchRows+3] {
			if len(line) > 80 {
				t.Errorf("a line of %d characters: %q", len(line), line)
			}
			cells := strings.Split(line, "|")
			if len(cells) != 5 || len(cells[1]) != sketchCols || len(cells[3]) != sketchCols {
				t.Fatalf("%q", line)
			}
			if r == sketchRows/2 && (cells[0] != "left" || strings.Fields(cells[2])[0] != "right") {
				t.Errorf("sides of %q", line)
			}
			for c, mark := range cells[3] {
				if mark == '@' {
					marks[c/(sketchCols/2)]++
					if r < sketchRows/2 {
						t.Errorf("the lump reaches row %d from the top", r)
					}
				}
			}
		}
		if marks[c.half] == 0 || marks[1-c.half] > 0 {
			t.Errorf("highest on the left and on the right: %v\n%s", marks, text)
		}
	}
}

// TestShade: means of blocks, top row first, from the lowest shade to the
// highest.
//
// A sketch that was upside down would begin with the bottom row.
func TestShade(t *testing.T) {
	// two rows of 0 and 9 at the bottom
	v := []float64{0, 0, 9, 9, 0, 0, 9, 9, 4, 6, 2, 4, 4, 6, 2, 4}
	if got := strings.Join(shade(v, 4, 4, 2, 2), "/"); got != "+-/ @" {
		t.Errorf("%q", got)
	}
	if got := strings.Join(shade([]float64{1, 2}, 1, 2, 4, 1), "/"); got != "  @@" {
		t.Errorf("two values in four characters: %q", got)
	}
	if got := strings.Join(shade([]float64{3, 3}, 1, 2, 2, 1), "/"); got != "  " {
		t.Errorf("a constant: %q", got)
	}
}

// TestWithoutPlane: a plane becomes zero, and a function orthogonal to planes
// does not change, although the fit uses only a part of the map.
//
// Exactness for planes alone would also hold for a fit that removes more than a
// plane.
func TestWithoutPlane(t *testing.T) {
	const rows, cols = 9, 11
	v := make([]float64, rows*cols)
	for i := range v {
		v[i] = 3 - 0.5*float64(i%cols) + 2*float64(i/cols)
	}
	v[0] += 100 // outside of the part
	for i, a := range withoutPlane(v, cols, window{1, 8, 2, 9}) {
		if want := 100 * float64(max(0, 1-i)); math.Abs(a-want) > 1e-12 {
			t.Fatalf("value %d is %v, want %v", i, a, want)
		}
	}
	if one := withoutPlane([]float64{5, 7, 9}, 3, window{0, 1, 0, 3}); math.Abs(one[0])+
		math.Abs(one[2]) > 1e-12 {
		t.Errorf("of a single row: %v", one)
	}
}

// TestPicture: the picture is a function of the map and names the sides.
// Mirrored and cropped maps, maps of unknown size and maps with many channels
// can be drawn.
func TestPicture(t *testing.T) {
	p := Placement{PixelX: 0.02, PixelY: 0.02}
	path := saveNPY(t, "y.npy", sampled(56, 56, p, lump).Values, 56, 56)
	taken, err := Take(path, centimeter, Taking{Pixel: "0.02", Crop: true})
	if err != nil {
		t.Fatal(err)
	}
	a, quick := taken.Picture().Render(), taken.Picture().RenderPNG()
	if !plot.Drew(quick) || !bytes.Equal(quick, taken.Picture().RenderPNG()) {
		t.Error("two pictures of one map differ")
	}
	for _, says := range []string{">left<", ">right<", ">top<", ">bottom<",
		"1.10 × 1.10 specimens, 17 %", "(cm)"} {
		if !bytes.Contains(a.SVG, []byte(says)) {
			t.Errorf("%q is not in the picture", says)
		}
	}
	vector := Grid{What: "measurement", Channels: 5, Unit: "mm", Target: Target{Rows: 6, Cols: 4}}
	taken, err = Take(saveNPY(t, "v.npy", make([]float64, 5*24), 5, 6, 4), vector, Taking{})
	if err != nil {
		t.Fatal(err)
	}
	svg := taken.Picture().Render().SVG
	for says, want := range map[string]bool{"channel 1": true, "channel 3": true, "channel 5": true,
		"channel 2": false, "(samples)": true} {
		if bytes.Contains(svg, []byte(says)) != want {
			t.Errorf("%q in the picture: %v", says, !want)
		}
	}
}
