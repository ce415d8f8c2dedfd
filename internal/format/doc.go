// Package format reads and writes the files that csdm shares with other
// programs: arrays as NumPy .npy and .npz, weights as .safetensors, and maps as
// text (.csv).
//
// Input may be malformed or cut short. Each reader is given the number of
// bytes. It checks every length in the file against this number before it
// allocates, and refuses content that it does not fully understand. A fault of
// the content is an *Error that names the place and the fault. An error of the
// disk is returned unchanged, so that a caller can distinguish bad data from
// bad hardware.
//
// Output is little-endian and in C order, and a function of the values alone:
// the same arrays give identical output. Writers take an io.Writer. Package
// atomicfile makes a file appear completely or not at all.
//
// # Arrays
//
// An Array is a shape, an element type and a flat slice in C order (last index
// fastest). Array32 and Array64 wrap slices without copying. Float32 and
// Float64 return the elements in the requested type.
//
//	a, err := format.ReadArrayFile("y.npy")
//	if err == nil { err = a.CheckShape(1, 28, 28) }
//	if err == nil { err = a.CheckFinite() }
//	y := a.Float64()
//
// For files larger than memory, Header contains the position of every element
// for ReadAt, and Reader and Writer move elements through a buffer of constant
// size.
//
// # Why these readers are our own
//
// The .npy reader is not from a library, because the existing libraries trust
// their input. They allocate the size that the header claims, index past the
// end of malformed headers, and take the end of the file for the end of the
// array, so that a truncated file reads as zeros. Checking their input would
// need the same parsing of the header, which is most of a reader. Zip and JSON
// come from the standard library.
//
// # Layouts
//
// A .npy file is
//
//	\x93NUMPY  major minor  length (2 or 4 bytes)  dictionary  spaces \n  data
//
// where the dictionary is Python text with type, order and shape, and the
// elements begin at a multiple of 64 bytes (NEP 1). A .npz file is a zip file
// of .npy files. A .safetensors file is
//
//	length (8 bytes)  JSON  padding  elements
//
// and its JSON gives type, shape and range of bytes for each name. A NetCDF-3
// file has a binary header with the names of axes, and big-endian arrays after
// it.
//
// With shape (d_0, …, d_{r−1}) and C order, element (i_0, …, i_{r−1}) is at
// place
//
//	((i_0·d_1 + i_1)·d_2 + i_2)·… + i_{r−1},
//
// in Fortran order at i_0 + d_0·(i_1 + d_1·(i_2 + …)).
//
// # What is checked
//
// Tests read files that NumPy wrote and compare output byte by byte. Each file
// cut at any byte, and each with a flipped bit, is refused or gives the values
// that were written. Fuzzers hold that no bytes cause a panic, or memory out of
// proportion to the file.
package format
