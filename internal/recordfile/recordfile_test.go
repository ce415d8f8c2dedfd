package recordfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/filelock"
	"csdm/internal/identity"
)

// TestStore checks that draws survive truncation of the file and damage at its
// end, and that only a run with the same identity reads them.
func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "draws")
	samples := make([]float64, 6)
	id := func(k int) identity.Identity {
		return identity.New("test", 1).Add("sigma", k).Identity()
	}
	overwrite := false
	open := func(k int) (*Records, error) {
		clear(samples)
		return Open(path, samples, 2, id(k), overwrite, func(string) {})
	}
	head := len(headOf(id(1)))
	s, err := open(1)
	if err != nil || s.Len() != 0 {
		t.Fatal(s, err)
	}
	if _, err := open(1); !isHeld(err) {
		t.Errorf("two processes have the file: %v", err)
	}
	if err := errors.Join(s.Append([]float64{1, 2}), s.Append([]float64{3, 4})); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := open(2); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "sigma: 1 in the file, 2 in this call") {
		t.Errorf("draws of another job: %v", err)
	}
	if n := Count(path, 2); n != 2 {
		t.Errorf("%d draws are counted", n)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for end := range len(whole) + 1 { // truncated, or zeros from end on, as after a power failure
		zeros := append(whole[:end:end], make([]byte, len(whole)-end)...)
		for _, data := range [][]byte{whole[:end], zeros} {
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			want := max(0, end-head) / 20
			s, err := open(1)
			if err != nil {
				t.Fatal(err)
			}
			if s.Len() != want || want == 1 && !reflect.DeepEqual(samples,
				[]float64{1, 2, 0, 0, 0, 0}) {
				t.Errorf("%d bytes of %d: %d draws, %v", end, len(whole), s.Len(), samples)
			}
			for s.Len() < 3 {
				if err := s.Append([]float64{5, 6}); err != nil {
					t.Fatal(err)
				}
			}
			s.Close()
			if s, err = open(1); err != nil || s.Len() != 3 || samples[5] != 6 {
				t.Errorf("after it resumed: %v %v", samples, err)
			}
			s.Close()
		}
	}
	for what, data := range map[string][]byte{"of another identity": whole,
		"of an earlier version": append(bytes.Repeat([]byte{7}, 32), make([]byte, 40)...)} {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := open(3); cli.Code(err) != cli.ExitExists {
			t.Errorf("a file %s: %v", what, err)
		}
		if there, err := os.ReadFile(path); err != nil || !bytes.Equal(there, data) {
			t.Errorf("a file %s was changed", what)
		}
		overwrite = true
		s, err := open(3)
		if err != nil || s.Len() != 0 {
			t.Fatalf("overwriting a file %s: %v", what, err)
		}
		if err := s.Append([]float64{5, 6}); err != nil {
			t.Fatal(err)
		}
		s.Close()
		overwrite = false
		if s, err = open(3); err != nil || s.Len() != 1 || samples[0] != 5 {
			t.Errorf("after overwriting a file %s: %v", what, err)
		}
		s.Close()
	}
}

// isHeld reports whether err is due to a lock that another process holds.
func isHeld(err error) bool {
	_, held := errors.AsType[*filelock.HeldError](err)
	return held
}
