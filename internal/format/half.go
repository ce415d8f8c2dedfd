package format

import (
	"fmt"
	"maps"
	"math"
)

// fromBrain widens a bfloat16, which is the upper half of a float32.
func fromBrain(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }

// fromHalf widens an IEEE 754 binary16: 5 bits of exponent (bias 15), 10 of
// fraction.
//
// The value is (−1)^s·2^(e−15)·(1 + f/1024). In float32 the exponent has the
// bias 127, and the 10 bits of fraction become the upper ones of 23: both are
// shifts. A subnormal half, f·2⁻²⁴, is a normal float32 and is computed by a
// product. The payload of a NaN is kept.
func fromHalf(b uint16) float32 {
	sign := uint32(b>>15) << 31
	exponent, fraction := uint32(b>>10)&0x1f, uint32(b)&0x3ff
	switch exponent {
	case 0: // zero and subnormal: fraction·2⁻²⁴
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// toHalf rounds to the nearest binary16, and a tie to the even one. Values from
// 65,520 become infinite.
//
// After the bias is changed, 13 bits of fraction are too many. Adding 0xfff
// plus the last bit that stays rounds up if the dropped bits are above the
// middle, or at the middle and the last bit is 1:
//
//	(b + 0x0fff + (b >> 13 & 1)) >> 13.
//
// A carry out of the fraction increases the exponent, which is the right
// result. 65504 is the largest half and 65536 would be the next, so that the
// middle, 65520, rounds to infinity.
func toHalf(v float32) uint16 {
	b := math.Float32bits(v)
	sign, b := uint16(b>>31)<<15, b&^(1<<31)
	switch a := math.Float32frombits(b); {
	case a != a:
		return sign | 0x7e00
	case a >= 65520:
		return sign | 0x7c00
	case a < 0x1p-14: // subnormal, in units of 2⁻²⁴
		return sign | uint16(math.RoundToEven(float64(a)*0x1p24))
	}
	b -= (127 - 15) << 23
	return sign | uint16((b+0xfff+b>>13&1)>>13)
}

// MaxHalf is the first number that half precision rounds to infinity.
const MaxHalf = 65520

// Array16 returns an array that is stored in half precision. Its elements are
// values, rounded in place.
func Array16(values []float32, shape ...int) *Array {
	RoundHalf(values, values)
	a := Array32(values, shape...)
	a.DType = Float16
	return a
}

// RoundHalf sets dst to the elements of v rounded to half precision. dst may be
// v.
func RoundHalf(dst, v []float32) {
	for i, x := range v {
		dst[i] = fromHalf(toHalf(x))
	}
}

// rounded returns t with its float32 arrays rounded to half precision. It
// returns an error if a finite element becomes infinite.
//
// Infinite weights would give NaN in the first product, far from their cause.
func (t *Tensors) rounded() (*Tensors, error) {
	out := *t
	out.Arrays = maps.Clone(t.Arrays)
	for name, a := range t.Arrays {
		if a.DType != Float32 {
			continue
		}
		half := Array32(make([]float32, len(a.F32)), a.Shape...)
		RoundHalf(half.F32, a.F32)
		for i, v := range half.F32 {
			if math.IsInf(float64(v), 0) && !math.IsInf(float64(a.F32[i]), 0) {
				return nil, fmt.Errorf("format: element %d of %s is %v; half precision ends at "+
					"65504: store it in single precision", i, name, a.F32[i])
			}
		}
		out.Arrays[name] = half
	}
	return &out, nil
}
