package format

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// DType is the type of an array's elements.
type DType uint8

// The element types of an Array.
const (
	Float32 DType = iota + 1
	Float64
	Int32
	Int64
	Uint8
	Bool // one byte each, 0 or 1
)

// Further element types that files of other programs may have. An Array holds
// them in a wider type.
const (
	Int8 DType = iota + Bool + 1
	Int16
	Uint16
	Uint32
	Uint64
	Float16
	Complex64
	Complex128
)

var dtypes = [...]struct {
	name  string
	numpy string // the name in .npy headers, without the byte order
	size  int
	held  DType // the type in which an Array holds it
}{
	Float32:    {"float32", "f4", 4, Float32},
	Float64:    {"float64", "f8", 8, Float64},
	Int32:      {"int32", "i4", 4, Int32},
	Int64:      {"int64", "i8", 8, Int64},
	Uint8:      {"uint8", "u1", 1, Uint8},
	Bool:       {"bool", "b1", 1, Bool},
	Int8:       {"int8", "i1", 1, Int32},
	Int16:      {"int16", "i2", 2, Int32},
	Uint16:     {"uint16", "u2", 2, Int32},
	Uint32:     {"uint32", "u4", 4, Int64},
	Uint64:     {"uint64", "u8", 8, Float64},
	Float16:    {"float16", "f2", 2, Float32},
	Complex64:  {"complex64", "c8", 8, Float64},
	Complex128: {"complex128", "c16", 16, Float64},
}

// String returns NumPy's name of the type.
func (d DType) String() string {
	if d < 1 || int(d) >= len(dtypes) {
		return fmt.Sprintf("DType(%d)", uint8(d))
	}
	return dtypes[d].name
}

// Size returns the number of bytes of an element.
func (d DType) Size() int { return dtypes[d].size }

// part returns the type of the real and of the imaginary parts of a complex
// type, and 0 for any other.
//
// Real and imaginary parts are adjacent in the file, each with its own byte
// order.
func (d DType) part() DType {
	switch d {
	case Complex64:
		return Float32
	case Complex128:
		return Float64
	}
	return 0
}

// Array is an array of any rank in C order: the last index runs fastest. The
// slice of type DType holds the elements; the other slices are nil. Rank 0 is a
// single element.
type Array struct {
	Shape []int
	DType DType
	F32   []float32
	F64   []float64
	I32   []int32
	I64   []int64
	U8    []uint8 // Uint8, and Bool as 0 or 1
}

// Array32 returns an array that shares data. It panics if the shape has another
// number of elements.
func Array32(data []float32, shape ...int) *Array {
	mustFit(len(data), shape)
	return &Array{Shape: slices.Clone(shape), DType: Float32, F32: data}
}

// Array64 returns an array that shares data. It panics if the shape has another
// number of elements.
func Array64(data []float64, shape ...int) *Array {
	mustFit(len(data), shape)
	return &Array{Shape: slices.Clone(shape), DType: Float64, F64: data}
}

// ArrayInt64 returns an array that shares data. It panics if the shape has
// another number of elements.
func ArrayInt64(data []int64, shape ...int) *Array {
	mustFit(len(data), shape)
	return &Array{Shape: slices.Clone(shape), DType: Int64, I64: data}
}

// Scalar returns an array of rank 0.
func Scalar(v float64) *Array { return Array64([]float64{v}) }

// mustFit panics unless shape has n elements: a mistake of the caller, not of a
// file.
func mustFit(n int, shape []int) {
	if m, ok := elements(shape); !ok || m != n {
		panic(fmt.Sprintf("format: shape %v does not hold %d elements", shape, n))
	}
}

// elements returns the product of the extents. ok is false if an extent is
// negative, or if the array without its empty extents could not be addressed.
//
// The product is formed with 128 bits, so that a shape such as (2⁴⁰, 2⁴⁰)
// cannot wrap around to a small number that then passes every check. The limit,
// MaxInt/8, keeps the product with the size of an element within 64 bits.
func elements(shape []int) (n int, ok bool) {
	n, empty := 1, false
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d == 0 {
			empty = true
			continue
		}
		hi, lo := bits.Mul64(uint64(n), uint64(d))
		if hi != 0 || lo > math.MaxInt/8 {
			return 0, false
		}
		n = int(lo)
	}
	if empty {
		n = 0
	}
	return n, true
}

// Len returns the number of elements.
func (a *Array) Len() int {
	switch a.DType {
	case Float32, Float16:
		return len(a.F32)
	case Float64:
		return len(a.F64)
	case Int32:
		return len(a.I32)
	case Int64:
		return len(a.I64)
	default:
		return len(a.U8)
	}
}

// Float64 returns the elements as float64: the array's own slice if it has that
// type, otherwise a new one. Integers beyond 2⁵³ are rounded.
func (a *Array) Float64() []float64 { return elementsAs(a, a.F64) }

// Float32 returns the elements as float32: the array's own slice if it has that
// type, otherwise a new one, rounded to nearest.
func (a *Array) Float32() []float32 { return elementsAs(a, a.F32) }

// elementsAs returns the array's own slice if it has the type T, and otherwise
// converts.
func elementsAs[T float32 | float64](a *Array, own []T) []T {
	if own != nil {
		return own
	}
	dst := make([]T, a.Len())
	switch a.DType {
	case Float32, Float16:
		convert(dst, a.F32)
	case Float64:
		convert(dst, a.F64)
	case Int32:
		convert(dst, a.I32)
	case Int64:
		convert(dst, a.I64)
	default:
		convert(dst, a.U8)
	}
	return dst
}

// convert sets dst to the elements of src in another type, rounded to nearest
// where it has fewer digits.
func convert[D, S number](dst []D, src []S) {
	for i, v := range src {
		dst[i] = D(v)
	}
}

// CheckShape returns an *Error unless the array has the given shape, where −1
// stands for any extent.
func (a *Array) CheckShape(want ...int) error {
	ok := len(want) == len(a.Shape)
	for i := 0; ok && i < len(want); i++ {
		ok = want[i] < 0 || want[i] == a.Shape[i]
	}
	if ok {
		return nil
	}
	return bad("has shape %s, not %s", tuple(a.Shape), tuple(want))
}

// CheckFinite returns an *Error that names the first element that is NaN or
// infinite.
//
// NaN fails each comparison, so that !(|v| ≤ max) is true for it as well as for
// infinities. The indices in the message are the ones that a user of NumPy
// would type.
func (a *Array) CheckFinite() error {
	if i := slices.IndexFunc(a.F32, func(v float32) bool {
		return !(math.Abs(float64(v)) <= math.MaxFloat64)
	}); i >= 0 {
		return bad("element %s is %v", tuple(a.index(i)), a.F32[i])
	}
	if i := slices.IndexFunc(a.F64, func(v float64) bool {
		return !(math.Abs(v) <= math.MaxFloat64)
	}); i >= 0 {
		return bad("element %s is %v", tuple(a.index(i)), a.F64[i])
	}
	return nil
}

// CheckGaps is CheckFinite for an array with missing elements, which are NaN.
//
// An infinity is refused all the same: it is the result of a division by zero,
// not a mark of a gap.
func (a *Array) CheckGaps() error {
	return (&Array{Shape: a.Shape, DType: a.DType,
		F32: withoutNaN(a.F32), F64: withoutNaN(a.F64)}).CheckFinite()
}

// withoutNaN returns v with 0 for NaN, in new memory if there is any.
func withoutNaN[F float32 | float64](v []F) []F {
	isNaN := func(f F) bool { return f != f }
	if !slices.ContainsFunc(v, isNaN) {
		return v
	}
	v = slices.Clone(v)
	for i, f := range v {
		if isNaN(f) {
			v[i] = 0
		}
	}
	return v
}

// index returns the indices of flat element i.
//
// It divides by the extents from the last to the first, the inverse of the
// formula for the place.
func (a *Array) index(i int) []int {
	at := make([]int, len(a.Shape))
	for k := len(at) - 1; k >= 0; k-- {
		at[k] = i % a.Shape[k]
		i /= a.Shape[k]
	}
	return at
}

// tuple formats a shape as Python does, with * for any extent.
func tuple(shape []int) string {
	b := []byte{'('}
	for i, d := range shape {
		if i > 0 {
			b = append(b, ", "...)
		}
		if d < 0 {
			b = append(b, '*')
		} else {
			b = fmt.Append(b, d)
		}
	}
	if len(shape) == 1 {
		b = append(b, ',')
	}
	return string(append(b, ')'))
}
