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

// formatVersion is the version of the folder layout that this package reads and
// writes.
//
// A folder of another version is refused, not guessed at.
const formatVersion = 1

// manifestName is the file whose presence makes a folder a dataset.
const manifestName = "dataset.json"

// Limits for the numbers in a manifest, so that a malformed one costs neither
// memory nor time.
const (
	maxJSON      = 4 << 20 // bytes of a .json file
	maxPairBytes = 1 << 30 // size of one pair
	maxBlocks    = 1 << 20
	maxPairs     = 1 << 40
)

// defaultBlockBytes is the approximate size of a block's arrays, and
// defaultBlockPairs the largest number of its pairs. Blocks are large enough
// for efficient disk transfers. They are small enough that an interruption
// costs seconds of work and that a block per thread fits in memory.
const (
	defaultBlockBytes = 64 << 20
	defaultBlockPairs = 256
)

// Manifest identifies a dataset. Two folders whose manifests are equal, except
// for Version, hold the same pairs.
type Manifest struct {
	// version of the layout of the folder
	Format int `json:"format"`
	// problem of the pairs, without its noise, which pairs do not contain
	Problem problems.Spec `json:"problem"`
	// seed of the pairs
	Seed uint64 `json:"seed"`
	// number of pairs of the whole dataset
	Pairs int `json:"pairs"`
	// pairs of a block
	BlockPairs int `json:"block_pairs"`

	// Imported lists the files that the pairs were read from; it is empty if
	// they were simulated.
	Imported []ImportedFile `json:"imported,omitempty"`
	// Noisy states that y already holds its noise (see priors.Recorded).
	Noisy bool `json:"noisy,omitempty"`

	// Definition covers what pairs depend on in addition to Problem (see
	// problems.Defined). It is zero where there is nothing more, and in folders
	// of earlier versions.
	Definition identity.Identity `json:"definition,omitzero"`

	Version string `json:"version,omitempty"` // version of the program that began the folder
}

// Identity covers everything that the pairs depend on.
func (m *Manifest) Identity() identity.Identity {
	same := *m
	same.Problem.YChannelNames = nil // channel names are not stored in the files
	return identity.New("dataset", formatVersion).Add("manifest", same, "Version").Identity()
}

// ImportedFile describes a file that pairs were imported from.
type ImportedFile struct {
	// base name of the file, without the folder
	Name string `json:"name"`
	// SHA-256 of the content
	SHA256 string `json:"sha256"`
}

// defaultBlock returns the number of pairs per block: whole simulations, as a
// function of the problem alone.
//
// It must not depend on threads or memory: two machines that make shards of one
// dataset must divide it alike.
func defaultBlock(spec *problems.Spec) int {
	perPair := 4 * (spec.XLen() + spec.YLen())
	n := min(defaultBlockPairs, max(1, defaultBlockBytes/perPair))
	return max(1, n/spec.ImagesPerSimulation) * spec.ImagesPerSimulation
}

// validate returns an error about the first field that is not valid or exceeds
// a limit.
func (m *Manifest) validate() error {
	if m.Format != formatVersion {
		return fmt.Errorf("format is %d; this program reads %d", m.Format, formatVersion)
	}
	if err := m.Problem.Validate(); err != nil {
		return err
	}
	perPair := 4 * int64(m.Problem.XLen()+m.Problem.YLen())
	switch {
	case perPair > maxPairBytes:
		return fmt.Errorf("pairs have %d bytes; at most %d are supported", perPair,
			int64(maxPairBytes))
	case m.Pairs < 1 || int64(m.Pairs) > maxPairs:
		return fmt.Errorf("%d pairs", m.Pairs)
	case m.BlockPairs < 1 || int64(m.BlockPairs) > maxPairs:
		return fmt.Errorf("blocks have %d pairs; at least 1 is needed", m.BlockPairs)
	case m.BlockPairs%m.Problem.ImagesPerSimulation != 0:
		return fmt.Errorf("blocks of %d pairs split simulations of %d images; use a multiple",
			m.BlockPairs, m.Problem.ImagesPerSimulation)
	case (m.Pairs-1)/m.BlockPairs+1 > maxBlocks:
		return fmt.Errorf("%d blocks; at most %d are supported: make blocks larger",
			(m.Pairs-1)/m.BlockPairs+1, maxBlocks)
	}
	return nil
}

// blocks returns the number of blocks.
func (m *Manifest) blocks() int { return (m.Pairs-1)/m.BlockPairs + 1 }

// blockName names the blocks with their size.
func (m *Manifest) blockName() string { return fmt.Sprintf("blocks of %d pairs", m.BlockPairs) }

// span returns the range of pairs of block b.
func (m *Manifest) span(b int) Span {
	return Span{b * m.BlockPairs, min((b+1)*m.BlockPairs, m.Pairs)}
}

// ReadManifest reads the manifest of the dataset in dir. It returns a
// *CorruptError if the file is not a manifest. For a missing file,
// errors.Is(err, fs.ErrNotExist) holds for the error.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	m := new(Manifest)
	if _, err := readJSON(path, m); err != nil {
		return nil, err
	}
	if err := m.validate(); err != nil {
		return nil, &CorruptError{Path: path, Reason: "is not valid", Err: err}
	}
	return m, nil
}

// begin makes dir a folder for the dataset of m, or checks that it already is
// one. For a folder with any other content it returns a *MismatchError.
//
// The manifest is written without overwriting. Of several shards that begin at
// once, one writes it and the others compare their own with it.
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
		there, err = ReadManifest(dir) // another shard began it first
	}
	if err != nil {
		return err
	}
	if differences := differ(there, m); len(differences) > 0 {
		return &MismatchError{Dir: dir, Differences: differences}
	}
	return nil
}

// checkEmpty returns a *MismatchError for a folder that holds files but no
// manifest.
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
			return nil // another shard has written it since
		}
		return &MismatchError{Dir: dir, Differences: []string{fmt.Sprintf("it holds %s but no %s",
			entry.Name(), manifestName)}}
	}
	return nil
}

// differ returns the settings in which two manifests differ, under their names
// in the file. A folder of an earlier version, without a Definition, is assumed
// to have the requested one.
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
			differences = append(differences, fmt.Sprintf("%s: %s in the dataset, %s in this "+
				"call", k,
				orNone(va), orNone(vb)))
		}
	}
	return differences
}

// orNone returns the text of a field, or "none" for a missing one.
func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// flatten returns the fields of a manifest as JSON texts; fields of nested
// objects have dotted names.
func flatten(m *Manifest) map[string]string {
	var buf bytes.Buffer
	if err := writeJSON(&buf, m); err != nil {
		panic("dataset: " + err.Error()) // plain data can always be encoded
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
		_ = json.Compact(&compact, raw) // raw is the output of an encoder
		fields[prefix] = compact.String()
	}
	walk("", buf.Bytes())
	return fields
}

// writeJSON writes indented JSON, with < and > as they are.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeSealed writes a file that holds one JSON object with its checksum.
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

// readJSON reads one JSON value with known fields only, of at most maxJSON
// bytes. It reports whether the file had a checksum, which has then been
// verified; files of older versions have none.
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
		return false, &CorruptError{Path: path, Reason: "has more data after its end"}
	}
	return sealed, nil
}
