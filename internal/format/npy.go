package format

import (
	"fmt"
	"io"
)

// ReadNPY reads a .npy file of size bytes. The array is in C order whatever the
// order in the file. Types that Array does not have become wider: Int8, Int16
// and Uint16 become Int32; Uint32 becomes Int64; Float16 becomes Float32;
// Uint64 becomes Float64, rounded beyond 2⁵³; complex types become their real
// type, and their numbers must be real. ReadNPY needs at most four times the
// memory of the file, and twice that for Fortran order.
func ReadNPY(r io.Reader, size int64) (*Array, error) {
	in, err := NewReader(r, size)
	if err != nil {
		return nil, err
	}
	a, err := in.array()
	if err != nil {
		return nil, err
	}
	if err := in.Close(); err != nil {
		return nil, err
	}
	return a, nil
}

// array reads all elements.
//
// The type is the one in which an Array holds the elements, wider than the
// file's if the table dtypes has it so.
func (r *Reader) array() (a *Array, err error) {
	a = &Array{Shape: r.Shape, DType: dtypes[r.DType].held}
	switch n := r.Len(); a.DType {
	case Float32:
		a.F32, err = readAll[float32](r, n)
	case Float64:
		a.F64, err = readAll[float64](r, n)
	case Int32:
		a.I32, err = readAll[int32](r, n)
	case Int64:
		a.I64, err = readAll[int64](r, n)
	default:
		a.U8, err = readAll[uint8](r, n)
	}
	return a, err
}

// readAll reads n elements and brings them to C order.
func readAll[T number](in *Reader, n int) ([]T, error) {
	dst := make([]T, n)
	if err := readElements(in, dst); err != nil {
		return nil, err
	}
	if in.Fortran && len(in.Shape) > 1 {
		dst = toCOrder(dst, in.Shape)
	}
	return dst, nil
}

// toCOrder returns the elements of src, whose first index runs fastest, with
// the last index fastest.
//
// It counts through the indices in C order like an odometer, and carries the
// place in src along: a step of index k adds stride_k, and its return to 0
// subtracts d_k·stride_k. No index is divided.
func toCOrder[T any](src []T, shape []int) []T {
	dst := make([]T, len(src))
	stride := make([]int, len(shape)) // in src
	s := 1
	for k, d := range shape {
		stride[k] = s
		s *= d
	}
	at, from := make([]int, len(shape)), 0
	for i := range dst {
		dst[i] = src[from]
		for k := len(shape) - 1; k >= 0; k-- { // count up, last index first
			at[k]++
			from += stride[k]
			if at[k] < shape[k] {
				break
			}
			from -= at[k] * stride[k]
			at[k] = 0
		}
	}
	return dst
}

// Reader reads the elements of a .npy file in runs, through a buffer of
// constant size.
type Reader struct {
	Header
	r    io.Reader
	buf  []byte
	next int // number of the next element
}

// NewReader reads the header of a .npy file of size bytes (see ReadHeader). The
// Reader is then at the first element.
func NewReader(r io.Reader, size int64) (*Reader, error) {
	h, err := ReadHeader(r, size)
	if err != nil {
		return nil, err
	}
	return &Reader{Header: *h, r: r, buf: make([]byte, min(chunk, h.Len()*h.DType.Size()))}, nil
}

// Float64 sets dst to the next len(dst) elements, in the order of the file. It
// panics if fewer elements are left.
func (r *Reader) Float64(dst []float64) error { return readElements(r, dst) }

// Float32 does the same as Float64, rounding to nearest.
func (r *Reader) Float32(dst []float32) error { return readElements(r, dst) }

// Close returns an error if elements were left unread or if the source does not
// end after them. If the source is compressed, this verifies its checksum.
// Close does not close the source.
//
// The check of the end needs a read: a zip entry verifies its checksum only
// when it reports the end.
func (r *Reader) Close() error {
	if left := r.Len() - r.next; left > 0 {
		return fmt.Errorf("format: %d elements of the array were left unread", left)
	}
	var one [1]byte
	n, err := r.r.Read(one[:])
	for n == 0 && err == nil {
		n, err = r.r.Read(one[:])
	}
	end := r.DataOffset + int64(r.Len())*int64(r.DType.Size())
	if n > 0 {
		return badAt(end, "continues after its array")
	}
	if err == io.EOF {
		return nil
	}
	return readError(0, 0, end, err)
}

// readElements reads the next len(dst) elements through the buffer: bytes,
// order of bytes, check, conversion.
func readElements[T number](r *Reader, dst []T) error {
	if len(dst) > r.Len()-r.next {
		panic(fmt.Sprintf("format: read of %d elements, but %d are left", len(dst),
			r.Len()-r.next))
	}
	size := r.DType.Size()
	for len(dst) > 0 {
		n := min(len(dst), len(r.buf)/size)
		b := r.buf[:n*size]
		at := r.DataOffset + int64(r.next)*int64(size)
		if err := readFull(r.r, b, at); err != nil {
			return err
		}
		if r.BigEndian {
			swap(b, r.DType)
		}
		if err := checkElements(b, r.DType, at); err != nil {
			return err
		}
		decode(dst[:n], b, r.DType)
		dst = dst[n:]
		r.next += n
	}
	return nil
}

// Float64At sets dst to elements first, first+1, … in the order of the file,
// which it reads from r. buf is scratch memory: if it has 8·len(dst) bytes,
// nothing is allocated and r is read once. Float64At panics if there are not
// enough elements.
func (h *Header) Float64At(dst []float64, r io.ReaderAt, first int, buf []byte) error {
	return elementsAt(h, dst, r, first, buf)
}

// Float32At does the same as Float64At, rounding to nearest.
func (h *Header) Float32At(dst []float32, r io.ReaderAt, first int, buf []byte) error {
	return elementsAt(h, dst, r, first, buf)
}

// elementsAt is readElements at any element of a file that can be read at any
// place. Several goroutines may call it with buffers of their own.
func elementsAt[T number](h *Header, dst []T, r io.ReaderAt, first int, buf []byte) error {
	if first < 0 || len(dst) > h.Len()-first {
		panic(fmt.Sprintf("format: read of elements [%d, %d) of %d", first, first+len(dst),
			h.Len()))
	}
	size := h.DType.Size()
	if len(buf) < size {
		buf = make([]byte, max(size, min(chunk, len(dst)*size)))
	}
	for len(dst) > 0 {
		n := min(len(dst), len(buf)/size)
		b := buf[:n*size]
		at := h.DataOffset + int64(first)*int64(size)
		if m, err := r.ReadAt(b, at); m < len(b) {
			return readError(m, len(b), at, err)
		}
		if h.BigEndian {
			swap(b, h.DType)
		}
		if err := checkElements(b, h.DType, at); err != nil {
			return err
		}
		decode(dst[:n], b, h.DType)
		dst = dst[n:]
		first += n
	}
	return nil
}

// WriteNPY writes a as a .npy file, with the same bytes as NumPy.
func WriteNPY(w io.Writer, a *Array) error {
	mustFit(a.Len(), a.Shape)
	if _, err := w.Write(AppendHeader(nil, a.DType, a.Shape...)); err != nil {
		return err
	}
	return writeArray(w, a)
}

// writeArray writes the elements of a, little-endian.
func writeArray(w io.Writer, a *Array) error {
	switch a.DType {
	case Float32, Float16:
		return writeElements(w, a.F32, a.DType, nil)
	case Float64:
		return writeElements(w, a.F64, a.DType, nil)
	case Int32:
		return writeElements(w, a.I32, a.DType, nil)
	case Int64:
		return writeElements(w, a.I64, a.DType, nil)
	default:
		return writeElements(w, a.U8, a.DType, nil)
	}
}

// writeElements writes elements in chunks, so that memory does not grow with
// the array.
func writeElements[T number](w io.Writer, src []T, d DType, buf []byte) error {
	for len(src) > 0 {
		n := min(len(src), chunk/d.Size())
		buf = encode(buf[:0], src[:n], d)
		if _, err := w.Write(buf); err != nil {
			return err
		}
		src = src[n:]
	}
	return nil
}

// Writer writes a .npy file of known shape in runs of elements.
type Writer struct {
	w     io.Writer
	dtype DType
	left  int
	buf   []byte
}

// NewWriter writes the header of an array of type d: Float16, Float32 or
// Float64. The Writer is then at the first element.
func NewWriter(w io.Writer, d DType, shape ...int) (*Writer, error) {
	if d != Float16 && d != Float32 && d != Float64 {
		panic(fmt.Sprintf("format: a Writer needs Float16, Float32 or Float64, not %v", d))
	}
	if _, err := w.Write(AppendHeader(nil, d, shape...)); err != nil {
		return nil, err
	}
	n, _ := elements(shape)
	return &Writer{w: w, dtype: d, left: n, buf: make([]byte, 0, min(chunk, n*d.Size()))}, nil
}

// Float64 writes the next len(src) elements, rounded to nearest if the file has
// another type. It panics if the shape has fewer elements left.
func (w *Writer) Float64(src []float64) error { return writeNext(w, src) }

// Float32 writes the next len(src) elements. It panics if the shape has fewer
// elements left.
func (w *Writer) Float32(src []float32) error { return writeNext(w, src) }

// writeNext writes elements and counts them against the shape.
func writeNext[T number](w *Writer, src []T) error {
	if len(src) > w.left {
		panic(fmt.Sprintf("format: write of %d elements, but %d are left", len(src), w.left))
	}
	w.left -= len(src)
	return writeElements(w.w, src, w.dtype, w.buf)
}

// Close returns an error if fewer elements were written than the shape has. It
// does not close the file.
func (w *Writer) Close() error {
	if w.left > 0 {
		return fmt.Errorf("format: %d elements of the array were not written", w.left)
	}
	return nil
}
