package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"csdm/internal/atomicfile"
)

// Is reports whether dir has the manifest of a dataset.
func Is(dir string) bool { return atomicfile.Exists(filepath.Join(dir, manifestName)) }

// Merge makes in dir the dataset whose blocks lie in several folders, as shards
// without a shared folder leave them. The files equal the files of a dataset
// that was made in one folder. Every array is compared with the hash in its
// record. A folder of another dataset is a *MismatchError, a block that no
// folder has an *IncompleteError, a damaged block a *CorruptError; nothing is
// written before all folders are known to fit. Blocks that dir has are kept, so
// that a stopped call resumes. Merge returns the number of pairs.
func Merge(ctx context.Context, dir string, from ...string) (int, error) {
	m, err := ReadManifest(from[0])
	if err != nil {
		return 0, err
	}
	for _, other := range from[1:] {
		there, err := ReadManifest(other)
		if err != nil {
			return 0, err
		}
		if differences := differ(there, m); len(differences) > 0 {
			return 0, &MismatchError{Dir: other, Differences: differences}
		}
	}
	sources, missing := make([]string, m.blocks()), []Span(nil)
	for b := range sources {
		if sources[b], err = m.holder(b, from); err != nil {
			return 0, err
		}
		if sources[b] == "" {
			missing = extend(missing, m.span(b))
		}
	}
	if missing != nil {
		return 0, &IncompleteError{Dir: strings.Join(from, " with "), Missing: missing}
	}
	if err := begin(dir, m); err != nil {
		return 0, err
	}
	for b, source := range sources {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := m.copyBlock(dir, source, b); err != nil {
			return 0, err
		}
	}
	return m.Pairs, nil
}

// holder returns the first of the folders that has block b, or "". The records
// of all folders that have it must agree.
func (m *Manifest) holder(b int, folders []string) (string, error) {
	first, want := "", []byte(nil)
	for _, dir := range folders {
		if !m.finished(dir, b) {
			continue
		}
		record, err := os.ReadFile(recordPath(dir, b))
		switch {
		case err != nil:
			return "", err
		case first == "":
			first, want = dir, record
		case !bytes.Equal(record, want):
			return "", &CorruptError{Path: recordPath(dir, b),
				Reason: fmt.Sprintf("has other content than %s; csdm data verify shows which "+
					"folder is damaged", recordPath(first, b))}
		}
	}
	return first, nil
}

// copyBlock copies block b from the folder source to dir, its record last.
func (m *Manifest) copyBlock(dir, source string, b int) error {
	record, err := m.readRecord(source, b)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(recordPath(source, b))
	if err != nil {
		return err
	}
	if there, err := os.ReadFile(recordPath(dir, b)); err == nil && bytes.Equal(there, text) &&
		m.finished(dir, b) {
		return nil
	}
	for _, a := range []struct {
		name string
		want arrayFile
	}{{"x", record.X}, {"y", record.Y}} {
		if err := copyArray(arrayPath(dir, a.name, b), arrayPath(source, a.name, b),
			a.want); err != nil {
			return err
		}
	}
	return atomicfile.WriteFile(recordPath(dir, b), true, text)
}

// copyArray copies a file whose size and hash must equal want's.
func copyArray(to, from string, want arrayFile) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return atomicfile.Write(to, true, func(w io.Writer) error {
		hash := sha256.New()
		n, err := io.Copy(io.MultiWriter(w, hash), f)
		if err != nil {
			return err
		}
		if n != want.Bytes || hex.EncodeToString(hash.Sum(nil)) != want.SHA256 {
			return &CorruptError{Path: from, Reason: "has another SHA-256 than its record states"}
		}
		return nil
	})
}
