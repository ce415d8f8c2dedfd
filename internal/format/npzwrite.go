package format

import (
	"archive/zip"
	"fmt"
	"io"
	"time"
)

// zipEpoch is the time stamp of every entry, the first that zip can express, so
// that the bytes of a file depend on nothing but its arrays.
var zipEpoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// NPZWriter writes a .npz file, array by array in the order of the calls.
type NPZWriter struct {
	zip     *zip.Writer
	method  uint16
	written map[string]bool
	last    *Writer
}

// NewNPZWriter starts a .npz file on w. Arrays are stored, or deflated if
// compress is set. Measured and simulated fields hardly shrink, so compression
// is useful only for data that is mostly constant.
func NewNPZWriter(w io.Writer, compress bool) *NPZWriter {
	method := zip.Store
	if compress {
		method = zip.Deflate
	}
	return &NPZWriter{zip: zip.NewWriter(w), method: method, written: map[string]bool{}}
}

// create begins an entry with a fixed time stamp.
func (z *NPZWriter) create(name string) (io.Writer, error) {
	if name == "" || len(name)+len(".npy") > maxName || z.written[name] {
		panic(fmt.Sprintf("format: array name %q is empty, too long or used twice", name))
	}
	if err := z.finish(); err != nil {
		return nil, err
	}
	z.written[name] = true
	return z.zip.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: z.method,
		Modified: zipEpoch})
}

// finish checks that the last streamed array is complete.
func (z *NPZWriter) finish() error {
	if z.last == nil {
		return nil
	}
	err := z.last.Close()
	z.last = nil
	return err
}

// Write appends an array. It panics if the name is empty or was used before.
func (z *NPZWriter) Write(name string, a *Array) error {
	w, err := z.create(name)
	if err != nil {
		return err
	}
	return WriteNPY(w, a)
}

// Create begins an array of Float32 or Float64, which is written in pieces
// through the returned Writer. The Writer is valid until the next call of a
// method of z. Create panics if the name is empty or was used before.
//
// The number of elements is known from the shape, so that a missing one is an
// error at the next call, not a short file.
func (z *NPZWriter) Create(name string, d DType, shape ...int) (*Writer, error) {
	w, err := z.create(name)
	if err != nil {
		return nil, err
	}
	z.last, err = NewWriter(w, d, shape...)
	return z.last, err
}

// Close finishes the file, which cannot be read without this. It does not close
// the underlying writer.
func (z *NPZWriter) Close() error {
	if err := z.finish(); err != nil {
		return err
	}
	return z.zip.Close()
}

// Named is an array with its name.
type Named struct {
	Name  string
	Array *Array
}

// WriteNPZ writes arrays without compression, in the given order.
//
// The order of the arguments is the order in the file: a map would have a
// random one.
func WriteNPZ(w io.Writer, arrays ...Named) error {
	z := NewNPZWriter(w, false)
	for _, a := range arrays {
		if err := z.Write(a.Name, a.Array); err != nil {
			return err
		}
	}
	return z.Close()
}
