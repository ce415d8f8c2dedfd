package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"csdm/internal/format"
)

// pairFiles names files that hold consecutive pairs: one .npz with x and y, or
// two .npy.
type pairFiles struct{ x, y string } // paths; y is empty for .npz

// findPairs returns the files at a path: the file itself, or the files of a
// folder (see Import) in the order of their names.
//
// x and y are partners if their names agree after the first letter.
func findPairs(path string) ([]pairFiles, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []pairFiles{{x: path}}, nil
	}
	entries, err := os.ReadDir(path) // sorted
	if err != nil {
		return nil, err
	}
	there := make(map[string]bool)
	for _, e := range entries {
		there[e.Name()] = true
	}
	var found []pairFiles
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".npy") || name[0] != 'x' && name[0] != 'y' {
			continue
		}
		if partner := string('x'+'y'-rune(name[0])) + name[1:]; !there[partner] {
			return nil, &CorruptError{Path: path,
				Reason: fmt.Sprintf("holds %s but no %s", name, partner)}
		}
		if name[0] == 'x' {
			found = append(found, pairFiles{filepath.Join(path, name),
				filepath.Join(path, "y"+name[1:])})
		}
	}
	if found == nil {
		return nil, &CorruptError{Path: path,
			Reason: "holds no x.npy with y.npy, nor any like x_000.npy with y_000.npy"}
	}
	return found, nil
}

// name returns the name of the files for errors.
func (p pairFiles) name() string {
	if p.y == "" {
		return p.x
	}
	return p.x + " and " + filepath.Base(p.y)
}

// shapes returns the shapes of x (N, K, H, W) and y (N, C, H′, W′), including
// an N, K or C that the files leave out. x has the given number K of fields.
func (p pairFiles) shapes(fields int) (xs, ys []int, err error) {
	var x, y format.Header
	if err := p.open(func(a, b *format.Reader) error {
		x, y = a.Header, b.Header
		return errHeadersOnly
	}); !errors.Is(err, errHeadersOnly) {
		return nil, nil, err
	}
	corrupt := func(reason string) ([]int, []int, error) {
		return nil, nil, &CorruptError{Path: p.name(),
			Reason: fmt.Sprintf("x has shape %v and y %v: %s", x.Shape, y.Shape, reason)}
	}
	xs, ys = x.Shape, y.Shape
	axes, want := 3, "(N, H, W)"
	if fields > 1 {
		axes, want = 4, fmt.Sprintf("(N, %d, H, W)", fields)
	}
	if len(xs) == axes-1 { // a single pair
		xs, ys = append([]int{1}, xs...), append([]int{1}, ys...)
	}
	if len(ys) == 3 {
		ys = []int{ys[0], 1, ys[1], ys[2]}
	}
	if len(xs) != axes || len(ys) != 4 {
		return corrupt("they must be " + want + " and (N, C, H, W), or without N for a single " +
			"pair; C = 1 may be left out")
	}
	if fields == 1 {
		xs = []int{xs[0], 1, xs[1], xs[2]}
	}
	if xs[1] != fields {
		return corrupt(fmt.Sprintf("x must have %d fields", fields))
	}
	if ys[0] != xs[0] {
		return corrupt("they must share N")
	}
	return xs, ys, nil
}

// errHeadersOnly ends a reading after the headers.
var errHeadersOnly = errors.New("dataset: headers only")

// open calls do with readers of x and y. If do returns nil, it has read both
// completely.
func (p pairFiles) open(do func(x, y *format.Reader) error) error {
	if p.y == "" {
		z, err := format.OpenNPZ(p.x)
		if err != nil {
			return err
		}
		defer z.Close()
		return inFile(p.x, z.Stream("x", func(x *format.Reader) error {
			return z.Stream("y", func(y *format.Reader) error { return do(x, y) })
		}))
	}
	return stream(p.x, func(x *format.Reader) error {
		return stream(p.y, func(y *format.Reader) error { return do(x, y) })
	})
}

// stream calls do with a reader of a .npy file. If do returns nil, it has read
// all elements.
func stream(path string, do func(*format.Reader) error) error {
	info, err := os.Stat(path) // before opening: opening a pipe may block forever
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &CorruptError{Path: path, Reason: "is not a regular file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := format.NewReader(f, info.Size())
	if err != nil {
		return inFile(path, err)
	}
	if err := do(r); err != nil {
		return err
	}
	return inFile(path, r.Close())
}

// hashPairs returns the SHA-256 of a file, or for the files of a folder the
// SHA-256 of their names and hashes.
func hashPairs(path string, files []pairFiles) (string, error) {
	if len(files) == 1 && files[0].y == "" {
		return hashFile(path)
	}
	all := sha256.New()
	for _, f := range files {
		for _, path := range []string{f.x, f.y} {
			sum, err := hashFile(path)
			if err != nil {
				return "", err
			}
			fmt.Fprintln(all, filepath.Base(path), sum)
		}
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// hashFile returns the SHA-256 of a file in hexadecimal digits.
func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// inFile adds the name of the file to an error.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
