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

// Report is what Verify found.
type Report struct {
	Manifest *Manifest
	Bytes    int64     // of the arrays read
	Missing  []Span    // pairs that have not been made, or whose files are gone
	Corrupt  []Corrupt // blocks whose files are not what their records say
}

// Corrupt is a block that does not hold what it should.
type Corrupt struct {
	Pairs Span
	Err   *CorruptError
}

// OK says whether all pairs are there and intact.
func (r *Report) OK() bool { return len(r.Missing) == 0 && len(r.Corrupt) == 0 }

// Verify reads the whole dataset in dir and compares hashes, shapes and statistics with the records. It returns an error
// only where the folder has no valid manifest, a file cannot be read, or ctx ends.
func Verify(ctx context.Context, dir string, threads int) (*Report, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	type finding struct {
		bytes   int64
		missing bool
		corrupt *CorruptError
	}
	findings := make([]finding, m.blocks())
	err = parallel.For(ctx, max(1, threads), len(findings), func(_, b int) error {
		n, err := m.verifyBlock(dir, b)
		f := &findings[b]
		f.bytes = n
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
	report := &Report{Manifest: m}
	for b, f := range findings {
		report.Bytes += f.bytes
		if f.missing {
			report.Missing = extend(report.Missing, m.span(b))
		}
		if f.corrupt != nil {
			report.Corrupt = append(report.Corrupt, Corrupt{m.span(b), f.corrupt})
		}
	}
	return report, nil
}

// verifyBlock returns how many bytes of block b it read, and nil if all is well, a *CorruptError, an error that is
// fs.ErrNotExist for a missing file, or another of the disk.
func (m *Manifest) verifyBlock(dir string, b int) (int64, error) {
	record, err := m.readRecord(dir, b)
	if err != nil {
		return 0, err
	}
	var n int64
	for _, a := range []struct {
		name string
		want arrayFile
	}{{"x", record.X}, {"y", record.Y}} {
		read, err := verifyFile(arrayPath(dir, a.name, b), a.want)
		n += read
		if err != nil {
			return n, err
		}
	}
	// The hashes fit the record; the record has to fit the arrays.
	files, err := m.openBlock(dir, b)
	if err != nil {
		return n, err
	}
	defer files.close()
	p := &m.Problem
	found := new(Statistics)
	x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
	for k := range record.Count {
		if err := files.xHeader.Float32At(x, files.x, k*len(x), nil); err != nil {
			return n, err
		}
		if err := files.yHeader.Float32At(y, files.y, k*len(y), nil); err != nil {
			return n, err
		}
		found.add(measure(x, y, p.XLen(), p.YChannels))
	}
	if !reflect.DeepEqual(found, record.Statistics) {
		return n, &CorruptError{Path: recordPath(dir, b), Reason: "holds other statistics than its arrays have"}
	}
	return n, nil
}

// verifyFile compares a file with its size and hash.
func verifyFile(path string, want arrayFile) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	if err != nil {
		return n, err
	}
	if n != want.Bytes {
		return n, &CorruptError{Path: path, Reason: "has another size than its record says"}
	}
	if hex.EncodeToString(hash.Sum(nil)) != want.SHA256 {
		return n, &CorruptError{Path: path, Reason: "has another SHA-256 than its record says"}
	}
	return n, nil
}
