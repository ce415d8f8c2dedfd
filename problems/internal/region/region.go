// Package region finds the connected regions of an image's bright pixels.
// Quantities of a field are measured on such regions, so that a smear far from
// the inclusion does not affect them.
package region

import (
	"cmp"
	"slices"
)

// Of returns the connected regions of those pixels of an image of rows×cols for
// which in is true. Each region is an ascending list of pixel numbers. The
// largest region comes first; of equal ones, the first in the image. Two pixels
// are connected if they are at most reach rows and reach columns apart; reach 1
// means the eight neighbors.
func Of(in []bool, rows, cols, reach int) [][]int {
	var regions [][]int
	seen := make([]bool, rows*cols)
	for first, bright := range in[:rows*cols] {
		if !bright || seen[first] {
			continue
		}
		seen[first] = true
		region := []int{first}
		for next := 0; next < len(region); next++ {
			r, c := region[next]/cols, region[next]%cols
			for row := max(0, r-reach); row <= min(rows-1, r+reach); row++ {
				for col := max(0, c-reach); col <= min(cols-1, c+reach); col++ {
					if p := row*cols + col; in[p] && !seen[p] {
						seen[p] = true
						region = append(region, p)
					}
				}
			}
		}
		slices.Sort(region)
		regions = append(regions, region)
	}
	slices.SortStableFunc(regions, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	return regions
}
