package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func content(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// wantFolder fails unless folder holds exactly the named files, so that
// leftover files are detected.
func wantFolder(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the folder holds %v, want %v", got, want)
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", filepath.Base(path), got, err, want)
	}
}

func TestWriteNewRefuseAndOverwrite(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a")
	long := strings.Repeat("0123456789", bufferSize/5) // more than a buffer
	if err := Write(path, false, content(long)); err != nil {
		t.Fatal(err)
	}
	wantContent(t, path, long)

	called := false
	err := Write(path, false, func(io.Writer) error { called = true; return nil })
	if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("an existing file: error %v", err)
	}
	if called {
		t.Error("an existing file was refused only after the work was done")
	}
	wantContent(t, path, long)

	if err := Write(path, true, content("second")); err != nil {
		t.Fatal(err)
	}
	wantContent(t, path, "second")
	wantFolder(t, folder, "a")

	if err := Write(filepath.Join(folder, "none", "a"), false, content("")); !errors.Is(err,
		fs.ErrNotExist) {
		t.Errorf("a missing folder: error %v", err)
	}
	if err := Write(folder, true, content("")); err == nil {
		t.Error("a folder was overwritten")
	}
}

// TestLateComer lets another writer create the file while the content is being
// written.
func TestLateComer(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a")
	err := Write(path, false, func(w io.Writer) error {
		return Write(path, false, content("first"))
	})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v", err)
	}
	wantContent(t, path, "first")
	wantFolder(t, folder, "a")
}

func TestWriteSame(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a")
	long := strings.Repeat("0123456789", bufferSize/5)
	for range 2 {
		if err := WriteSame(path, content(long)); err != nil {
			t.Fatal(err)
		}
	}
	for name, other := range map[string]string{"shorter": long[:len(long)-1], "longer": long + "0",
		"other": "x" + long[1:], "empty": ""} {
		if err := WriteSame(path, content(other)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: error %v", name, err)
		}
		wantContent(t, path, long)
	}
	broken := errors.New("broken")
	if err := WriteSame(path, func(w io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("an error of the writer: %v", err)
	}
	if err := WriteSame(folder, content("")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a folder: %v", err)
	}
	wantFolder(t, folder, "a")
}

func TestOneOfManyWritersWins(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a")
	var group sync.WaitGroup
	won := make(chan string, 16)
	for i := range 16 {
		group.Go(func() {
			mine := fmt.Sprint("writer ", i)
			switch err := Write(path, false, content(mine)); {
			case err == nil:
				won <- mine
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(won) != 1 {
		t.Fatalf("%d writers believe they won", len(won))
	}
	wantContent(t, path, <-won)
	wantFolder(t, folder, "a")
}

func TestFailureLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a")
	broken := errors.New("broken")
	if err := Write(path, false, func(w io.Writer) error {
		io.WriteString(w, "half")
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	wantFolder(t, folder)

	if err := Write(path, false, content("old")); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		Write(path, true, func(w io.Writer) error { io.WriteString(w, "half"); panic("broken") })
	}()
	wantContent(t, path, "old")
	wantFolder(t, folder, "a")
}

func TestPermissionsFollowUmask(t *testing.T) {
	folder := t.TempDir()
	plain := filepath.Join(folder, "plain")
	if err := os.WriteFile(plain, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "a")
	if err := Write(path, false, content("")); err != nil {
		t.Fatal(err)
	}
	want, _ := os.Stat(plain)
	got, _ := os.Stat(path)
	if got.Mode() != want.Mode() {
		t.Errorf("mode %v, want %v", got.Mode(), want.Mode())
	}
}

func TestSweepTakesOnlyTemporariesOfThePattern(t *testing.T) {
	folder := t.TempDir()
	f, err := createBeside(filepath.Join(folder, "checkpoint-7.x")) // as a killed writer leaves it
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, name := range []string{"checkpoint-7.x", ".other.00000000.tmp", ".checkpoint-note"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(folder, "checkpoint-*.x", 0); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, folder, ".checkpoint-note", ".other.00000000.tmp", "checkpoint-7.x")
}

// TestSweepSparesTheYoung checks that files younger than the age, which may
// belong to a running writer, stay.
func TestSweepSparesTheYoung(t *testing.T) {
	folder := t.TempDir()
	for name, age := range map[string]time.Duration{".a.00000001.tmp": 2 * time.Hour,
		".a.00000002.tmp": time.Minute, ".a.00000003.tmp": -time.Hour} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(folder, "*", time.Hour); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, folder, ".a.00000002.tmp", ".a.00000003.tmp")
	if err := Sweep(folder, "*", 0); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, folder)
}
