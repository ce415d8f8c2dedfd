//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk makes the kernel refuse to let the file grow, which affects
// Write in the same way as a full disk or a spent quota.
func TestFullDisk(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	low := limit
	low.Cur = bufferSize / 2
	folder := t.TempDir()
	// The first size fails in the flush, the second in write itself.
	for _, size := range []int{bufferSize - 1, 3 * bufferSize} {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &low); err != nil {
			t.Fatal(err)
		}
		err := Write(filepath.Join(folder, "a"), false, func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Repeat("x", size))
			return err
		})
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(err, syscall.EFBIG) {
			t.Errorf("%d bytes: error %v, want EFBIG", size, err)
		}
		wantFolder(t, folder)
	}
}
