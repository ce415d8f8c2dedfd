package dataset

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"csdm/internal/filelock"
	"csdm/internal/format"
	"csdm/problems"
)

// ImportSettings describe the dataset that Import makes.
type ImportSettings struct {
	// Name, units and so on. If Rows, Cols or YChannels is 0, it is taken from
	// the first file.
	Problem    problems.Spec
	Noisy      bool   // y already holds its noise
	BlockPairs int    // as in Settings
	Version    string // version of the program, for the manifest

	Note func(line string) // receives remarks for the user, if not nil
}

// Import makes the dataset in dir from the pairs of the files at paths, in
// their order: float32 or float64 in physical units. A path is
//
//	an .npz file with x (N, H, W) and y (N, C, H, W),
//	a folder with x.npy and y.npy of these shapes, or
//	a folder with x_000.npy, y_000.npy, x_001.npy, …
//
// Where y has a grid of its own, its shape is that one's (N, C, H′, W′). With K
// fields, x has the shape (N, K, H, W). The files of the last kind have
// these shapes, or hold one pair each, (H, W) and (C, H, W). The text after x
// must be the same as after y, and sets the order. If C = 1, the axis may be
// missing in y. Import is the inverse of Export. Like Generate, Import resumes
// in a folder that was begun from the same files, and returns a *MismatchError
// for any other folder. It needs memory for a block, and for a whole file if
// its arrays are in Fortran order. Every value must be finite, and x must be
// within the problem's range. A bad file is a *format.Error, a *ValueError or a
// *CorruptError.
func Import(ctx context.Context, dir string, paths []string, s ImportSettings) (err error) {
	if len(paths) == 0 {
		return errors.New("dataset: no files to import; at least 1 is needed")
	}
	m := &Manifest{Format: formatVersion, Problem: s.Problem, BlockPairs: s.BlockPairs,
		Noisy: s.Noisy, Version: s.Version}
	m.Problem.Options.NoisePercent = 0
	m.Problem.ImagesPerSimulation = max(1, m.Problem.ImagesPerSimulation)
	var all []pairFiles
	for _, path := range paths {
		files, err := findPairs(path)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := m.inspect(f); err != nil {
				return err
			}
		}
		hash, err := hashPairs(path, files)
		if err != nil {
			return err
		}
		m.Imported = append(m.Imported, ImportedFile{Name: filepath.Base(path), SHA256: hash})
		all = append(all, files...)
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
	release, err := filelock.Hold(ctx, filepath.Join(dir, Shard{}.LockName()), func(line string) {
		if s.Note != nil {
			s.Note(line)
		}
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	in := &importing{dir: dir, manifest: m}
	for _, files := range all {
		if err := in.file(ctx, files); err != nil {
			return err
		}
	}
	return nil
}

// inspect adds the pairs of the files to m, and checks that they have its
// shapes.
//
// Sizes that the settings leave open come from the first file.
func (m *Manifest) inspect(files pairFiles) error {
	xs, ys, err := files.shapes(m.Problem.XChannels())
	if err != nil {
		return err
	}
	yRows, yCols := xs[2], xs[3]
	if m.Problem.HasYGrid() {
		yRows, yCols = m.Problem.YRows, m.Problem.YCols
	}
	for _, d := range []struct {
		name  string
		there int
		want  *int
	}{{"rows", xs[2], &m.Problem.Rows}, {"columns", xs[3], &m.Problem.Cols},
		{"channels of y", ys[1], &m.Problem.YChannels},
		{"rows of y", ys[2], &yRows}, {"columns of y", ys[3], &yCols}} {
		if *d.want == 0 {
			*d.want = d.there
		}
		if *d.want != d.there {
			return &CorruptError{Path: files.name(),
				Reason: fmt.Sprintf("has %d %s; %d are expected", d.there, d.name, *d.want)}
		}
	}
	if xs[0] == 0 {
		return &CorruptError{Path: files.name(), Reason: "holds no pair; at least one is expected"}
	}
	if int64(xs[0]) > maxPairs-int64(m.Pairs) {
		return &CorruptError{Path: files.name(), Reason: fmt.Sprintf("holds %d pairs", xs[0])}
	}
	m.Pairs += xs[0]
	return nil
}

// importing collects pairs into blocks.
type importing struct {
	dir      string
	manifest *Manifest
	pair     int       // number of the next pair
	x, y     []float32 // pairs of the current block
	values   []float32 // y of a pair as in the file
}

// file adds the pairs of the files. It reads both arrays in step.
//
// Only the current pair and the current block are in memory.
func (in *importing) file(ctx context.Context, files pairFiles) error {
	err := files.open(func(x, y *format.Reader) error {
		if err := errors.Join(x.InCOrder(), y.InCOrder()); err != nil {
			return err
		}
		for k := range x.Len() / in.manifest.Problem.XLen() {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := in.add(k, x, y); err != nil {
				return err
			}
		}
		return nil
	})
	if files.y != "" && errors.As(err, new(*ValueError)) { // otherwise the error names the file
		return inFile(files.name(), err)
	}
	return err
}

// add appends the next pair, which is number k of its file. If the block is
// then full and not yet written, add writes it.
func (in *importing) add(k int, x, y *format.Reader) error {
	p := &in.manifest.Problem
	nx, ny := len(in.x), len(in.y)
	in.x = append(in.x, make([]float32, p.XLen())...)
	in.y = append(in.y, make([]float32, p.YLen())...)
	if err := x.Float32(in.x[nx:]); err != nil {
		return err
	}
	in.values = slices.Grow(in.values[:0], p.YLen())[:p.YChannels*p.YPlane()]
	if err := y.Float32(in.values); err != nil {
		return err
	}
	// Nodes without a value get one of the pair's, which leaves extremes true.
	problems.ToNodes(p, in.y[ny:], in.values, in.values[0])
	if err := in.manifest.checkPair(k, in.x[nx:], in.y[ny:]); err != nil {
		return err
	}
	b := in.pair / in.manifest.BlockPairs
	in.pair++
	if in.pair < in.manifest.span(b).To {
		return nil
	}
	if !in.manifest.finished(in.dir, b) {
		if err := in.manifest.writeBlock(in.dir, b, in.x, in.y, nil); err != nil {
			return err
		}
	}
	in.x, in.y = in.x[:0], in.y[:0]
	return nil
}
