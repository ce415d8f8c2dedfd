package lab

import (
	"context"
	"errors"
	"math"

	"csdm/langevin"
	"csdm/rng"
)

// mixture is the state of the room "score": a mixture of round Gaussians of one
// width, at points of the unit square. As langevin.Points it has an exact
// score: smoothing by σ adds σ² to the square of the width.
//
// With points m_k, weights w_k and width s, the density smoothed by noise of σ
// is
//
//	p_σ(x) = Σ_k w_k·N(x; m_k, (s² + σ²)·I)/Σ_k w_k,
//
// and its score is a weighted mean of the directions to the points,
//
//	∇ log p_σ(x) = Σ_k r_k·(m_k − x)/(s² + σ²),
//	r_k ∝ w_k·exp(−‖x − m_k‖²/(2·(s² + σ²))),  Σ_k r_k = 1.
//
// A reader sees here what a network must learn: close to a point the score
// leads to it, and at large σ it leads to the mean of all.
type mixture struct {
	Points []float64 `json:"points"` // x, y and weight of each
	Width  float64   `json:"width"`
}

const mostPoints = 400

// check returns an error for a number of points, a position, a weight or a
// width that is out of range.
func (m *mixture) check() error {
	if n := len(m.Points); n == 0 || n%3 != 0 || n > 3*mostPoints {
		return refused("the mixture has %d numbers; it must have x, y and weight of 1 to %d points",
			n, mostPoints)
	}
	var err error
	for i := 0; i < len(m.Points); i += 3 {
		err = errors.Join(err, between("x of a point", m.Points[i], 0, 1),
			between("y of a point", m.Points[i+1], 0, 1),
			between("the weight of a point", m.Points[i+2], 1e-3, 1e3))
	}
	return errors.Join(err, between("the width", m.Width, 0.005, 0.2))
}

// scorer returns the exact score of the mixture.
func (m *mixture) scorer() langevin.Scorer {
	var points, logP []float64
	for i := 0; i < len(m.Points); i += 3 {
		points = append(points, m.Points[i], m.Points[i+1])
		logP = append(logP, math.Log(m.Points[i+2]))
	}
	return widened{langevin.NewPoints(points, logP, 2).Scorer(), m.Width}
}

// widened is the score of points of a width above zero, from the score of
// points without width.
type widened struct {
	langevin.Scorer
	width float64
}

// Score returns the score at √(σ² + width²): densities that are convolved twice
// have the sum of the variances.
func (w widened) Score(dst, x []float64, sigma float64) error {
	return w.Scorer.Score(dst, x, math.Hypot(sigma, w.width))
}

// density returns the density of the mixture smoothed with σ.
//
// The normal density in the plane is exp(−r²/(2v))/(2πv), with v = σ² + s².
func (m *mixture) density(x, y, sigma float64) float64 {
	total, sum := 0.0, 0.0
	v := sigma*sigma + m.Width*m.Width
	for i := 0; i < len(m.Points); i += 3 {
		dx, dy, w := x-m.Points[i], y-m.Points[i+1], m.Points[i+2]
		total += w
		sum += w * math.Exp(-(dx*dx+dy*dy)/(2*v)) / (2 * math.Pi * v)
	}
	return sum / total
}

// draw sets x to a draw of the mixture.
//
// One uniform number selects a point by the cumulative weights; two normal
// numbers move the draw away from it.
func (m *mixture) draw(x []float64, s *rng.Stream) {
	total := 0.0
	for i := 2; i < len(m.Points); i += 3 {
		total += m.Points[i]
	}
	u, k := s.Float64()*total, 0
	for ; k+3 < len(m.Points) && u >= m.Points[k+2]; k += 3 {
		u -= m.Points[k+2]
	}
	x[0], x[1] = m.Points[k]+m.Width*s.Normal(), m.Points[k+1]+m.Width*s.Normal()
}

func (s *Server) addScore() error {
	s.rooms["score"], s.rooms["walk"] = scoreField, walk
	return nil
}

// The pictures of the plane: arrows at the middles of arrowSide² squares, and
// the density at densitySide² pixels of the unit square.
const (
	arrowSide   = 18
	densitySide = 72
)

// scoreField computes the density and the score at one noise level.
//
// The fields are row by row from the bottom, at the middles of the squares.
func scoreField(_ context.Context, input []byte, emit func(any) error) error {
	in := &struct {
		mixture
		Sigma float64 `json:"sigma"`
	}{}
	if err := read(input, in); err != nil {
		return err
	}
	if err := errors.Join(in.check(), between("σ", in.Sigma, 1e-3, 10)); err != nil {
		return err
	}
	scorer := in.scorer()
	x, score := make([]float64, 2), make([]float64, 2)
	var arrows, density floats
	for k := range arrowSide * arrowSide {
		x[0], x[1] = (float64(k%arrowSide)+0.5)/arrowSide, (float64(k/arrowSide)+0.5)/arrowSide
		if err := scorer.Score(score, x, in.Sigma); err != nil {
			return err
		}
		arrows = append(arrows, score...)
	}
	for k := range densitySide * densitySide {
		density = append(density, in.density((float64(k%densitySide)+0.5)/densitySide,
			(float64(k/densitySide)+0.5)/densitySide, in.Sigma))
	}
	return emit(map[string]any{"arrow_side": arrowSide, "arrows": arrows,
		"density_side": densitySide, "density": density})
}

// The samplers of the room.
const (
	walkLangevin = "langevin" // at one small noise level, without annealing
	walkAnnealed = "annealed"
	walkFew      = "few" // DPM-Solver++
)

// walkSettings returns the settings of a sampler of the room.
//
// The three samplers show why levels are needed. Langevin dynamics at one small
// level,
//
//	x ← x + α·s(x) + √(2α)·z,
//
// cannot cross the empty space between two modes in any number of steps that a
// reader would wait for: the shares of the modes stay the shares of the start.
// Annealing begins at a level that joins the modes. DPM-Solver++ reaches the
// same draws in few evaluations.
func walkSettings(sampler string, steps int) (langevin.Settings, error) {
	s := langevin.Default()
	switch sampler {
	case walkLangevin:
		// α = ε at the only level: a fifth of the square of the level, so that
		// a step is small compared with the smoothed points.
		const sigma = 0.03
		s.Sampler, s.Sigmas, s.StepsPerLevel = langevin.SamplerAnnealed, langevin.Schedule{sigma},
			400
		s.Epsilon = sigma * sigma / 5
	case walkAnnealed:
		s.Sampler, s.Levels, s.StepsPerLevel = langevin.SamplerAnnealed, 40, 10
		s.SigmaMax, s.SigmaMin = 1, 0.01
	case walkFew:
		if steps < 2 || steps > 40 {
			return s, refused("steps is %d; it must be 2 to 40", steps)
		}
		s.Sampler, s.Levels, s.SigmaMax, s.SigmaMin = langevin.SamplerDPMSolverPP2M, steps, 10, 0.01
	default:
		return s, refused("sampler is %q; it must be %s, %s or %s", sampler, walkLangevin,
			walkAnnealed, walkFew)
	}
	return s, nil
}

// mostFrames is the largest number of pictures of a walk.
const mostFrames = 60

// walk moves particles from their start to draws.
//
// Frame k has the state of each particle before evaluation k·every, and the
// last one the draws. floor is the distance of as many exact draws: a sampler
// cannot come below it but by chance.
func walk(ctx context.Context, input []byte, emit func(any) error) error {
	in := &struct {
		mixture
		Sampler   string `json:"sampler"`
		Steps     int    `json:"steps"`
		Particles int    `json:"particles"`
		Seed      uint64 `json:"seed"`
	}{}
	if err := read(input, in); err != nil {
		return err
	}
	settings, err := walkSettings(in.Sampler, in.Steps)
	if err := errors.Join(err, in.check(), between("the number of particles",
		float64(in.Particles), 2, 1000)); err != nil {
		return err
	}
	settings.Draws, settings.Seed = in.Particles, in.Seed
	evaluations := settings.Evaluations()
	every := (evaluations + mostFrames - 1) / mostFrames
	frames := make([]floats, (evaluations+every-1)/every)
	sigmas := make([]float64, len(frames))
	for k := range frames {
		frames[k] = make(floats, 2*in.Particles)
	}
	record := &recorder{Scorer: in.scorer(), evaluations: evaluations,
		seen: func(draw, evaluation int, x, _ []float64, sigma float64) error {
			if evaluation%every == 0 {
				copy(frames[evaluation/every][2*draw:], x)
				sigmas[evaluation/every] = sigma
			}
			return nil
		}}
	last, exact := make(floats, 2*in.Particles), make(floats, 2*in.Particles)
	var stream rng.Stream
	if _, err := langevin.Sample(ctx, func() langevin.Scorer { return record }, 2, settings,
		func(draw int, x []float64) error {
			copy(last[2*draw:], x)
			stream.Reset(in.Seed, rng.Reference, uint64(draw), 0)
			in.draw(exact[2*draw:2*draw+2], &stream)
			return nil
		}); err != nil {
		return err
	}
	return emit(map[string]any{"evaluations": evaluations, "every": every, "sigmas": sigmas,
		"frames": append(frames, last), "distance": in.distance(last), "floor": in.distance(exact)})
}

// distance returns the total variation between the particles and the mixture,
// by their shares in 8 × 8 equal squares and outside of them.
//
// With p_k and q_k the shares of particles and mixture in square k, and p_0 and
// q_0 the ones outside,
//
//	TV = ½·Σ_k |p_k − q_k| + ½·|p_0 − q_0|.
//
// q_k comes from 8 × 8 points of the midpoint rule in the square.
func (m *mixture) distance(particles []float64) float64 {
	const side, fine = 8, 8 // fine² points of the midpoint rule in each square
	var got, want [side * side]float64
	outside := 1.0
	for i := 0; i < len(particles); i += 2 {
		x, y := particles[i], particles[i+1]
		if x >= 0 && x < 1 && y >= 0 && y < 1 {
			got[int(y*side)*side+int(x*side)] += 2 / float64(len(particles))
		}
	}
	sum, inside := 0.0, 0.0
	for k := range want {
		for j := range fine * fine {
			want[k] += m.density((float64(k%side)+(float64(j%fine)+0.5)/fine)/side,
				(float64(k/side)+(float64(j/fine)+0.5)/fine)/side, 0) / (side * side * fine * fine)
		}
		outside -= want[k]
		inside += got[k]
		sum += math.Abs(got[k]-want[k]) / 2
	}
	return sum + math.Abs(1-inside-outside)/2
}
