package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csdm/internal/atomicfile"
	"csdm/internal/disk"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/problems"
)

// formatVersion is the version of the folder's layout that this package writes
// and reads.
const formatVersion = 1

const manifestName = "dataset.json"

// Limits on what a manifest may announce, so that a hostile one costs neither
// memory nor time.
const (
	maxJSON      = 4 << 20 // bytes of a .json file
	maxPairBytes = 1 << 30 // of one pair
	maxBlocks    = 1 << 20
	maxPairs     = 1 << 40
)

// defaultBlockBytes is about how large a block's arrays get, and
// defaultBlockPairs how many pairs it has at most: large enough for good disk
// transfers, small enough that an interruption costs seconds of work and that a
// block per thread fits in memory.
const (
	defaultBlockBytes = 64 << 20
	defaultBlockPairs = 256
)

// Manifest is what a dataset is. Two folders with equal manifests (but for
// Version) hold the same pairs.
type Manifest struct {
	Format     int           `json:"format"`
	Problem    problems.Spec `json:"problem"` // without its noise, which is no part of a pair
	Seed       uint64        `json:"seed"`
	Pairs      int           `json:"pairs"`
	BlockPairs int           `json:"block_pairs"`

	// Imported names the files that the pairs were read from; empty if they
	// were simulated.
	Imported []ImportedFile `json:"imported,omitempty"`
	// Noisy says that y holds its noise already (see priors.Recorded).
	Noisy bool `json:"noisy,omitempty"`

	// Definition covers what pairs depend on besides Problem (see
	// problems.Defined). It is zero where there is nothing more, and in folders
	// of earlier versions.
	Definition identity.Identity `json:"definition,omitzero"`

	Version string `json:"version,omitempty"` // of the program that began the folder
}

// Identity returns what the pairs depend on.
func (m *Manifest) Identity() identity.Identity {
	same := *m
	same.Problem.YChannelNames = nil // they are in no file
	return identity.New("dataset", formatVersion).Add("manifest", same, "Version").Identity()
}

// ImportedFile is a file that pairs were imported from.
type ImportedFile struct {
	Name   string `json:"name"` // without its folder
	SHA256 string `json:"sha256"`
}

// defaultBlock returns the number of pairs of a block: whole simulations, and a
// function of the problem alone.
func defaultBlock(spec *problems.Spec) int {
	perPair := 4 * (spec.XLen() + spec.YLen())
	n := min(defaultBlockPairs, max(1, defaultBlockBytes/perPair))
	return max(1, n/spec.ImagesPerSimulation) * spec.ImagesPerSimulation
}

// validate reports the first field that makes no sense or breaks a limit.
func (m *Manifest) validate() error {
	if m.Format != formatVersion {
		return fmt.Errorf("format %d: this program knows %d", m.Format, formatVersion)
	}
	if err := m.Problem.Validate(); err != nil {
		return err
	}
	perPair := 4 * int64(m.Problem.XLen()+m.Problem.YLen())
	switch {
	case perPair > maxPairBytes:
		return fmt.Errorf("pairs of %d bytes; the limit is %d", perPair, int64(maxPairBytes))
	case m.Pairs < 1 || int64(m.Pairs) > maxPairs:
		return fmt.Errorf("%d pairs", m.Pairs)
	case m.BlockPairs < 1 || int64(m.BlockPairs) > maxPairs:
		return fmt.Errorf("blocks of %d pairs", m.BlockPairs)
	case m.BlockPairs%m.Problem.ImagesPerSimulation != 0:
		return fmt.Errorf("blocks of %d pairs split simulations of %d images", m.BlockPairs,
			m.Problem.ImagesPerSimulation)
	case (m.Pairs-1)/m.BlockPairs+1 > maxBlocks:
		return fmt.Errorf("%d blocks; the limit is %d: make blocks larger",
			(m.Pairs-1)/m.BlockPairs+1, maxBlocks)
	}
	return nil
}

// blocks returns the number of blocks.
func (m *Manifest) blocks() int { return (m.Pairs-1)/m.BlockPairs + 1 }

// span returns the pairs of block b.
func (m *Manifest) span(b int) Span {
	return Span{b * m.BlockPairs, min((b+1)*m.BlockPairs, m.Pairs)}
}

// ReadManifest reads the manifest of the dataset in dir. It returns a
// *CorruptError if it is none; a missing file gives an error for which
// errors.Is(err, fs.ErrNotExist) holds.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	m := new(Manifest)
	if _, err := readJSON(path, m); err != nil {
		return nil, err
	}
	if err := m.validate(); err != nil {
		return nil, &CorruptError{Path: path, Reason: "makes no sense", Err: err}
	}
	return m, nil
}

// begin makes dir a folder for the dataset of m, or finds that it is one
// already. A folder with anything else in it gives a *MismatchError.
func begin(dir string, m *Manifest) error {
	if err := m.validate(); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	if err := disk.MkdirAll(dir); err != nil {
		return err
	}
	there, err := ReadManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := checkEmpty(dir); err != nil {
			return err
		}
		err = writeSealed(filepath.Join(dir, manifestName), false, m)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		there, err = ReadManifest(dir) // another shard was first
	}
	if err != nil {
		return err
	}
	if differences := differ(there, m); len(differences) > 0 {
		return &MismatchError{Dir: dir, Differences: differences}
	}
	return nil
}

// checkEmpty refuses a folder that holds files but no manifest.
func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil {
			return nil // written by another shard since
		}
		return &MismatchError{Dir: dir, Differences: []string{fmt.Sprintf("it holds %s and no %s",
			entry.Name(), manifestName)}}
	}
	return nil
}

// differ names the settings in which two manifests differ, by their names in
// the file. A folder of an earlier version, without a Definition, is taken for
// what is asked for.
func differ(there, asked *Manifest) []string {
	if there.Definition.IsZero() {
		same := *asked
		same.Definition = there.Definition
		asked = &same
	}
	a, b := flatten(there), flatten(asked)
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	var differences []string
	for _, k := range slices.Compact(keys) {
		if va, vb := a[k], b[k]; k != "version" && va != vb {
			differences = append(differences, fmt.Sprintf("%s: %s there, %s asked for", k,
				orNone(va), orNone(vb)))
		}
	}
	return differences
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// flatten returns the fields of a manifest as JSON texts, those of nested
// objects under dotted names.
func flatten(m *Manifest) map[string]string {
	var buf bytes.Buffer
	if err := writeJSON(&buf, m); err != nil {
		panic("dataset: " + err.Error()) // plain data always encodes
	}
	fields := make(map[string]string)
	var walk func(prefix string, raw json.RawMessage)
	walk = func(prefix string, raw json.RawMessage) {
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) == nil && object != nil {
			for k, v := range object {
				walk(strings.TrimPrefix(prefix+"."+k, "."), v)
			}
			return
		}
		var compact bytes.Buffer
		_ = json.Compact(&compact, raw) // it was just encoded
		fields[prefix] = compact.String()
	}
	walk("", buf.Bytes())
	return fields
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeSealed writes a file of one JSON object with its checksum.
func writeSealed(path string, overwrite bool, v any) error {
	var text bytes.Buffer
	if err := writeJSON(&text, v); err != nil {
		return err
	}
	return atomicfile.Write(path, overwrite, func(w io.Writer) error {
		_, err := w.Write(format.SealJSON(text.Bytes()))
		return err
	})
}

// readJSON reads one JSON value of known fields, of at most maxJSON bytes. It
// reports whether the file had a checksum, which is then right; files of older
// versions have none.
func readJSON(path string, v any) (sealed bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxJSON+1))
	if err != nil {
		return false, err
	}
	if len(data) > maxJSON {
		return false, &CorruptError{Path: path,
			Reason: fmt.Sprintf("has more than %d bytes", maxJSON)}
	}
	if data, sealed, err = format.UnsealJSON(data); err != nil {
		return false, &CorruptError{Path: path, Reason: "is damaged", Err: err}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return false, &CorruptError{Path: path, Reason: "is not what this program writes", Err: err}
	}
	if _, err := dec.Token(); err != io.EOF {
		return false, &CorruptError{Path: path, Reason: "goes on after its end"}
	}
	return sealed, nil
}
