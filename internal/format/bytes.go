package format

import (
	"encoding/binary"
	"math"
	"slices"
)

// number is a type in which an Array holds elements.
type number interface {
	float32 | float64 | int32 | int64 | uint8
}

// decode sets dst[i] to element i of src, or to its real part if the elements
// are complex. src holds len(dst) little-endian elements of type d.
//
// The switch is outside of the loops, so that each loop converts at the speed
// of memory.
func decode[T number](dst []T, src []byte, d DType) {
	le := binary.LittleEndian
	switch d {
	case Float32:
		for i := range dst {
			dst[i] = T(math.Float32frombits(le.Uint32(src[4*i:])))
		}
	case Float64:
		for i := range dst {
			dst[i] = T(math.Float64frombits(le.Uint64(src[8*i:])))
		}
	case Int32:
		for i := range dst {
			dst[i] = T(int32(le.Uint32(src[4*i:])))
		}
	case Int64:
		for i := range dst {
			dst[i] = T(int64(le.Uint64(src[8*i:])))
		}
	case Int8:
		for i := range dst {
			dst[i] = T(int8(src[i]))
		}
	case Int16:
		for i := range dst {
			dst[i] = T(int16(le.Uint16(src[2*i:])))
		}
	case Uint16:
		for i := range dst {
			dst[i] = T(le.Uint16(src[2*i:]))
		}
	case Uint32:
		for i := range dst {
			dst[i] = T(le.Uint32(src[4*i:]))
		}
	case Uint64:
		for i := range dst {
			dst[i] = T(le.Uint64(src[8*i:]))
		}
	case Float16:
		for i := range dst {
			dst[i] = T(fromHalf(le.Uint16(src[2*i:])))
		}
	case Complex64:
		for i := range dst {
			dst[i] = T(math.Float32frombits(le.Uint32(src[8*i:])))
		}
	case Complex128:
		for i := range dst {
			dst[i] = T(math.Float64frombits(le.Uint64(src[16*i:])))
		}
	default:
		for i := range dst {
			dst[i] = T(src[i])
		}
	}
}

// encode appends the elements of src to dst as little-endian elements of type
// d.
//
// Of the types that an Array does not hold only Float16 is written.
func encode[T number](dst []byte, src []T, d DType) []byte {
	le := binary.LittleEndian
	dst = slices.Grow(dst, len(src)*d.Size())
	switch d {
	case Float32:
		for _, v := range src {
			dst = le.AppendUint32(dst, math.Float32bits(float32(v)))
		}
	case Float64:
		for _, v := range src {
			dst = le.AppendUint64(dst, math.Float64bits(float64(v)))
		}
	case Int32:
		for _, v := range src {
			dst = le.AppendUint32(dst, uint32(int32(v)))
		}
	case Int64:
		for _, v := range src {
			dst = le.AppendUint64(dst, uint64(int64(v)))
		}
	case Float16:
		for _, v := range src {
			dst = le.AppendUint16(dst, toHalf(float32(v)))
		}
	default:
		for _, v := range src {
			dst = append(dst, byte(v))
		}
	}
	return dst
}

// checkElements returns an *Error for a bool that is neither 0 nor 1, and for a
// complex number that is not real, in the little-endian elements b of type d at
// byte at of the file.
//
// A byte of a bool other than 0 or 1 is damage: NumPy writes no other. An
// imaginary part that is not zero would be lost without a word.
func checkElements(b []byte, d DType, at int64) error {
	switch part := d.part(); {
	case d == Bool:
		for i, v := range b {
			if v > 1 {
				return badAt(at+int64(i), "a bool of %d", v)
			}
		}
	case part != 0:
		for i := 0; i < len(b); i += d.Size() {
			var imaginary [1]float64
			decode(imaginary[:], b[i+part.Size():], part)
			if imaginary[0] != 0 {
				return badAt(at+int64(i),
					"holds complex numbers, such as one with imaginary part %v, where real ones "+
						"are expected: save real and imaginary parts as two arrays", imaginary[0])
			}
		}
	}
	return nil
}

// swap reverses the byte order of every element of b, in place.
//
// A complex number is swapped in its two parts.
func swap(b []byte, d DType) {
	size := d.Size()
	if part := d.part(); part != 0 {
		size = part.Size()
	}
	switch size {
	case 2:
		for i := 0; i+2 <= len(b); i += 2 {
			b[i], b[i+1] = b[i+1], b[i]
		}
	case 4:
		for i := 0; i+4 <= len(b); i += 4 {
			binary.LittleEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
		}
	case 8:
		for i := 0; i+8 <= len(b); i += 8 {
			binary.LittleEndian.PutUint64(b[i:], binary.BigEndian.Uint64(b[i:]))
		}
	}
}

// chunk is the number of bytes of elements that are converted at a time.
const chunk = 1 << 17
