package accuracy

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/rng"
)

// TestSlicedDistance takes rows that differ by a constant vector, whose sorted
// projections differ by its product with the direction, and two sets of normal
// numbers of different width.
//
// A shift by (0.3, −0.4, 1.2) has the length 1.3, so that the distance is
// 1.3/√3 up to the choice of directions. For N(0, 1) and N(0, 9) the monotone
// map is z ↦ 3z and the distance √E[(2z)²] = 2.
func TestSlicedDistance(t *testing.T) {
	const n, d = 2000, 3
	a, b := make([]float64, n*d), make([]float64, n*d)
	s := rng.New(1, rng.Test, 0, 0)
	for i := range a {
		a[i] = s.Normal()
		b[i] = a[i] + []float64{0.3, -0.4, 1.2}[i%d]
	}
	if got, want := slicedDistance(a, b, d, 1), 1.3/math.Sqrt(d); math.Abs(got/want-1) > 0.15 {
		t.Errorf("shifted rows: %v, want about %v", got, want)
	}
	if got := slicedDistance(a, a, d, 1); got != 0 {
		t.Errorf("a set is %v from itself", got)
	}
	for i := range b {
		b[i] = 3 * s.Normal()
	}
	// W₂ of N(0,1) and N(0,9) is 2 in each direction.
	if got := slicedDistance(a, b, d, 1); math.Abs(got-2) > 0.1 {
		t.Errorf("normal numbers of width 1 and 3: %v, want 2", got)
	}
}

// TestJudgeDraws takes draws of the reference itself, and fields that are all
// the same.
//
// A set of equal fields has the right mean at best and no spread at all, which
// both distances must show.
func TestJudgeDraws(t *testing.T) {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 28})
	if err != nil {
		t.Fatal(err)
	}
	problem, size := p.(problems.Parametric), p.Spec().XLen()
	const n = 60
	var w bench.Weighted
	theta := make([]float64, len(p.Spec().Variables))
	fields := make([]float64, n*size)
	for i := range n {
		problem.Latent(theta, 3, uint64(i))
		w.Theta = append(w.Theta, theta...)
		w.LogWeights = append(w.LogWeights, 0)
		problem.Field(fields[i*size:(i+1)*size], theta)
	}
	m := &measurement{Subject: &Subject{Problem: p}}
	judge := func(fields []float64) *Row {
		r := unstated(&Row{Seed: 1})
		a := newAnswer(nil)
		a.fields = fields
		r.judgeDraws(m, a, w)
		return r
	}
	good := judge(fields)
	if good.Sliced > 3*good.SlicedFloor || good.C2ST > 0.7 {
		t.Errorf("draws of the reference: %v, floor %v, C2ST %v", good.Sliced, good.SlicedFloor,
			good.C2ST)
	}
	for i := size; i < len(fields); i++ {
		fields[i] = fields[i-size]
	}
	bad := judge(fields)
	if bad.Sliced < 2*good.Sliced || bad.C2ST < 0.8 {
		t.Errorf("one field for all draws: %v, C2ST %v", bad.Sliced, bad.C2ST)
	}
	none := judge(nil)
	if none.Sliced == none.Sliced || none.C2ST == none.C2ST {
		t.Errorf("without draws: %v, %v", none.Sliced, none.C2ST)
	}
}
