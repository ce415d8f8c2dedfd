package tasks

import "math"

// mersenne is the generator of NumPy's RandomState: the Mersenne Twister
// MT19937 (Matsumoto and Nishimura 1998), with normal numbers by the polar
// method. It makes the published stimulus and the published distractors.
//
// Its recurrence is s_{i+624} = s_{i+397} ⊕ A(upper bit of s_i, lower 31 bits
// of s_{i+1}), followed by tempering of the output.
type mersenne struct {
	state [624]uint32
	at    int
	spare float64 // the second normal number of a pair; NaN: none
}

// newMersenne returns the generator of a seed, which fills the state as the
// authors' init_genrand does.
func newMersenne(seed uint32) *mersenne {
	g := &mersenne{at: 624, spare: math.NaN()}
	g.state[0] = seed
	for i := 1; i < len(g.state); i++ {
		g.state[i] = 1812433253*(g.state[i-1]^g.state[i-1]>>30) + uint32(i)
	}
	return g
}

// uint32 returns the next 32 bits.
func (g *mersenne) uint32() uint32 {
	if s := &g.state; g.at == len(s) {
		for i := range s {
			y := s[i]&0x80000000 | s[(i+1)%624]&0x7fffffff
			s[i] = s[(i+397)%624] ^ y>>1 ^ (y&1)*0x9908b0df
		}
		g.at = 0
	}
	y := g.state[g.at]
	g.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// float64 returns a number in [0, 1) with 53 bits.
//
// 27 and 26 bits of two outputs.
func (g *mersenne) float64() float64 {
	a, b := g.uint32()>>5, g.uint32()>>6
	return (float64(a)*(1<<26) + float64(b)) / (1 << 53)
}

// normal returns a standard normal number.
//
// Marsaglia's polar method: a point uniform in the unit disc with r = x² + y²
// gives two independent normal numbers x √(−2 ln r/r) and y √(−2 ln r/r). NumPy
// returns the second coordinate first and keeps the other.
func (g *mersenne) normal() float64 {
	if v := g.spare; !math.IsNaN(v) {
		g.spare = math.NaN()
		return v
	}
	for {
		x, y := 2*g.float64()-1, 2*g.float64()-1
		r := x*x + y*y
		if r >= 1 || r == 0 {
			continue
		}
		f := math.Sqrt(-2 * math.Log(r) / r)
		g.spare = f * x
		return f * y
	}
}

// permutation returns a random order of 0 … n−1.
//
// Indices are drawn by masking and rejection, as in NumPy's shuffle.
func (g *mersenne) permutation(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		mask := uint32(1)
		for mask <= uint32(i) {
			mask <<= 1
		}
		j := g.uint32() & (mask - 1)
		for j > uint32(i) {
			j = g.uint32() & (mask - 1)
		}
		order[i], order[j] = order[j], order[i]
	}
	return order
}
