package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"csdm/internal/format"
	"csdm/problems"
)

// ImportSettings say how to import pairs.
type ImportSettings struct {
	Problem    problems.Spec // name, units and the rest; Rows, Cols and YChannels of 0 are taken from the first file
	Noisy      bool          // y holds its noise already
	BlockPairs int           // as in Settings
	Version    string        // of the program, for the manifest
}

// Import makes the dataset in dir of the pairs of .npz files, one after the other: x (N, H, W) and y (N, C, H, W), or (N, H, W)
// where C = 1, float32 or float64 in physical units. It is the inverse of Export. Like Generate it goes on
// in a folder begun from the same files, and refuses any other with a *MismatchError. Memory is that of a block.
// What is wrong with a file is a *format.Error, a *ValueError or a *CorruptError.
func Import(ctx context.Context, dir string, paths []string, s ImportSettings) error {
	if len(paths) == 0 {
		return errors.New("dataset: no files to import")
	}
	m := &Manifest{Format: formatVersion, Problem: s.Problem, BlockPairs: s.BlockPairs, Noisy: s.Noisy, Version: s.Version}
	m.Problem.Options.NoisePercent = 0
	m.Problem.ImagesPerSimulation = max(1, m.Problem.ImagesPerSimulation)
	for _, path := range paths {
		if err := m.inspect(path); err != nil {
			return err
		}
	}
	if err := m.Problem.Validate(); err != nil {
		return err
	}
	if m.BlockPairs == 0 {
		m.BlockPairs = defaultBlock(&m.Problem)
	}
	if err := begin(dir, m); err != nil {
		return err
	}
	in := &importing{dir: dir, manifest: m}
	for _, path := range paths {
		if err := in.file(ctx, path); err != nil {
			return err
		}
	}
	return nil
}

// inspect adds the pairs of the file to m, whose shape they must have.
func (m *Manifest) inspect(path string) error {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return err
	}
	defer z.Close()
	x, err := z.Header("x")
	if err != nil {
		return inFile(path, err)
	}
	y, err := z.Header("y")
	if err != nil {
		return inFile(path, err)
	}
	corrupt := func(reason string, args ...any) error {
		return &CorruptError{Path: path, Reason: fmt.Sprintf(reason, args...)}
	}
	if len(x.Shape) != 3 || len(y.Shape) != 3 && len(y.Shape) != 4 {
		return corrupt("x has shape %v and y %v; they must be (N, H, W) and (N, C, H, W)", x.Shape, y.Shape)
	}
	if x.Fortran || y.Fortran {
		return corrupt("x and y must be in C order")
	}
	n, rows, cols, channels := x.Shape[0], x.Shape[1], x.Shape[2], 1
	if len(y.Shape) == 4 {
		channels = y.Shape[1]
	}
	if y.Shape[0] != n || y.Shape[len(y.Shape)-2] != rows || y.Shape[len(y.Shape)-1] != cols {
		return corrupt("x has shape %v and y %v: pairs must share N, H and W", x.Shape, y.Shape)
	}
	for _, d := range []struct {
		name  string
		there int
		want  *int
	}{{"rows", rows, &m.Problem.Rows}, {"columns", cols, &m.Problem.Cols}, {"channels of y", channels, &m.Problem.YChannels}} {
		if *d.want == 0 {
			*d.want = d.there
		}
		if *d.want != d.there {
			return corrupt("has %d %s, where %d are expected", d.there, d.name, *d.want)
		}
	}
	hash, err := hashFile(path)
	if err != nil {
		return err
	}
	m.Pairs += n
	m.Imported = append(m.Imported, ImportedFile{Name: filepath.Base(path), SHA256: hash})
	return nil
}

// importing collects pairs into blocks.
type importing struct {
	dir      string
	manifest *Manifest
	pair     int       // next one
	x, y     []float32 // of the block's pairs so far
}

// file adds the pairs of one file. Both arrays are read side by side.
func (in *importing) file(ctx context.Context, path string) error {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return err
	}
	defer z.Close()
	return inFile(path, z.Stream("x", func(x *format.Reader) error {
		return z.Stream("y", func(y *format.Reader) error {
			for range x.Shape[0] {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := in.add(x, y); err != nil {
					return err
				}
			}
			return nil
		})
	}))
}

// add appends the next pair, and writes its block if that is full and not there yet.
func (in *importing) add(x, y *format.Reader) error {
	p := &in.manifest.Problem
	nx, ny := len(in.x), len(in.y)
	in.x = append(in.x, make([]float32, p.XLen())...)
	in.y = append(in.y, make([]float32, p.YLen())...)
	if err := x.Float32(in.x[nx:]); err != nil {
		return err
	}
	if err := y.Float32(in.y[ny:]); err != nil {
		return err
	}
	b := in.pair / in.manifest.BlockPairs
	in.pair++
	if in.pair < in.manifest.span(b).To {
		return nil
	}
	if !in.manifest.finished(in.dir, b) {
		if err := in.manifest.writeBlock(in.dir, b, in.x, in.y); err != nil {
			return err
		}
	}
	in.x, in.y = in.x[:0], in.y[:0]
	return nil
}

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

// inFile names the file in an error.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
