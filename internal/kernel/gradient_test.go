package kernel

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// An operator is a differentiable function of several inputs. forward returns
// its value. backward adds the vector-Jacobian product with dy to grads, one
// for each input.
type operator struct {
	inputs   [][]float64
	forward  func(in [][]float64) []float64
	backward func(grads [][]float64, in [][]float64, dy []float64)
}

// operators builds one of each operation at an awkward size.
func operators(rng *rand.Rand) map[string]operator {
	normal := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		return x
	}
	ops := map[string]operator{}
	for _, s := range []struct{ cin, cout, k, d, h, w int }{
		{3, 4, 3, 1, 5, 7}, {2, 1, 1, 1, 3, 4}, {2, 3, 3, 2, 5, 4}, {1, 2, 3, 4, 6, 3},
		{2, 2, 3, 1, 1, 1},
	} {
		f := NewFilter[float64](s.cin, s.cout, s.k, s.d)
		scratch := make([]float64, f.Scratch(s.h, s.w))
		conv := func(in [][]float64) []float64 {
			f.Pack(in[1])
			y := make([]float64, s.h*s.w*s.cout)
			f.Forward(y, in[0], in[2], s.h, s.w, scratch)
			return y
		}
		ops[fmt.Sprintf("conv%dx%d/d%d/%dto%d", s.k, s.k, s.d, s.cin, s.cout)] = operator{
			inputs:  [][]float64{normal(s.h * s.w * s.cin), normal(f.Len()), normal(s.cout)},
			forward: conv,
			backward: func(g, in [][]float64, dy []float64) {
				f.Pack(in[1])
				f.GradInput(g[0], dy, s.h, s.w, scratch)
				f.GradWeights(g[1], g[2], in[0], dy, s.h, s.w, scratch)
			},
		}
	}
	for _, withELU := range []bool{false, true} {
		const hw, c = 6, 5
		saved := make([]float64, NormSaved(c))
		norm := func(in [][]float64) []float64 {
			y := make([]float64, hw*c)
			InstanceNormPlus[float64]{
				Dst: y, X: in[0], Gamma: in[1], Alpha: in[2], Beta: in[3], Saved: saved,
				HW: hw, C: c, ELU: withELU,
			}.Run()
			return y
		}
		ops[fmt.Sprintf("norm/elu=%v", withELU)] = operator{
			inputs:  [][]float64{normal(hw * c), normal(c), normal(c), normal(c)},
			forward: norm,
			backward: func(g, in [][]float64, dy []float64) {
				y := norm(in)
				InstanceNormPlusGrad[float64]{
					DX: g[0], DGamma: g[1], DAlpha: g[2], DBeta: g[3], DY: dy, X: in[0],
					Y: y, Gamma: in[1], Alpha: in[2], Saved: saved,
					HW: hw, C: c, ELU: withELU,
				}.Run()
			},
		}
	}
	for _, group := range []int{1, 2, 6} {
		const hw, c = 12, 6
		for _, withELU := range []bool{false, true} {
			saved := make([]float64, GroupNormSaved(c))
			norm := func(in [][]float64) []float64 {
				y := make([]float64, hw*c)
				GroupNorm[float64]{
					Dst: y, X: in[0], Scale: in[1], Shift: in[2], Saved: saved,
					HW: hw, C: c, Group: group, ELU: withELU,
				}.Run()
				return y
			}
			shift := normal(c)
			for i := range shift { // away from the kink in the derivative of ELU
				shift[i] += float64(6 - 12*(i%2))
			}
			ops[fmt.Sprintf("groupnorm/%d/elu=%v", group, withELU)] = operator{
				inputs:  [][]float64{normal(hw * c), normal(c), shift},
				forward: norm,
				backward: func(g, in [][]float64, dy []float64) {
					y := norm(in)
					GroupNormGrad[float64]{
						DX: g[0], DScale: g[1], DShift: g[2], DY: dy, X: in[0], Y: y,
						Scale: in[1], Saved: saved,
						HW: hw, C: c, Group: group, ELU: withELU,
					}.Run()
				},
			}
		}
	}
	unary := func(x []float64, n int, forward func(y, x []float64),
		backward func(dx, dy, x, y []float64)) operator {
		value := func(in [][]float64) []float64 {
			y := make([]float64, n)
			forward(y, in[0])
			return y
		}
		return operator{
			inputs:  [][]float64{x},
			forward: value,
			backward: func(g, in [][]float64,
				dy []float64) {
				backward(g[0], dy, in[0], value(in))
			},
		}
	}
	ops["elu"] = unary(normal(33), 33, ELU[float64],
		func(dx, dy, x, y []float64) { ELUGrad(dx, dy, y) })
	const h, w, c = 7, 6, 3
	room := make([]float64, max(MaxPool5Scratch(h, w, c), AvgPool5Scratch(h, w, c)))
	arg := make([]int32, h*w*c)
	// values farther apart than the differences move them
	apart := make([]float64, h*w*c)
	for i, k := range rng.Perm(len(apart)) {
		apart[i] = float64(k) / 8
	}
	ops["maxpool5"] = unary(apart, h*w*c,
		func(y, x []float64) { MaxPool5(y, arg, img(x, h, w, c), room) },
		func(dx, dy, x, y []float64) { MaxPool5Grad(dx, dy, arg) })
	ops["avgpool5"] = unary(normal(h*w*c), h*w*c,
		func(y, x []float64) { AvgPool5(y, img(x, h, w, c), room) },
		func(dx, dy, x, y []float64) { AvgPool5Grad(dx, img(dy, h, w, c), room) })
	ops["meanpool2"] = unary(normal(h*w*c), (h/2)*(w/2)*c,
		func(y, x []float64) { MeanPool2(y, img(x, h, w, c)) },
		func(dx, dy, x, y []float64) { MeanPool2Grad(img(dx, h, w, c), dy) })
	for _, to := range [][2]int{{14, 12}, {3, 5}, {7, 6}, {1, 1}, {8, 1}} {
		ops[fmt.Sprintf("resize/%dx%d", to[0], to[1])] = unary(normal(h*w*c), to[0]*to[1]*c,
			func(y, x []float64) { Resize(img(y, to[0], to[1], c), img(x, h, w, c)) },
			func(dx, dy, x, y []float64) { ResizeGrad(img(dx, h, w, c), img(dy, to[0], to[1], c)) })
	}
	for _, t := range []int{1, 2, 3} {
		const h, w, c = 6, 12, 2
		ops[fmt.Sprintf("tiles/%d", t)] = unary(normal(h*w*c), h*w*c,
			func(y, x []float64) { Tiles(y, img(x, h, w, c), t) },
			func(dx, dy, x, y []float64) { TilesGrad(img(dx, h, w, c), dy, t) })
		ops[fmt.Sprintf("untile/%d", t)] = unary(normal(h*w*c), h*w*c,
			func(y, x []float64) { Untile(img(y, h, w, c), x, t) },
			func(dx, dy, x, y []float64) { UntileGrad(dx, img(dy, h, w, c), t) })
	}
	return ops
}

// Every gradient is the transpose of the derivative: with a direction v in all
// inputs and a cotangent u, ⟨J v, u⟩ = ⟨v, Jᵀ u⟩. J v comes from a central
// difference of fourth order at step 2⁻⁸, whose error, for values, fifth
// derivatives and directions of order one, is about δ⁴/30 < 1e-10 and rounding
// ε/δ < 1e-13, per term of the product.
func TestGradientsAreTransposes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ops := operators(rng)
	// so that directions are the same each time
	for _, name := range slices.Sorted(maps.Keys(ops)) {
		op := ops[name]
		t.Run(name, func(t *testing.T) {
			const delta = 1.0 / 256
			directions := make([][]float64, len(op.inputs))
			for i, in := range op.inputs {
				directions[i] = make([]float64, len(in))
				for j := range in {
					directions[i][j] = rng.NormFloat64()
				}
			}
			at := func(step float64) []float64 {
				moved := make([][]float64, len(op.inputs))
				for i, in := range op.inputs {
					moved[i] = make([]float64, len(in))
					for j := range in {
						moved[i][j] = in[j] + step*directions[i][j]
					}
				}
				return op.forward(moved)
			}
			p1, m1, p2, m2 := at(delta), at(-delta), at(2*delta), at(-2*delta)
			dy := make([]float64, len(p1))
			var left, size float64
			for i := range dy {
				dy[i] = rng.NormFloat64()
				derivative := (8*(p1[i]-m1[i]) - (p2[i] - m2[i])) / (12 * delta)
				left += derivative * dy[i]
				size += math.Abs(derivative * dy[i])
			}
			// Gradients are added to the old contents: start from some numbers,
			// and subtract them again.
			grads := make([][]float64, len(op.inputs))
			for i, in := range op.inputs {
				grads[i] = make([]float64, len(in))
				for j := range grads[i] {
					grads[i][j] = 0.5
				}
			}
			op.backward(grads, op.inputs, dy)
			var right float64
			for i := range grads {
				for j, g := range grads[i] {
					right += (g - 0.5) * directions[i][j]
				}
			}
			if math.Abs(left-right) > 1e-8*size {
				t.Errorf("⟨Jv,u⟩ = %.15g, ⟨v,Jᵀu⟩ = %.15g", left, right)
			}
		})
	}
}
