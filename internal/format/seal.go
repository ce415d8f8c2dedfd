package format

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"regexp"
	"slices"
)

// checksumKey is the metadata key under which a .safetensors file keeps its
// checksum.
const checksumKey = "checksum"

// sealed returns the metadata with the checksum of t.
func (t *Tensors) sealed() map[string]string {
	sealed := map[string]string{}
	maps.Copy(sealed, t.Metadata)
	delete(sealed, checksumKey)
	sealed[checksumKey] = t.checksum(sealed)
	return sealed
}

// unseal verifies the checksum in the metadata and takes it out. It returns an
// *Error if the checksum is wrong. Files of others and those of older versions
// have none.
func (t *Tensors) unseal() error {
	want, ok := t.Metadata[checksumKey]
	if !ok {
		return nil
	}
	delete(t.Metadata, checksumKey) // it was made of the rest
	if t.checksum(t.Metadata) != want {
		return &Error{Offset: -1,
			What: "is damaged: its content does not match the checksum in its metadata"}
	}
	if len(t.Metadata) == 0 {
		t.Metadata = nil
	}
	t.Sealed = true
	return nil
}

// checksum returns the SHA-256 of metadata, names, types, shapes and values.
// Every text and every list is preceded by its length.
func (t *Tensors) checksum(metadata map[string]string) string {
	h := sha256.New()
	put := func(texts ...string) {
		for _, text := range texts {
			putLength(h, len(text))
			h.Write([]byte(text))
		}
	}
	putLength(h, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		put(key, metadata[key])
	}
	for _, name := range t.Names() {
		a := t.Arrays[name]
		put(name, tensorNames[a.DType])
		putLength(h, len(a.Shape))
		for _, d := range a.Shape {
			putLength(h, d)
		}
		_ = writeArray(h, a) // a hash does not fail
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

func putLength(h hash.Hash, n int) {
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// seal is the last line of a JSON object that SealJSON made, with the end of
// the line before.
var seal = regexp.MustCompile(`,\n  "sha256": "([0-9a-f]{64})"\n}\n$`)

// jsonEnd is how an indented JSON object of at least one field ends.
var jsonEnd = []byte("\n}\n")

// SealJSON adds to the text of a JSON object, indented by two spaces and with a
// line end behind it, a last field sha256: the SHA-256 of the text as it was.
// It panics if the text does not end as such an object does.
func SealJSON(text []byte) []byte {
	open, ok := bytes.CutSuffix(text, jsonEnd)
	if !ok {
		panic(fmt.Sprintf("format: no indented JSON object: %.80q", text))
	}
	sum := sha256.Sum256(text)
	return fmt.Appendf(slices.Clone(open), ",\n  \"sha256\": \"%x\"\n}\n", sum)
}

// UnsealJSON returns the text that SealJSON was given. A text without that last
// line, of an older version, comes back as it is, and sealed is false. The
// error, an *Error, says that the text was changed since.
func UnsealJSON(text []byte) (plain []byte, sealed bool, err error) {
	at := seal.FindSubmatchIndex(text)
	if at == nil {
		return text, false, nil
	}
	plain = append(slices.Clone(text[:at[0]]), jsonEnd...)
	if sum := sha256.Sum256(plain); hex.EncodeToString(sum[:]) != string(text[at[2]:at[3]]) {
		return nil, false, &Error{Offset: -1,
			What: "was changed since it was written: its content does not match its last field, " +
				"sha256"}
	}
	return plain, true, nil
}
