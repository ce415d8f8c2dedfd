package bench_test

import (
	"math"

	"csdm/bench"
)

// planeMoments returns mean and standard deviation of both variables of a
// plane.
func planeMoments(p *bench.Plane) (mean, std [2]float64) {
	at := func(k int) [2]float64 {
		return [2]float64{
			p.X0 + (float64(k%p.Cols)+0.5)*(p.X1-p.X0)/float64(p.Cols),
			p.Y0 + (float64(k/p.Cols)+0.5)*(p.Y1-p.Y0)/float64(p.Rows)}
	}
	for k, w := range p.Density {
		for i, v := range at(k) {
			mean[i] += w * v
		}
	}
	for k, w := range p.Density {
		for i, v := range at(k) {
			std[i] += w * (v - mean[i]) * (v - mean[i])
		}
	}
	return mean, [2]float64{math.Sqrt(std[0]), math.Sqrt(std[1])}
}
