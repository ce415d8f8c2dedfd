package accuracy

import (
	"math"
	"slices"

	"csdm/bench"
	"csdm/infer"
	"csdm/problems"
	"csdm/rng"
	"csdm/tasks"
)

// The distance and its floor use the same directions, so that their ratio
// depends less on the choice.
const (
	directionCount = 100 // of the sliced distance
	fewestDraws    = 20  // that are compared with the reference's
)

// judgeDraws fills in the distances of a posterior's draws from as many draws
// of the reference, if both have draws. The reference's are drawn by the
// weights of its points, twice as many: the distance of the two halves is what
// exact draws have.
//
// The floor is the distance of 2n exact draws, n from n. A method whose draws
// have about this distance cannot be told from the reference by n draws.
func (r *Row) judgeDraws(m *measurement, a *answer, points bench.Weighted) {
	problem, parametric := m.Problem.(problems.Parametric)
	spec := m.Problem.Spec()
	size := spec.XLen()
	n := len(a.fields) / size
	if !parametric || points.Len() == 0 || n < fewestDraws {
		return
	}
	theta := tasks.Pick(points.Theta, points.LogWeights, 2*n, len(points.Theta)/points.Len(),
		rng.New(r.Seed, rng.Reference, uint64(m.index), 0))
	exact := make([]float64, 2*n*size)
	d := len(theta) / (2 * n)
	for i := range 2 * n {
		problem.Field(exact[i*size:(i+1)*size], theta[i*d:(i+1)*d])
	}
	one, other := exact[:n*size], exact[n*size:]
	width := spec.XRange.Width()
	r.Sliced = infer.StatedError(slicedDistance(a.fields, one, size, r.Seed) / width)
	r.SlicedFloor = infer.StatedError(slicedDistance(other, one, size, r.Seed) / width)
	if q, ok := m.Problem.(problems.Quantified); ok {
		r.C2ST = separable(q, one, a.fields, size, r.Seed)
	}
}

// slicedDistance returns the sliced 2-Wasserstein distance of two sets of
// equally many rows of d numbers: the root of the mean over random directions
// of the squared distance of the sorted projections (Bonneel, Rabin, Peyré and
// Pfister 2015). The directions have length 1, so that rows that differ by a
// constant vector have its root mean square as distance.
//
// In one dimension the 2-Wasserstein distance of two samples of equal size is
// the root mean square of the differences of the ordered values, since the
// monotone map is optimal. For rows that differ by the vector v and directions
// e of length 1, E[(v·e)²] = ‖v‖²/d.
func slicedDistance(a, b []float64, d int, seed uint64) float64 {
	n, sum := len(a)/d, 0.0
	direction, s := make([]float64, d), rng.New(seed, rng.Reference, 0, 1)
	// project returns the ordered projections of the rows.
	project := func(rows []float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			for k, v := range direction {
				out[i] += v * rows[i*d+k]
			}
		}
		slices.Sort(out)
		return out
	}
	for range directionCount {
		length := 0.0
		for k := range direction {
			direction[k] = s.Normal()
			length += direction[k] * direction[k]
		}
		p, q := project(a), project(b)
		for i, v := range p {
			sum += (v - q[i]) * (v - q[i]) / length
		}
	}
	return math.Sqrt(sum / float64(n*directionCount))
}

// separable returns C2ST of the vectors of quantities of two sets of fields.
// Fields that lack a quantity are left out.
//
// Whole fields would be separated by any pixel that is always the same;
// quantities are what a user reads.
func separable(q problems.Quantified, reference, fields []float64, size int,
	seed uint64) infer.StatedError {
	d := len(q.Quantities())
	vectors := func(fields []float64) (rows []float64) {
		of := make([]float64, d)
		for at := 0; at < len(fields); at += size {
			q.Quantify(of, fields[at:at+size])
			if !slices.ContainsFunc(of, math.IsNaN) {
				rows = append(rows, of...)
			}
		}
		return rows
	}
	a, b := vectors(reference), vectors(fields)
	n := min(len(a), len(b))
	if n < fewestDraws*d {
		return infer.NotStated
	}
	return infer.StatedError(tasks.C2ST(a[:n], b[:n], d, seed))
}
