package rng

import (
	"math"
	"math/bits"
)

// Purpose separates the streams of one seed by their use.
type Purpose uint64

// The purposes. Their numbers are part of every stored result: never renumber.
const (
	Prior     Purpose = 1  // draws of the prior; index: sample
	Noise     Purpose = 2  // measurement noise; index: sample, or training step and slot
	Sigma     Purpose = 3  // diffusion noise level of a training sample; index: step, slot
	Z         Purpose = 4  // diffusion noise of a training sample; index: step, slot
	Init      Purpose = 5  // initial weights; index: parameter
	Chain     Purpose = 6  // posterior draws: initial state and Langevin noise; index: draw
	Order     Purpose = 7  // the pair of a training slot; index: step, slot
	HeldOut   Purpose = 8  // σ, z and noise of the held-out loss; index: pair
	Reference Purpose = 9  // prior draws of Monte Carlo references; index: draw
	Shift     Purpose = 10 // model error: perturbation of a specimen; index: sample
	Redraw    Purpose = 11 // another pair made from a pair; index: step, slot
	Mask      Purpose = 12 // values of a measurement that stay; index: step, slot
	Test      Purpose = 99
)

// Stream is a sequence of random numbers. Its zero value is not usable: create
// one with New, or set one to the start of a stream with Reset. A Stream is not
// safe for concurrent use. It is small enough to create one for each index.
type Stream struct {
	key     [2]uint64
	counter [4]uint64 // block, i, j, 0
	block   [4]uint64 // output of the current block
	next    int       // first unused word of block; 4 if none is left

	spare    float64 // second normal number of the last Box–Muller pair
	hasSpare bool
}

// New returns the stream of (seed, purpose, i, j).
func New(seed uint64, purpose Purpose, i, j uint64) *Stream {
	s := new(Stream)
	s.Reset(seed, purpose, i, j)
	return s
}

// Reset sets s to the start of the stream of (seed, purpose, i, j), without
// allocating.
func (s *Stream) Reset(seed uint64, purpose Purpose, i, j uint64) {
	*s = Stream{key: [2]uint64{seed, uint64(purpose)}, counter: [4]uint64{0, i, j, 0}, next: 4}
}

// Uint64 returns 64 random bits. It makes Stream a math/rand/v2 Source.
func (s *Stream) Uint64() uint64 {
	if s.next == 4 {
		s.block = philox(s.counter, s.key)
		s.counter[0]++
		s.next = 0
	}
	v := s.block[s.next]
	s.next++
	return v
}

// Float64 returns a uniform number in [0, 1), a multiple of 2⁻⁵³.
func (s *Stream) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Uniform returns a uniform number in [lo, hi).
func (s *Stream) Uniform(lo, hi float64) float64 { return lo + (hi-lo)*s.Float64() }

// Uint64n returns a uniform integer in [0, n), by rejection (Lemire 2019). n
// must be positive.
func (s *Stream) Uint64n(n uint64) uint64 {
	if n == 0 {
		panic("rng: Uint64n needs a positive n")
	}
	hi, lo := bits.Mul64(s.Uint64(), n)
	if lo < n {
		for threshold := -n % n; lo < threshold; {
			hi, lo = bits.Mul64(s.Uint64(), n)
		}
	}
	return hi
}

// Normal returns a standard normal number (Box and Muller 1958). Each pair of
// uniform numbers gives two, so the cost is one logarithm, one root and one
// sine-cosine per pair.
func (s *Stream) Normal() float64 {
	if s.hasSpare {
		s.hasSpare = false
		return s.spare
	}
	u := (float64(s.Uint64()>>11) + 1) * 0x1p-53 // (0, 1], so that the logarithm is finite
	r := math.Sqrt(-2 * math.Log(u))
	sin, cos := math.Sincos(2 * math.Pi * s.Float64())
	s.spare, s.hasSpare = r*sin, true
	return r * cos
}

// TruncatedNormal returns a standard normal number truncated to [−limit,
// limit], by redrawing. limit must be positive; the cost grows as limit
// decreases.
func (s *Stream) TruncatedNormal(limit float64) float64 {
	if !(limit > 0) {
		panic("rng: the truncation limit must be positive")
	}
	for {
		if z := s.Normal(); math.Abs(z) <= limit {
			return z
		}
	}
}

// philox applies ten rounds of Philox4x64 to a counter under a key. Each round
// multiplies two words to 128 bits, exchanges the halves and adds the key,
// which advances by Weyl constants (Salmon et al. 2011, section 3.3, with the
// constants of table 2).
func philox(c [4]uint64, k [2]uint64) [4]uint64 {
	for range 10 {
		hi0, lo0 := bits.Mul64(0xD2E7470EE14C6C93, c[0])
		hi1, lo1 := bits.Mul64(0xCA5A826395121157, c[2])
		c = [4]uint64{hi1 ^ c[1] ^ k[0], lo1, hi0 ^ c[3] ^ k[1], lo0}
		k[0] += 0x9E3779B97F4A7C15 // golden ratio
		k[1] += 0xBB67AE8584CAA73B // √3 − 1
	}
	return c
}
