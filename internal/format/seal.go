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

// checksumKey is the metadata key of the checksum in a .safetensors file.
const checksumKey = "checksum"

// sealed returns the metadata with the checksum of t.
func (t *Tensors) sealed() map[string]string {
	sealed := map[string]string{}
	maps.Copy(sealed, t.Metadata)
	delete(sealed, checksumKey)
	sealed[checksumKey] = t.checksum(sealed)
	return sealed
}

// unseal verifies the checksum in the metadata and removes it. It returns an
// *Error if the checksum is wrong. Files of other programs and of older
// versions have none.
func (t *Tensors) unseal() error {
	want, ok := t.Metadata[checksumKey]
	if !ok {
		return nil
	}
	delete(t.Metadata, checksumKey) // the checksum covers the other entries
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
// The length of every text and every list is hashed before it.
//
// Without the lengths, the names “ab”, “c” and “a”, “bc” would have the same
// hash. The order of the tensors in the file does not count, since names are
// sorted.
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

// putLength hashes a length as 8 bytes.
func putLength(h hash.Hash, n int) {
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// seal matches the last line of a JSON object from SealJSON, with the end of
// the line before.
var seal = regexp.MustCompile(`,\n  "sha256": "([0-9a-f]{64})"\n}\n$`)

// jsonEnd is the end of an indented JSON object of at least one field.
var jsonEnd = []byte("\n}\n")

// SealJSON adds a last field sha256 to the text of a JSON object: the SHA-256
// of the text before. The object must be indented by two spaces and end with a
// line end; otherwise SealJSON panics.
//
// The hash is of the text that ends without the field, so that a reader can
// restore exactly that text and hash it. It is no signature: it shows damage
// and edits by hand, not an attack.
func SealJSON(text []byte) []byte {
	open, ok := bytes.CutSuffix(text, jsonEnd)
	if !ok {
		panic(fmt.Sprintf("format: not an indented JSON object: %.80q", text))
	}
	sum := sha256.Sum256(text)
	return fmt.Appendf(slices.Clone(open), ",\n  \"sha256\": \"%x\"\n}\n", sum)
}

// UnsealJSON returns the text that was given to SealJSON. A text without the
// last line, from an older version, is returned unchanged, and sealed is false.
// If the text has changed since, the error is an *Error.
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
