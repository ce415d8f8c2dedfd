package format

import "bytes"

// InCOrder makes a Reader at its first element read the elements in C order,
// last index fastest, if the file has them in Fortran order. It then holds the
// whole array in memory, in the type of an Array.
//
// A transposition needs all elements: the last element in C order may be the
// first in the file. A vector has the same order in both.
func (r *Reader) InCOrder() error {
	if !r.Fortran || len(r.Shape) < 2 {
		return nil
	}
	a, err := r.array()
	if err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	var values bytes.Buffer
	if err := writeArray(&values, a); err != nil {
		return err
	}
	r.DType, r.Fortran, r.BigEndian = a.DType, false, false
	r.r, r.next, r.buf = &values, 0, make([]byte, min(chunk, values.Len()))
	return nil
}
