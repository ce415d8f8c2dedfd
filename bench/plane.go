package bench

import "math"

// Plane is the posterior density of the first two variables θ on a regular grid
// of cells, for pictures. It is nil for a single variable.
type Plane struct {
	Rows, Cols     int       // of the grid; rows along the second variable
	Density        []float64 // probability of each cell, row-major, row 0 lowest; sum 1
	X0, X1, Y0, Y1 float64   // outer edges of the outer cells, in units of θ
}

const (
	planeSide = 64  // cells along each variable
	planeHalf = 4.0 // half a side, in posterior standard deviations
)

// newPlane returns an empty plane about the mean of the variables, within the
// prior's box.
//
// Four standard deviations on each side hold all but 10⁻⁴ of a normal
// posterior.
func newPlane(mean, std, lo, hi []float64) *Plane {
	p := &Plane{Rows: planeSide, Cols: planeSide, Density: make([]float64, planeSide*planeSide)}
	side := func(k int) (from, to float64) {
		half := max(planeHalf*std[k], 1e-9*(hi[k]-lo[k])) // a point mass has no width
		return max(mean[k]-half, lo[k]), min(mean[k]+half, hi[k])
	}
	p.X0, p.X1 = side(0)
	p.Y0, p.Y1 = side(1)
	return p
}

// spread adds a weight to the cells, by the shares of it in each column and in
// each row.
func (p *Plane) spread(weight float64, columns, rows []float64) {
	for r, a := range rows {
		if a == 0 {
			continue
		}
		line := p.Density[r*p.Cols : (r+1)*p.Cols]
		for c, b := range columns {
			line[c] += weight * a * b
		}
	}
}

// close makes the sum 1. It returns nil for a plane without weight.
func (p *Plane) close() *Plane {
	sum := 0.0
	for _, v := range p.Density {
		sum += v
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return nil
	}
	for k := range p.Density {
		p.Density[k] /= sum
	}
	return p
}

// overlap sets dst to the shares of the interval [a, b] in each of len(dst)
// equal parts of [from, to].
//
// A cell of the quadrature may be wider or narrower than a cell of the plane;
// its weight is divided by area.
func overlap(dst []float64, from, to, a, b float64) {
	width := (to - from) / float64(len(dst))
	for k := range dst {
		left := from + float64(k)*width
		dst[k] = max(0, min(b, left+width)-max(a, left)) / (b - a)
	}
}

// plane is the density of the cells, each of which is a box of even density.
// top is the largest log-likelihood.
func (q *quadrature) plane(r *QuadratureResult, top float64) *Plane {
	d := q.dim()
	if d < 2 {
		return nil
	}
	p := newPlane(r.ThetaMean, r.ThetaStd, q.lo, q.hi)
	theta, columns, rows := make([]float64, d), make([]float64, p.Cols), make([]float64, p.Rows)
	for _, part := range [][]cell{q.frozen, q.fine} {
		for i := range part {
			c := &part[i]
			weight := math.Ldexp(math.Exp(c.logL-top), -int(c.level)*d)
			if weight < 1e-12 {
				continue
			}
			q.center(theta, c)
			half := math.Ldexp(0.5/float64(q.coarse), -int(c.level)) // of the prior's range
			hx, hy := half*(q.hi[0]-q.lo[0]), half*(q.hi[1]-q.lo[1])
			overlap(columns, p.X0, p.X1, theta[0]-hx, theta[0]+hx)
			overlap(rows, p.Y0, p.Y1, theta[1]-hy, theta[1]+hy)
			p.spread(weight, columns, rows)
		}
	}
	return p.close()
}

// planeOfDraws returns a Gaussian kernel estimate of the density from weighted
// draws of dim variables, row by row. The bandwidth along each variable is
// σ·n^(−1/6) (Scott 1992), where n is the effective sample size.
//
// In two dimensions Scott's rule has the exponent −1/(d + 4) = −1/6.
func planeOfDraws(theta, logWeights []float64, dim int, lo, hi []float64) *Plane {
	n := len(logWeights)
	if dim < 2 || n == 0 {
		return nil
	}
	top := math.Inf(-1)
	for _, v := range logWeights {
		top = max(top, v)
	}
	mean, std, sum, squares := make([]float64, 2), make([]float64, 2), 0.0, 0.0
	weights := make([]float64, n)
	for i, v := range logWeights {
		w := math.Exp(v - top)
		weights[i], sum, squares = w, sum+w, squares+w*w
	}
	for k := range mean {
		for i, w := range weights {
			mean[k] += w * theta[i*dim+k] / sum
		}
		for i, w := range weights {
			std[k] += w * (theta[i*dim+k] - mean[k]) * (theta[i*dim+k] - mean[k]) / sum
		}
		std[k] = math.Sqrt(std[k])
	}
	if !(std[0] > 0) || !(std[1] > 0) {
		return nil
	}
	p := newPlane(mean, std, lo, hi)
	scott := math.Pow(sum*sum/squares, -1.0/6)
	columns, rows := make([]float64, p.Cols), make([]float64, p.Rows)
	for i, w := range weights {
		if w < 1e-12 {
			continue
		}
		bell(columns, p.X0, p.X1, theta[i*dim], scott*std[0])
		bell(rows, p.Y0, p.Y1, theta[i*dim+1], scott*std[1])
		p.spread(w, columns, rows)
	}
	return p.close()
}

// bell sets dst to a Gaussian about center at the middles of len(dst) equal
// parts of [from, to], cut at four standard deviations.
func bell(dst []float64, from, to, center, std float64) {
	width := (to - from) / float64(len(dst))
	for k := range dst {
		z := (from + (float64(k)+0.5)*width - center) / std
		dst[k] = 0
		if math.Abs(z) < 4 {
			dst[k] = math.Exp(-z * z / 2)
		}
	}
}
