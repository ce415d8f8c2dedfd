package format

import (
	"encoding/binary"
	"math"
	"slices"
)

type number interface {
	float32 | float64 | int32 | int64 | uint8
}

// decode sets dst[i] to element i of src, which holds len(dst) little-endian elements of type d.
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
	default:
		for i := range dst {
			dst[i] = T(src[i])
		}
	}
}

// encode appends the elements of src to dst as little-endian elements of type d.
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
	default:
		for _, v := range src {
			dst = append(dst, byte(v))
		}
	}
	return dst
}

// swap turns the byte order of every element of b around, in place.
func swap(b []byte, size int) {
	switch size {
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

// chunk is how many bytes of elements are converted at a time.
const chunk = 1 << 17
