package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBlockSums compares sums of blocks with the sums written out, number by
// number. All implementations have the same bits. Numbers that no slot names
// keep their values.
func TestBlockSums(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, sums := range []int{1, 2, 5, 33} {
			for _, each := range []int{1, 2, 3, 6} {
				factors, blocks := make([]float64, 11), make([]float64, 4*9)
				for i := range factors {
					factors[i] = rng.NormFloat64()
				}
				for i := range blocks {
					blocks[i] = rng.NormFloat64()
				}
				values := make([]float64, 4*sums+3)
				for i := range values {
					values[i] = math.NaN()
				}
				want := slices.Clone(values)
				var slots []int32
				for _, i := range rng.Perm(len(values))[:4*sums] {
					slots = append(slots, int32(i))
				}
				terms := make([]BlockTerm, sums*each)
				for i := range terms {
					terms[i] = BlockTerm{int32(rng.IntN(11)), int32(rng.IntN(4*9 - 3))}
				}
				for k, slot := range slots {
					sum := 0.0
					for _, term := range terms[k/4*each:][:each] {
						sum += float64(factors[term.Factor] * blocks[int(term.Block)+k%4])
					}
					want[slot] = sum
				}
				NewBlockSums(slots, terms).SumTo(values, factors, blocks)
				close64(t, fmt.Sprintf("%d sums of %d terms", sums, each), values, want, 0,
					func(int) float64 { return 0 })
			}
		}
	})
}

func TestBlockSumsRefuses(t *testing.T) {
	slots, terms := []int32{3, 2, 1, 0}, []BlockTerm{{2, 4}, {0, 0}}
	good := NewBlockSums(slots, terms)
	x := make([]float64, 8)
	good.SumTo(x[:4], x[:3], x)
	for name, call := range map[string]func(){
		"no sums":        func() { NewBlockSums(nil, nil) },
		"uneven":         func() { NewBlockSums(make([]int32, 8), make([]BlockTerm, 3)) },
		"negative":       func() { NewBlockSums(slots, []BlockTerm{{0, -1}}) },
		"negative place": func() { NewBlockSums([]int32{0, 1, 2, -1}, terms) },
		"values":         func() { good.SumTo(x[:3], x[:3], x) },
		"factors":        func() { good.SumTo(x[:4], x[:2], x) },
		"blocks":         func() { good.SumTo(x[:4], x[:3], x[:7]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: accepted", name)
				}
			}()
			call()
		}()
	}
}
