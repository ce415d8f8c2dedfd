package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"csdm/internal/format"
	"csdm/problems"
)

// keepOpen is the number of blocks that a Store keeps open. Reading a pair of
// another block costs two more system calls.
const keepOpen = 256

// Store reads a complete dataset. Its methods are safe for concurrent use. When
// a pair of a block is first read, the Store compares the block's arrays with
// the hashes in its record, and returns a *CorruptError if the block has
// changed.
//
// A pair is read by two positioned reads into the caller's memory; nothing of
// it is cached here.
type Store struct {
	dir      string
	manifest *Manifest
	records  []*block
	failed   []int // pairs at which the forward model failed, ascending
	blocks   []storedBlock
	opened   atomic.Int64
	scratch  sync.Pool // *[]byte of the size of a pair's larger array
}

// storedBlock is the state of a block in a Store.
//
// verified remembers the identity of the files that were hashed, so that a
// block is hashed once and again only if its files have changed.
type storedBlock struct {
	files atomic.Pointer[blockFiles] // nil: not open, or too many blocks are open

	mu       sync.Mutex
	verified [2]os.FileInfo // of x and y, after their content was verified
}

// blockFiles holds the arrays of a block, open for reading.
type blockFiles struct {
	x, y             *os.File
	xHeader, yHeader *format.Header
}

// Open opens the dataset in dir. It reads the manifest and the records of all
// blocks, and checks that every block exists with the right size. If not, it
// returns an *IncompleteError that lists the missing pairs.
//
// The cost is a few system calls per block; arrays are opened at their first
// use.
func Open(dir string) (*Store, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	var missing []Span
	for b := range m.blocks() {
		if !m.finished(dir, b) {
			missing = extend(missing, m.span(b))
		}
	}
	if missing != nil {
		return nil, &IncompleteError{Dir: dir, Missing: missing}
	}
	s := &Store{dir: dir, manifest: m, blocks: make([]storedBlock, m.blocks())}
	for b := range s.blocks {
		record, err := m.readRecord(dir, b)
		if err != nil {
			return nil, err
		}
		s.records = append(s.records, record)
		s.failed = append(s.failed, record.Failed...)
	}
	bytes := 4 * max(m.Problem.XLen(), m.Problem.YLen())
	s.scratch.New = func() any { b := make([]byte, bytes); return &b }
	return s, nil
}

// Manifest returns the manifest of the dataset. The caller must not change it.
func (s *Store) Manifest() *Manifest { return s.manifest }

// Spec returns the problem of the pairs, without its noise. The caller must not
// change it.
func (s *Store) Spec() *problems.Spec { return &s.manifest.Problem }

// Imported reports whether the pairs were read from files (see Import).
func (s *Store) Imported() bool { return len(s.manifest.Imported) > 0 }

// Check returns a *MismatchError unless the pairs belong to the given problem.
// The problem's noise may differ.
func (s *Store) Check(spec *problems.Spec) error {
	asked := *s.manifest
	asked.Problem = *spec
	asked.Problem.Options.NoisePercent = 0
	if differences := differ(s.manifest, &asked); len(differences) > 0 {
		return &MismatchError{Dir: s.dir, Differences: differences}
	}
	return nil
}

// Len returns the number of pairs, including failed ones.
func (s *Store) Len() int { return s.manifest.Pairs }

// Close closes the files. No other method may be running or be called later.
func (s *Store) Close() error {
	var first error
	for b := range s.blocks {
		if f := s.blocks[b].files.Swap(nil); f != nil {
			if err := f.close(); err != nil && first == nil {
				first = err
			}
		}
	}
	return first
}

// Pair sets x, of length Spec().XLen(), and y, of length Spec().YLen(), to pair
// i in physical units. Either may be nil, and is then not read. A failed pair
// gives a *FailedError. Pair panics if i or a length is wrong.
func (s *Store) Pair(i int, x, y []float32) error {
	p := &s.manifest.Problem
	if i < 0 || i >= s.manifest.Pairs || x != nil && len(x) != p.XLen() || y != nil &&
		len(y) != p.YLen() {
		panic(fmt.Sprintf("dataset: pair %d of %d into x[%d], y[%d]", i, s.manifest.Pairs, len(x),
			len(y)))
	}
	if !s.Has(i) {
		return &FailedError{Failed: []FailedPair{{i, errLeftOut}}}
	}
	b := i / s.manifest.BlockPairs
	return s.withBlock(b, func(f *blockFiles) error {
		k := i - s.manifest.span(b).From
		buf := s.scratch.Get().(*[]byte)
		defer s.scratch.Put(buf)
		if x != nil {
			if err := f.xHeader.Float32At(x, f.x, k*len(x), *buf); err != nil {
				return fmt.Errorf("%s: %w", f.x.Name(), err)
			}
		}
		if y != nil {
			if err := f.yHeader.Float32At(y, f.y, k*len(y), *buf); err != nil {
				return fmt.Errorf("%s: %w", f.y.Name(), err)
			}
		}
		if !finite(x) || !finite(y) {
			return &CorruptError{Path: s.dir,
				Reason: fmt.Sprintf("holds a number in pair %d that is not finite: a file "+
					"changed after it was verified", i)}
		}
		return nil
	})
}

// finite reports whether all values are finite.
func finite(values []float32) bool {
	for _, v := range values {
		if v-v != 0 { // NaN − NaN and ∞ − ∞ are NaN
			return false
		}
	}
	return true
}

// Statistics returns the moments of the pairs of the span that did not fail.
// The span must not be empty. Whole blocks are taken from their records, the
// other pairs are measured, and all are merged in the order of the index.
//
// Whole blocks cost nothing, so that the statistics of a training set of any
// size take the time of one partial block.
func (s *Store) Statistics(span Span) (*Statistics, error) {
	if span.From < 0 || span.To > s.manifest.Pairs || span.From >= span.To {
		panic(fmt.Sprintf("dataset: statistics of pairs %d to %d of %d", span.From, span.To,
			s.manifest.Pairs))
	}
	p := &s.manifest.Problem
	total := s.manifest.newStatistics()
	x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
	for b := span.From / s.manifest.BlockPairs; b*s.manifest.BlockPairs < span.To; b++ {
		whole := s.manifest.span(b)
		part := Span{max(whole.From, span.From), min(whole.To, span.To)}
		if part == whole {
			total.add(s.records[b].Statistics)
			continue
		}
		sub := s.manifest.newStatistics()
		for i := part.From; i < part.To; i++ {
			if !s.Has(i) {
				continue
			}
			if err := s.Pair(i, x, y); err != nil {
				return nil, err
			}
			sub.add(measure(x, y, p))
		}
		total.add(sub)
	}
	return total, nil
}

// withBlock calls do with the open and verified files of block b.
//
// Up to keepOpen blocks stay open. A reader that loses the race to open a block
// uses its own files and closes them.
func (s *Store) withBlock(b int, do func(*blockFiles) error) error {
	if f := s.blocks[b].files.Load(); f != nil {
		return do(f)
	}
	f, err := s.manifest.openBlock(s.dir, b)
	if err != nil {
		return err
	}
	if err := s.verify(b, f); err != nil {
		return errors.Join(err, f.close())
	}
	if s.opened.Add(1) <= keepOpen {
		if s.blocks[b].files.CompareAndSwap(nil, f) {
			return do(f)
		}
	}
	s.opened.Add(-1) // another reader opened it first, or enough are open
	defer f.close()
	return do(f)
}

// verify compares the open files of block b with its record, unless the same
// files were verified before.
func (s *Store) verify(b int, f *blockFiles) error {
	block := &s.blocks[b]
	block.mu.Lock()
	defer block.mu.Unlock()
	var now [2]os.FileInfo
	same := true
	for k, file := range []*os.File{f.x, f.y} {
		var err error
		if now[k], err = file.Stat(); err != nil {
			return err
		}
		was := block.verified[k]
		same = same && was != nil && os.SameFile(was, now[k]) && was.Size() == now[k].Size() &&
			was.ModTime().Equal(now[k].ModTime())
	}
	if same {
		return nil
	}
	if _, err := s.manifest.verifyFiles(s.dir, s.records[b], f); err != nil {
		return err
	}
	block.verified = now
	return nil
}

// openBlock opens the arrays of block b and checks their headers.
func (m *Manifest) openBlock(dir string, b int) (*blockFiles, error) {
	span := m.span(b)
	xShape, yShape := m.shapes(span.To - span.From)
	x, xHeader, err := openArray(arrayPath(dir, "x", b), xShape)
	if err != nil {
		return nil, err
	}
	y, yHeader, err := openArray(arrayPath(dir, "y", b), yShape)
	if err != nil {
		x.Close()
		return nil, err
	}
	return &blockFiles{x, y, xHeader, yHeader}, nil
}

// openArray opens an array of the given shape and checks that it is stored as
// this package writes it.
func openArray(path string, shape []int) (*os.File, *format.Header, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	corrupt := func(reason string, err error) (*os.File, *format.Header, error) {
		f.Close()
		return nil, nil, &CorruptError{Path: path, Reason: reason, Err: err}
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	h, err := format.ReadHeader(f, info.Size())
	if err != nil {
		return corrupt("is not an array", err)
	}
	a := format.Array{Shape: h.Shape}
	if err := a.CheckShape(shape...); err != nil {
		return corrupt("has another shape", err)
	}
	if h.DType != format.Float32 || h.BigEndian || h.Fortran {
		return corrupt("is not little-endian float32 in C order", nil)
	}
	return f, h, nil
}

// close closes both files and returns the first error.
func (f *blockFiles) close() error {
	err := f.x.Close()
	if e := f.y.Close(); err == nil {
		err = e
	}
	return err
}

// Dir returns the absolute path of the dataset's folder, or, if that is not
// available, the path that it was opened by.
func (s *Store) Dir() string {
	if abs, err := filepath.Abs(s.dir); err == nil {
		return abs
	}
	return s.dir
}
