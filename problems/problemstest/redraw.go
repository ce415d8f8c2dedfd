package problemstest

import (
	"math"
	"slices"
	"testing"

	"csdm/problems"
	"csdm/rng"
)

// redraw checks that redrawn pairs are functions of their stream, obey the
// forward model, and have the distribution of the pairs.
func redraw(t *testing.T, c Case, p problems.Redrawable) {
	var stream rng.Stream
	again := func(q pair, i, number uint64) pair {
		q = pair{slices.Clone(q.x), slices.Clone(q.y)}
		stream.Reset(seed, rng.Test, i, number)
		p.Redraw(q.x, q.y, seed, i, &stream)
		return q
	}
	all := draw(t, p, pairs)
	changed := 0
	for i, q := range all {
		first := again(q, uint64(i), 1)
		if !first.equal(again(q, uint64(i), 1)) {
			t.Fatalf("pair %d: two redraws from one stream differ", i)
		}
		if !first.equal(q) {
			changed++
		}
		for k, v := range first.x {
			if !p.Spec().XRange.Contains(v) {
				t.Fatalf("pair %d: redrawn x[%d] = %v is not in %+v", i, k, v, p.Spec().XRange)
			}
		}
		if s, ok := p.(problems.Symmetric); ok {
			stream.Reset(seed, rng.Test, uint64(i), 1)
			s.Restore(first.x, first.y, seed, uint64(i), &stream)
			if distance(first.x, q.x) != 0 || distance(first.y, q.y) > 1e-15 {
				t.Errorf("pair %d is not restored", i)
			}
		}
	}
	if changed == 0 {
		t.Error("no pair is changed")
	}
	obeys(t, c, p, all, again)
	if q, ok := p.(problems.Parametric); ok {
		sameMoments(t, q, p)
	}
	if q, ok := p.(problems.Averaged); ok {
		average(t, q, all[0], again)
	}
}

// distance returns the largest distance of two vectors, relative to the largest
// value.
func distance(a, b []float64) float64 {
	worst, scale := 0.0, 0.0
	for k, v := range a {
		worst, scale = max(worst, math.Abs(v-b[k])), max(scale, math.Abs(b[k]))
	}
	return worst / scale
}

// obeys checks that the forward model maps a redrawn x to the redrawn y. Where
// x does not determine y, y must not change.
func obeys(t *testing.T, c Case, p problems.Redrawable, all []pair,
	again func(pair, uint64, uint64) pair) {
	g, ok := generator(t, p).(problems.Forwarder)
	if !ok && !c.ModelError {
		return // the problem's own test has a forward model
	}
	y := newPair(p.Spec()).y
	for i, q := range all {
		redrawn := again(q, uint64(i), 2)
		if c.ModelError {
			if !slices.Equal(redrawn.y, q.y) {
				t.Errorf("pair %d: y changes with the model error", i)
			}
			continue
		}
		if err := g.Forward(y, redrawn.x); err != nil {
			t.Fatal(err)
		}
		if d := distance(redrawn.y, y); d > 1e-9 {
			t.Errorf("pair %d: the redrawn y differs from the forward model by %.1e of its "+
				"largest value", i, d)
		}
	}
}

// sameMoments compares mean and mean square of each value of x over redrawn
// pairs with those over other pairs.
func sameMoments(t *testing.T, p problems.Parametric, r problems.Redrawable) {
	const draws = 1500
	s := p.Spec()
	theta := make([]float64, len(s.Variables))
	x, y := make([]float64, s.XLen()), make([]float64, s.YLen())
	type moments struct{ first, second, fourth float64 }
	var sums [2][]moments
	for which := range sums {
		sums[which] = make([]moments, s.XLen())
		for i := range uint64(draws) {
			from := seed + uint64(which)
			p.Latent(theta, from, i)
			p.Field(x, theta)
			if which == 1 {
				r.Redraw(x, y, from, i, rng.New(seed, rng.Test, i, 3))
			}
			for k, v := range x {
				m := &sums[which][k]
				m.first += v / draws
				m.second += v * v / draws
				m.fourth += v * v * v * v / draws
			}
		}
	}
	for k, a := range sums[0] {
		b := sums[1][k]
		first := math.Sqrt((a.second - a.first*a.first + b.second - b.first*b.first) / draws)
		second := math.Sqrt((a.fourth - a.second*a.second + b.fourth - b.second*b.second) / draws)
		if math.Abs(a.first-b.first) > 5*first+1e-12 ||
			math.Abs(a.second-b.second) > 5*second+1e-12 {
			t.Fatalf("value %d of x has mean %v ± %v and mean square %v ± %v; redrawn %v and %v", k,
				a.first, first, a.second, second, b.first, b.second)
		}
	}
}

// average compares Average with the mean of many redraws of a pair, weighted by
// the probability of the noise that they leave.
func average(t *testing.T, p problems.Averaged, q pair, again func(pair, uint64, uint64) pair) {
	const draws = 3000
	s := p.Spec()
	target := make([]float64, s.XLen())
	for number, relative := range []float64{0.5, 5} {
		sigma := relative * s.XRange.Width()
		diffused := again(q, 0, uint64(number)).x
		noise := rng.New(seed, rng.Test, 0, 4)
		for k := range diffused {
			diffused[k] += sigma * noise.Normal()
		}
		p.Average(target, diffused, sigma, seed, 0)
		logs, fields := make([]float64, draws), make([][]float64, draws)
		for d := range logs {
			fields[d] = again(q, 0, uint64(10+d)).x
			for k, v := range fields[d] {
				e := (diffused[k] - v) / sigma
				logs[d] -= e * e / 2
			}
		}
		most, total, squares := slices.Max(logs), 0.0, 0.0
		for _, l := range logs {
			w := math.Exp(l - most)
			total, squares = total+w, squares+w*w
		}
		for k := range target {
			mean, scatter := 0.0, 0.0
			for d, l := range logs {
				mean += math.Exp(l-most) / total * fields[d][k]
			}
			for d, l := range logs {
				e := math.Exp(l-most) / total * (fields[d][k] - mean)
				scatter += e * e
			}
			if math.Abs(target[k]-mean) > 5*math.Sqrt(scatter)+1e-9*mean {
				t.Fatalf("σ = %v: value %d of the average is %v; %d redraws give %v ± %v", sigma, k,
					target[k], draws, mean, math.Sqrt(scatter))
			}
		}
		if ess := total * total / squares; ess < 50 {
			t.Errorf("σ = %v: only %.0f effective redraws", sigma, ess)
		}
	}
}
