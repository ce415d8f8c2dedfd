package format

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ReadArrayFile reads one array: a .npy file, a text map (.csv, .tsv, .txt) or
// an array of a .npz file. The array of a .npz file is its only one, or the one
// named after a colon, as in "post.npz:mean". ReadArrayFile returns an *Error
// if the content does not match the name of the file, and the error of the
// operating system if there is no file.
func ReadArrayFile(path string) (a *Array, err error) {
	err = openArray(path, func(r io.Reader, size int64, text bool) error {
		if text {
			a, err = ReadCSV(r)
		} else {
			a, err = ReadNPY(r, size)
		}
		return err
	})
	return a, err
}

// openArray calls do with the bytes of the array for ReadArrayFile: text, or a
// .npy file of size bytes.
//
// A colon after .npz separates the name of an array. Paths on Windows have a
// colon too, but not after .npz.
func openArray(path string, do func(r io.Reader, size int64, text bool) error) error {
	name := ""
	if i := strings.LastIndex(path, ".npz:"); i >= 0 {
		path, name = path[:i+4], path[i+5:]
	}
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".npy", ".csv", ".tsv", ".txt":
		f, size, err := openRegular(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return within(path, "", do(f, size, ext != ".npy"))
	case ".npz":
		z, err := OpenNPZ(path)
		if err != nil {
			return err
		}
		defer z.Close()
		if name == "" {
			if len(z.names) != 1 {
				return &Error{Path: path, Offset: -1, What: "holds the arrays " +
					strings.Join(z.names, ", ") + ": name one, as in " + filepath.Base(path) +
					":NAME"}
			}
			name = z.names[0]
		}
		if err := z.fits(name); err != nil {
			return within(path, "", err)
		}
		return within(path, "", z.open(name, func(r io.Reader, size int64) error {
			return do(r, size, false)
		}))
	default:
		return &Error{Path: path, Offset: -1,
			What: "is not an array file by its name; the names end in .npy .npz .csv .tsv .txt"}
	}
}

// OpenNPZ opens a .npz file; the caller must close it. Errors of its methods
// name the array, not the file.
//
// It reads the directory at the end of the file only.
func OpenNPZ(path string) (*NPZ, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	z, err := NewNPZ(f, size)
	if err != nil {
		f.Close()
		return nil, within(path, "", err)
	}
	z.close = f
	return z, nil
}

// ReadNPZFile reads all arrays of a .npz file.
func ReadNPZFile(path string) (map[string]*Array, error) {
	z, err := OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	arrays, err := z.readAll()
	return arrays, within(path, "", err)
}

// ReadTensorsFile reads a .safetensors file.
func ReadTensorsFile(path string) (*Tensors, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := ReadTensors(f, size)
	return t, within(path, "", err)
}

// openRegular opens a file of known size. Pipes and folders have no known size.
//
// All readers need the size, to compare lengths in the file with it. A pipe has
// none, and a device may have no end.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before opening: opening a pipe may block forever
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &Error{Path: path, Offset: -1, What: "is not a regular file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}
