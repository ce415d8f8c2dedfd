package format

import (
	"bytes"
	"io"
	"testing"
)

// BenchmarkNPY reads and writes a posterior of 10,000 draws at 28×28 in
// float32. It runs at the speed of memory, not of the disk.
func BenchmarkNPY(b *testing.B) {
	a := Array32(make([]float32, 10_000*28*28), 10_000, 28, 28)
	var file bytes.Buffer
	if err := WriteNPY(&file, a); err != nil {
		b.Fatal(err)
	}
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			if _, err := readNPY(file.Bytes()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			if err := WriteNPY(io.Discard, a); err != nil {
				b.Fatal(err)
			}
		}
	})
}
