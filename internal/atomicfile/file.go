package atomicfile

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"csdm/internal/disk"
)

// WriteFile sets the content of the file at path to data, atomically, and
// creates its folder if necessary. A file that already has this content is not
// touched. Any other existing file is an error unless overwrite is set, as for
// Write.
func WriteFile(path string, overwrite bool, data []byte) error {
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, data) {
		return nil
	}
	if err := disk.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	return Write(path, overwrite, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Exists reports whether there is an entry at path, of any kind.
func Exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
