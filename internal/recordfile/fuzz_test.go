package recordfile

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/identity"
)

// FuzzStore damages a file of finished draws. Open must then read only draws as
// they were stored, from the first one on, and more draws can be appended.
func FuzzStore(f *testing.F) {
	const dim, most = 3, 5
	path := filepath.Join(f.TempDir(), "draws")
	id := identity.New("test", 1).Add("sigma", 1).Identity()
	draw := func(j int) []float64 { return []float64{float64(j), math.Sqrt(float64(j)), -1} }
	s, err := Open(path, make([]float64, most*dim), dim, id, false, func(string) {})
	if err != nil {
		f.Fatal(err)
	}
	for j := range 3 {
		if err := s.Append(draw(j)); err != nil {
			f.Fatal(err)
		}
	}
	s.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, uint16(0), byte(0))
	f.Add(whole, uint16(50), byte(4))
	f.Add(whole[:70], uint16(69), byte(0xff))
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip byte) {
		data = append([]byte(nil), data...)
		if len(data) > 0 {
			data[int(at)%len(data)] ^= flip
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		read := func() (*Records, []float64) {
			samples := make([]float64, most*dim)
			s, err := Open(path, samples, dim, id, false, func(string) {})
			if err != nil {
				if cli.Code(err) != cli.ExitExists {
					t.Fatal(err)
				}
				return nil, nil
			}
			for j := range s.Len() {
				for k, want := range draw(j) {
					if samples[j*dim+k] != want {
						t.Fatalf("draw %d is %v, want %v", j, samples[j*dim:][:dim], draw(j))
					}
				}
			}
			return s, samples
		}
		s, _ := read()
		if s == nil {
			return
		}
		for j := s.Len(); j < 4; j++ {
			if err := s.Append(draw(j)); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
		if s, _ = read(); s == nil || s.Len() < 4 {
			t.Fatal("appended draws are missing")
		}
		s.Close()
	})
}
