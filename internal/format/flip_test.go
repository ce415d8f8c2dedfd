package format

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestFlipsOfAFileAreItsFault flips each bit of a .npz file: a resulting error
// is a fault of the file, never of the disk.
func TestFlipsOfAFileAreItsFault(t *testing.T) {
	var b bytes.Buffer
	if err := WriteNPZ(&b, Named{"a", Array64([]float64{1, 2}, 2)},
		Named{"b", Scalar(3)}); err != nil {
		t.Fatal(err)
	}
	path, failed := filepath.Join(t.TempDir(), "a.npz"), 0
	for bit := range 8 * b.Len() {
		file := bytes.Clone(b.Bytes())
		file[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadNPZFile(path); err != nil {
			failed++
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("bit %d of byte %d: %v", bit%8, bit/8, err)
			}
		}
	}
	if failed < 4*b.Len() {
		t.Errorf("%d of %d flips are seen", failed, 8*b.Len())
	}
}
