package format

import "bytes"

// InCOrder makes a Reader that stands before its first element read the elements in C order, last index fastest, where the file has them in
// Fortran order. It then holds the whole array in memory.
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
	r.r, r.next = &values, 0
	r.Fortran, r.BigEndian = false, false
	return nil
}
