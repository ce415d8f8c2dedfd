package region_test

import (
	"slices"
	"testing"

	"csdm/problems/internal/region"
	"csdm/rng"
)

func image(text ...string) (in []bool, rows, cols int) {
	for _, line := range text {
		for _, c := range line {
			in = append(in, c == '#')
		}
	}
	return in, len(text), len(text[0])
}

func TestOf(t *testing.T) {
	in, rows, cols := image(
		"##....",
		"#...#.",
		"...#..",
		"..#...",
		"#....#",
		"#...##",
	)
	for _, c := range []struct {
		reach int
		want  [][]int
	}{
		{1, [][]int{{0, 1, 6}, {10, 15, 20}, {29, 34, 35}, {24, 30}}},
		{2, [][]int{{0, 1, 6, 10, 15, 20, 24, 29, 30, 34, 35}}},
	} {
		got := region.Of(in, rows, cols, c.reach)
		if !slices.EqualFunc(got, c.want, slices.Equal[[]int]) {
			t.Errorf("reach %d: %v, want %v", c.reach, got, c.want)
		}
	}
	if got := region.Of(make([]bool, 12), 3, 4, 1); got != nil {
		t.Errorf("an image without bright pixels has regions %v", got)
	}
}

// TestOfIsAPartition checks that each bright pixel is in one region, that
// pixels of two regions are further apart than reach, and that the sizes do not
// increase.
func TestOfIsAPartition(t *testing.T) {
	const rows, cols = 17, 23
	for seed := range uint64(20) {
		s := rng.New(seed, rng.Test, 0, 0)
		in := make([]bool, rows*cols)
		for p := range in {
			in[p] = s.Float64() < 0.3
		}
		of := make([]int, rows*cols)
		size := rows * cols
		for k, pixels := range region.Of(in, rows, cols, 1) {
			if len(pixels) > size {
				t.Fatal("regions are not in the order of their sizes")
			}
			size = len(pixels)
			for _, p := range pixels {
				if !in[p] || of[p] != 0 {
					t.Fatalf("pixel %d is dark, or in two regions", p)
				}
				of[p] = k + 1
			}
		}
		for p := range in {
			if in[p] != (of[p] > 0) {
				t.Fatalf("pixel %d is in no region", p)
			}
			for q := range in {
				near := max(q/cols-p/cols, p/cols-q/cols) <= 1 &&
					max(q%cols-p%cols, p%cols-q%cols) <= 1
				if in[p] && in[q] && near && of[p] != of[q] {
					t.Fatalf("neighbors %d and %d are in two regions", p, q)
				}
			}
		}
	}
}
