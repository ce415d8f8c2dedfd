package atomicfile_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"csdm/internal/atomicfile"
)

// The file appears with its whole content. A second writer of the same name is
// refused, and an error while writing leaves no file.
func ExampleWrite() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "result.txt")
	write := func(w io.Writer) error {
		_, err := io.WriteString(w, "rmse 0.02\n")
		return err
	}
	fmt.Println("first:", atomicfile.Write(path, false, write))
	err = atomicfile.Write(path, false, write)
	fmt.Println("second is refused:", errors.Is(err, fs.ErrExist))

	broken := filepath.Join(folder, "broken.txt")
	err = atomicfile.Write(broken, false, func(io.Writer) error { return io.ErrUnexpectedEOF })
	fmt.Println(errors.Is(err, io.ErrUnexpectedEOF), atomicfile.Exists(broken))
	// Output:
	// first: <nil>
	// second is refused: true
	// true false
}
