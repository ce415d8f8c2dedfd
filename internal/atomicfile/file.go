package atomicfile

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"csdm/internal/disk"
)

// WriteFile makes the file path hold data, atomically, and creates its folder
// if needed. A file that already holds data is left untouched. Any other
// existing file is an error unless overwrite is set, as for Write.
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
