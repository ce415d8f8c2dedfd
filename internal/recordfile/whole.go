package recordfile

import (
	"hash/crc32"
	"io"
	"os"

	"csdm/internal/atomicfile"
	"csdm/internal/identity"
)

// Read reads the records of the file path into values, dim each, without
// locking or changing the file. It returns the identity in the file, which is
// zero if its head is damaged, and the number of intact records before the
// first damaged one.
func Read(path string, values []float64, dim int) (id identity.Identity, n int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return id, 0, err
	}
	defer file.Close()
	s := &Records{path: path, record: make([]byte, 8*dim+crc32.Size)}
	if id, s.head, _, err = readHead(file); err != nil || id.IsZero() {
		return id, 0, err
	}
	err = s.fill(file, values, dim)
	return id, s.count, err
}

// Write writes a file with the identity id and the records in values, dim each,
// whole or not at all. An existing file with other content is an error for
// which errors.Is(err, fs.ErrExist) holds, unless overwrite is set.
func Write(path string, values []float64, dim int, id identity.Identity, overwrite bool) error {
	write := func(w io.Writer) error {
		if _, err := w.Write(headOf(id)); err != nil {
			return err
		}
		record := make([]byte, 8*dim+crc32.Size)
		for k := 0; k+dim <= len(values); k += dim {
			encode(record, values[k:k+dim])
			if _, err := w.Write(record); err != nil {
				return err
			}
		}
		return nil
	}
	if overwrite {
		return atomicfile.Write(path, true, write)
	}
	return atomicfile.WriteSame(path, write)
}

// Size returns the number of bytes of a file with the identity id and n records
// of dim values.
func Size(id identity.Identity, n, dim int) int64 {
	return int64(len(headOf(id))) + int64(n)*int64(8*dim+crc32.Size)
}
