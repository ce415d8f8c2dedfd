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
package format
