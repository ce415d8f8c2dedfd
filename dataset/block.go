package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"csdm/internal/atomicfile"
	"csdm/internal/format"
)

// block is the record of a finished block. It is stored next to the block's
// arrays.
//
// It has everything that a check of the arrays needs, so that a block can be
// verified alone.
type block struct {
	Block int `json:"block"`
	From  int `json:"from"` // first pair
	Count int `json:"count"`
	// Pairs at which the forward model failed, ascending; they are NaN in the
	// arrays.
	Failed     []int       `json:"failed,omitempty"`
	X          arrayFile   `json:"x"`
	Y          arrayFile   `json:"y"`
	Statistics *Statistics `json:"statistics"` // of the pairs that did not fail

	sealed bool // read from a file with a checksum
}

// arrayFile is the size in bytes and the SHA-256, in hexadecimal digits, of an
// array's file.
type arrayFile struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// arrayPath returns the path of array "x" or "y" of block b.
func arrayPath(dir, array string, b int) string {
	return filepath.Join(dir, fmt.Sprintf("%s-%05d.npy", array, b))
}

// recordPath returns the path of the record of block b.
func recordPath(dir string, b int) string {
	return filepath.Join(dir, fmt.Sprintf("block-%05d.json", b))
}

// shapes returns the shapes of the arrays of a block of count pairs.
//
// The last block of a dataset may have fewer pairs than the others.
func (m *Manifest) shapes(count int) (x, y []int) {
	p := &m.Problem
	return p.XShape(count), []int{count, p.YChannels, p.Rows, p.Cols}
}

// fileSize returns the number of bytes of a .npy file of float32 of the given
// shape.
//
// A .npy file is its header and then four bytes per value.
func fileSize(shape []int) int64 {
	n := int64(4)
	for _, d := range shape {
		n *= int64(d)
	}
	return n + int64(len(format.AppendHeader(nil, format.Float32, shape...)))
}

// finished reports whether block b is complete: its record and both arrays
// exist and have the right sizes.
//
// It reads no content: only names and sizes.
func (m *Manifest) finished(dir string, b int) bool {
	s := m.span(b)
	xShape, yShape := m.shapes(s.To - s.From)
	for _, f := range []struct {
		path string
		size int64
	}{{recordPath(dir, b), -1}, {arrayPath(dir, "x", b), fileSize(xShape)},
		{arrayPath(dir, "y", b), fileSize(yShape)}} {
		info, err := os.Stat(f.path)
		if err != nil || !info.Mode().IsRegular() || f.size >= 0 && info.Size() != f.size {
			return false
		}
	}
	return true
}

// writeBlock stores block b, whose pairs are consecutive in x and y. It sets
// the pairs listed in failed, in ascending order, to NaN. It returns a
// *ValueError if another pair has a number that is not finite or is outside of
// the problem's range of x.
//
// The record is written last. A process that is killed before that leaves
// arrays that the next call replaces.
func (m *Manifest) writeBlock(dir string, b int, x, y []float32, failed []int) error {
	s := m.span(b)
	record := block{Block: b, From: s.From, Count: s.To - s.From, Failed: failed,
		Statistics: m.newStatistics()}
	nx, ny := m.Problem.XLen(), m.Problem.YLen()
	for k := range record.Count {
		xk, yk := x[k*nx:(k+1)*nx], y[k*ny:(k+1)*ny]
		if record.failed(s.From + k) {
			fill(xk, nan32)
			fill(yk, nan32)
			continue
		}
		if err := m.checkPair(s.From+k, xk, yk); err != nil {
			return err
		}
		record.Statistics.add(measure(xk, yk, &m.Problem))
	}
	xShape, yShape := m.shapes(record.Count)
	var err error
	if record.X, err = writeArray(arrayPath(dir, "x", b), x, xShape); err != nil {
		return err
	}
	if record.Y, err = writeArray(arrayPath(dir, "y", b), y, yShape); err != nil {
		return err
	}
	return writeSealed(recordPath(dir, b), true, &record)
}

var nan32 = float32(math.NaN())

// fill sets all values of dst to v.
func fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

// failed reports whether the forward model failed at a pair.
func (r *block) failed(pair int) bool {
	_, found := slices.BinarySearch(r.Failed, pair)
	return found
}

// checkPair returns a *ValueError for the first number of a pair, in x and then
// y, that is not finite or is outside of the range of x. A Range without width
// sets no limits. Its ends are rounded as x is.
//
// v − v is 0 for a finite number and NaN otherwise.
func (m *Manifest) checkPair(pair int, x, y []float32) error {
	for i, v := range x {
		within := m.Problem.RangeAt(i)
		lo, hi := float32(within.Min), float32(within.Max)
		if v-v != 0 {
			return &ValueError{Pair: pair, Array: "x", Index: i, Value: float64(v)}
		}
		if within.Width() > 0 && (v < lo || v > hi) {
			return &ValueError{Pair: pair, Array: "x", Index: i, Value: float64(v), Range: within}
		}
	}
	for i, v := range y {
		if v-v != 0 {
			return &ValueError{Pair: pair, Array: "y", Index: i, Value: float64(v)}
		}
	}
	return nil
}

// writeArray writes a .npy file and returns its size and hash. It replaces a
// file of that name, which can only belong to a block that was never finished.
//
// The hash is computed from the same stream that is written, so that the file
// need not be read again.
func writeArray(path string, values []float32, shape []int) (arrayFile, error) {
	hash := sha256.New()
	err := atomicfile.Write(path, true, func(w io.Writer) error {
		return format.WriteNPY(io.MultiWriter(w, hash), format.Array32(values, shape...))
	})
	return arrayFile{Bytes: fileSize(shape), SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

// readRecord reads and checks the record of block b.
//
// Statistics are checked against each other (count, order of minimum and
// maximum, sign of M2), since a training takes its normalization from them.
func (m *Manifest) readRecord(dir string, b int) (*block, error) {
	path := recordPath(dir, b)
	r := new(block)
	var err error
	if r.sealed, err = readJSON(path, r); err != nil {
		return nil, err
	}
	s := m.span(b)
	p := &m.Problem
	corrupt := func(reason string) (*block, error) {
		return nil, &CorruptError{Path: path, Reason: reason}
	}
	switch {
	case r.Block != b || r.From != s.From || r.Count != s.To-s.From:
		return corrupt(fmt.Sprintf("is of block %d with %d pairs from %d on; block %d has %d from "+
			"%d on", r.Block, r.Count, r.From, b, s.To-s.From, s.From))
	case r.Statistics == nil || len(r.Statistics.Y) != p.YChannels ||
		len(r.Statistics.Fields) != len(p.XFields):
		return corrupt(fmt.Sprintf("lacks the statistics of %d channels and of %d fields",
			p.YChannels, p.XChannels()))
	}
	for k, pair := range r.Failed {
		if pair < s.From || pair >= s.To || k > 0 && pair <= r.Failed[k-1] {
			return corrupt(fmt.Sprintf("lists pair %d as failed; the list must ascend within %d "+
				"to %d", pair, s.From, s.To-1))
		}
	}
	values := int64(r.Count-len(r.Failed)) * int64(p.Plane())
	all := r.Statistics.X
	if all.Count != values*int64(p.XChannels()) {
		return corrupt("holds statistics that are not valid")
	}
	all.Count = values
	for _, moments := range slices.Concat([]Moments{all}, r.Statistics.Fields, r.Statistics.Y) {
		ordered := -math.MaxFloat32 <= moments.Min && moments.Min <= moments.Max &&
			moments.Max <= math.MaxFloat32
		if moments.Count != values || moments.M2 < 0 || !ordered {
			return corrupt("holds statistics that are not valid")
		}
	}
	return r, nil
}
