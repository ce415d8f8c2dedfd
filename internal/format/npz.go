package format

import (
	"archive/zip"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a .npz file. A zip file can claim, and with deflate contain, far
// more than its own size. The limit is on memory, not on a ratio, because
// nearly constant fields shrink a thousandfold. Stored arrays are limited only
// by the size of the file, and streamed ones use no memory.
const (
	maxEntries     = 4096
	maxName        = 256
	maxUnpacked    = 2 << 30 // total size of deflated arrays that are read into memory at a time
	maxDeflateRate = 1032    // largest number of bytes per byte of deflate
)

// NPZ is an open .npz file: named arrays, read one at a time.
type NPZ struct {
	names []string
	files map[string]*zip.File
	close io.Closer // nil if the caller owns the bytes
}

// NewNPZ reads the directory of a .npz file of size bytes. It returns an *Error
// if the file is not a zip file, if an entry is not a .npy or appears twice, or
// if an entry claims more than its packed bytes can hold.
//
// The sizes in the directory are claims. A claim is refused if it exceeds what
// the packed bytes can hold: deflate expands by at most a factor of 1032, since
// its shortest code, one bit for a length and one for a distance, stands for up
// to 258 bytes:
//
//	258·8/2 = 1032 bytes per byte.
//
// Entries that overlap would let a small file claim the same bytes many times
// (a “zip bomb”): the sum of all packed sizes must not exceed the file.
func NewNPZ(r io.ReaderAt, size int64) (*NPZ, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		if isSystem(err) {
			return nil, err
		}
		return nil, &Error{Offset: -1, What: "is not a whole .npz file", Err: err}
	}
	if len(archive.File) > maxEntries {
		return nil, bad("holds %d entries; the limit is %d", len(archive.File), maxEntries)
	}
	z := &NPZ{files: make(map[string]*zip.File, len(archive.File))}
	var packed uint64
	for _, f := range archive.File {
		name, isNPY := strings.CutSuffix(f.Name, ".npy")
		switch {
		case len(f.Name) > maxName || !utf8.ValidString(f.Name):
			return nil, bad("holds an entry whose name is longer than %d bytes or not UTF-8",
				maxName)
		case !isNPY || name == "":
			return nil, bad("holds %q, which is no .npy array", f.Name)
		case z.files[name] != nil:
			return nil, bad("holds %q twice", f.Name)
		case f.Flags&1 != 0:
			return nil, bad("%q is encrypted", f.Name)
		case f.Method != zip.Store && f.Method != zip.Deflate:
			return nil, bad("%q is packed by method %d; only stored and deflated arrays can be "+
				"read", f.Name,
				f.Method)
		}
		// Each sum is checked as it grows, so neither can overflow.
		if f.CompressedSize64 > uint64(size)-packed {
			return nil, bad("entries overlap or run beyond the end of the file, from %q on", f.Name)
		}
		packed += f.CompressedSize64
		most := f.CompressedSize64
		if f.Method == zip.Deflate {
			most *= maxDeflateRate
		}
		if f.UncompressedSize64 > most || f.Method == zip.Store && f.UncompressedSize64 != most {
			return nil, bad("%q claims %d bytes, which %d packed bytes cannot hold", f.Name,
				f.UncompressedSize64, f.CompressedSize64)
		}
		if other, err := otherName(r, f); err != nil {
			return nil, err
		} else if other != "" {
			return nil, bad("calls one entry %q and %q: it is damaged", f.Name, other)
		}
		z.names = append(z.names, name)
		z.files[name] = f
	}
	return z, nil
}

// otherName returns the name in front of the data of an entry if it differs
// from the name in the directory. A zip file has a checksum for contents but
// not for names, which it stores twice. A name after more than maxExtra bytes
// of other programs' data is not compared.
//
// The local header has 30 bytes, the name, and extra data, before the entry's
// data. It is searched from the data backwards, because only the end of it is
// known from the directory.
func otherName(r io.ReaderAt, f *zip.File) (string, error) {
	const fixed, maxExtra = 30, 512 // bytes of a local header before its name, and after it
	end, err := f.DataOffset()
	if err != nil && isSystem(err) {
		return "", err
	} else if err != nil {
		return "", &Error{Entry: f.Name, Offset: -1,
			What: "is not where the directory of the file says", Err: err}
	}
	n := len(f.Name)
	header := make([]byte, min(end, int64(fixed+n+maxExtra)))
	if _, err := r.ReadAt(header, end-int64(len(header))); err != nil {
		return "", readError(0, 0, end, err)
	}
	for ; len(header) >= fixed+n; header = header[1:] {
		sizes := header[26:]
		named, extra := binary.LittleEndian.Uint16(sizes), binary.LittleEndian.Uint16(sizes[2:])
		if string(header[:4]) == "PK\x03\x04" && int(named) == n &&
			int(extra) == len(header)-fixed-n {
			if name := string(header[fixed : fixed+n]); name != f.Name {
				return name, nil
			}
			return "", nil
		}
	}
	return "", nil
}

// Names returns the names of the arrays, without ".npy", in the order of the
// file.
func (z *NPZ) Names() []string { return slices.Clone(z.names) }

// Has reports whether there is an array of that name.
func (z *NPZ) Has(name string) bool { return z.files[name] != nil }

// Read returns an array.
func (z *NPZ) Read(name string) (*Array, error) {
	if err := z.fits(name); err != nil {
		return nil, err
	}
	var a *Array
	err := z.open(name, func(r io.Reader, size int64) (err error) {
		a, err = ReadNPY(r, size)
		return err
	})
	return a, err
}

// fits returns an *Error if the deflated arrays among the given names are too
// large to unpack into memory together. Missing names are ignored.
//
// Deflated data is all that can exceed the file's size. The subtraction
// maxUnpacked − unpacked stays positive, since each step has checked it.
func (z *NPZ) fits(names ...string) error {
	var unpacked uint64
	for _, name := range names {
		f := z.files[name]
		if f == nil || f.Method != zip.Deflate {
			continue
		}
		if f.UncompressedSize64 > maxUnpacked-unpacked { // this form cannot overflow
			return bad("%q unpacks to more than %.3g GB, the limit of data unpacked into "+
				"memory; save without compression (numpy.savez) if you trust the file",
				name, maxUnpacked/1e9)
		}
		unpacked += f.UncompressedSize64
	}
	return nil
}

// Header returns type and shape of an array without reading its elements. Its
// offset has no meaning in a zip file.
func (z *NPZ) Header(name string) (*Header, error) {
	var h *Header
	err := z.open(name, func(r io.Reader, size int64) (err error) {
		h, err = ReadHeader(r, size)
		return err
	})
	return h, err
}

// Stream calls do with a Reader of an array, which may be larger than memory.
// If do returns nil, it has read all elements; otherwise Stream returns an
// error.
func (z *NPZ) Stream(name string, do func(*Reader) error) error {
	return z.open(name, func(r io.Reader, size int64) error {
		in, err := NewReader(r, size)
		if err != nil {
			return err
		}
		if err := do(in); err != nil {
			return err
		}
		return in.Close()
	})
}

// open calls do with the unpacked bytes of an array. Errors get its name.
func (z *NPZ) open(name string, do func(r io.Reader, size int64) error) error {
	f := z.files[name]
	if f == nil {
		return bad("holds no array %q; it holds %s", name, strings.Join(z.names, ", "))
	}
	r, err := f.Open()
	if err == nil {
		defer r.Close()
		err = do(r, int64(f.UncompressedSize64))
	} else if !isSystem(err) {
		err = &Error{Offset: -1, What: "cannot be unpacked", Err: err}
	}
	return within("", name, err)
}

// Close closes the file that OpenNPZ opened.
func (z *NPZ) Close() error {
	if z.close == nil {
		return nil
	}
	return z.close.Close()
}

// ReadNPZ reads all arrays of a .npz file of size bytes.
func ReadNPZ(r io.ReaderAt, size int64) (map[string]*Array, error) {
	z, err := NewNPZ(r, size)
	if err != nil {
		return nil, err
	}
	return z.readAll()
}

// readAll reads all arrays, if they fit into memory together.
func (z *NPZ) readAll() (map[string]*Array, error) {
	if err := z.fits(z.names...); err != nil {
		return nil, err
	}
	arrays := make(map[string]*Array, len(z.names))
	for _, name := range z.names {
		a, err := z.Read(name)
		if err != nil {
			return nil, err
		}
		arrays[name] = a
	}
	return arrays, nil
}
