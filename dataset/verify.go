package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"reflect"

	"csdm/internal/parallel"
)

// Findings holds the findings of Verify.
type Findings struct {
	Manifest *Manifest
	Bytes    int64     // of the arrays that were read
	Missing  []Span    // pairs that have not been made, or whose files are missing
	Failed   []int     // pairs at which the forward model failed, and which are left out
	Corrupt  []Corrupt // blocks whose files disagree with their records
}

// Corrupt is a block with the wrong content.
type Corrupt struct {
	Pairs Span
	Err   *CorruptError
}

// OK reports whether all pairs are present and intact.
func (r *Findings) OK() bool { return len(r.Missing) == 0 && len(r.Corrupt) == 0 }

// Verify reads the whole dataset in dir and compares hashes, shapes and
// statistics with the records. It returns an error only where the folder has no
// valid manifest, a file cannot be read, or ctx ends.
//
// Blocks are verified in parallel, and findings are reported in the order of
// the pairs.
func Verify(ctx context.Context, dir string, threads int) (*Findings, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	type finding struct {
		bytes   int64
		failed  []int
		missing bool
		corrupt *CorruptError
	}
	findings := make([]finding, m.blocks())
	err = parallel.For(ctx, max(1, threads), len(findings), func(_, b int) error {
		f := &findings[b]
		var err error
		f.bytes, f.failed, err = m.verifyBlock(dir, b)
		if corrupt, ok := errors.AsType[*CorruptError](err); ok {
			f.corrupt = corrupt
			return nil
		}
		if errors.Is(err, fs.ErrNotExist) {
			f.missing = true
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	report := &Findings{Manifest: m}
	for b, f := range findings {
		report.Bytes += f.bytes
		report.Failed = append(report.Failed, f.failed...)
		if f.missing {
			report.Missing = extend(report.Missing, m.span(b))
		}
		if f.corrupt != nil {
			report.Corrupt = append(report.Corrupt, Corrupt{m.span(b), f.corrupt})
		}
	}
	return report, nil
}

// verifyBlock verifies block b. It returns the number of bytes read and the
// failed pairs. The error is nil if the block is intact, a *CorruptError, an
// error that is fs.ErrNotExist for a missing file, or another error of the
// disk.
func (m *Manifest) verifyBlock(dir string, b int) (n int64, failed []int, err error) {
	record, err := m.readRecord(dir, b)
	if err != nil {
		return 0, nil, err
	}
	for _, a := range []struct {
		name string
		want arrayFile
	}{{"x", record.X}, {"y", record.Y}} {
		if info, err := os.Stat(arrayPath(dir, a.name, b)); err == nil &&
			info.Size() != a.want.Bytes {
			return 0, nil, &CorruptError{Path: arrayPath(dir, a.name, b),
				Reason: "has another size than its record states"}
		}
	}
	files, err := m.openBlock(dir, b)
	if err != nil {
		return 0, nil, err
	}
	defer files.close()
	n, err = m.verifyFiles(dir, record, files)
	if err != nil {
		return n, record.Failed, err
	}
	return n, record.Failed, m.verifyStatistics(dir, record, files)
}

// verifyFiles compares the content of a block's arrays with the hashes in its
// record, and returns the number of bytes read. If the record has no checksum
// of its own, verifyFiles also compares the statistics. The error is a
// *CorruptError or an error of the disk.
func (m *Manifest) verifyFiles(dir string, record *block, files *blockFiles) (n int64, err error) {
	for _, a := range []struct {
		file *os.File
		want arrayFile
	}{{files.x, record.X}, {files.y, record.Y}} {
		read, err := verifyFile(a.file, a.want)
		n += read
		if err != nil {
			return n, err
		}
	}
	if record.sealed {
		return n, nil
	}
	return n, m.verifyStatistics(dir, record, files)
}

// verifyStatistics returns a *CorruptError unless the statistics in a record
// match its arrays.
//
// The comparison is exact: the same order of additions gives the same bits.
func (m *Manifest) verifyStatistics(dir string, record *block, files *blockFiles) error {
	p := &m.Problem
	found := m.newStatistics()
	x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
	for k := range record.Count {
		if record.failed(record.From + k) {
			continue
		}
		if err := files.xHeader.Float32At(x, files.x, k*len(x), nil); err != nil {
			return err
		}
		if err := files.yHeader.Float32At(y, files.y, k*len(y), nil); err != nil {
			return err
		}
		found.add(measure(x, y, p))
	}
	if !reflect.DeepEqual(found, record.Statistics) {
		return &CorruptError{Path: recordPath(dir, record.Block),
			Reason: "holds statistics that disagree with its arrays"}
	}
	return nil
}

// verifyFile compares a file with its size and hash.
//
// It reads at most one byte beyond the expected size, so that a file that has
// grown is noticed.
func verifyFile(f *os.File, want arrayFile) (int64, error) {
	hash := sha256.New()
	n, err := io.Copy(hash, io.NewSectionReader(f, 0, want.Bytes+1))
	if err != nil {
		return n, err
	}
	path := f.Name()
	if n != want.Bytes {
		return n, &CorruptError{Path: path, Reason: "has another size than its record states"}
	}
	if hex.EncodeToString(hash.Sum(nil)) != want.SHA256 {
		return n, &CorruptError{Path: path, Reason: "has another SHA-256 than its record states"}
	}
	return n, nil
}
