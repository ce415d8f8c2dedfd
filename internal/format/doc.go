// Package format reads and writes the files that csdm shares with other
// programs: arrays as NumPy .npy and .npz, weights as .safetensors, and maps as
// text (.csv).
//
// Whatever is read may be hostile or cut short. Each reader is told how many
// bytes there are, checks every length in the file against that number before
// it allocates, and refuses what it does not fully understand: what is wrong
// with the content of a file comes back as an *Error that says where and what.
// An error of the disk itself is passed on as it is, so that a caller can tell
// bad data from bad hardware.
//
// What is written is little-endian and in C order, a function of the values
// alone: the same arrays give the same bytes. Writers take an io.Writer; to
// make a file appear whole or not at all is the caller's affair (package
// atomicfile).
//
// # Arrays
//
// An Array is a shape, an element type and a flat slice in C order (last index
// fastest). Array32 and Array64 wrap slices without copying, Float32 and
// Float64 give the elements back in the type wanted.
//
//	a, err := format.ReadArrayFile("y.npy")
//	if err == nil { err = a.CheckShape(1, 28, 28) }
//	if err == nil { err = a.CheckFinite() }
//	y := a.Float64()
//
// For files larger than memory, Header gives the place of every element for
// ReadAt, and Reader and Writer move elements through a buffer of constant
// size.
//
// # Why these readers are our own
//
// The .npy reader is written here rather than taken from a library because the
// ones that exist trust their input: they allocate what the header claims,
// index past the end of malformed headers, and take the end of the file for the
// end of the array, so that a truncated file reads as zeros. To fence that in
// needs the same parsing of the header that is most of a reader. Zip and JSON
// come from the standard library.
package format
