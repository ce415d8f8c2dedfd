// Package identity describes the inputs of a result. An Identity is a text:
// canonical JSON of the kind of result, the version of its format and named
// parts. Two results are the same if and only if their texts are equal. A file
// stores the text, so that a mismatch can be explained setting by setting.
// Where there is no room for the text, its SHA-256 replaces it.
//
// Settings are encoded field by field, by reflection. No String, MarshalText or
// MarshalJSON method is called, so none can hide a field. A value that cannot
// be encoded completely (functions, channels, unexported fields) causes a
// panic, because it is a programmer's error.
package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"math"
	"strconv"
	"strings"
)

// Identity is a finished identity. It can be compared with ==. The zero value
// is not the identity of any result.
type Identity struct{ text string }

// JSON returns the canonical text, "" for the zero value.
func (id Identity) JSON() string { return id.text }

// Sum returns the SHA-256 of the text.
func (id Identity) Sum() [sha256.Size]byte { return sha256.Sum256([]byte(id.text)) }

// String returns Sum in hexadecimal digits.
func (id Identity) String() string {
	sum := id.Sum()
	return hex.EncodeToString(sum[:])
}

// IsZero reports whether the identity is the zero value.
func (id Identity) IsZero() bool { return id.text == "" }

// Parse returns the identity of a text from JSON. White space between tokens
// may have been added since.
func Parse(text []byte) (Identity, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return Identity{}, err
	}
	if compact.Len() == 0 || compact.Bytes()[0] != '{' {
		return Identity{}, errors.New("identity: the text must be a JSON object")
	}
	return Identity{compact.String()}, nil
}

// MarshalJSON returns the text itself, or null for the zero value.
func (id Identity) MarshalJSON() ([]byte, error) {
	if id.IsZero() {
		return []byte("null"), nil
	}
	return []byte(id.text), nil
}

// JSONForm returns the form of the JSON: an object with the fields of the text.
func (Identity) JSONForm() any { return map[string]any(nil) }

// UnmarshalJSON is the inverse of MarshalJSON.
func (id *Identity) UnmarshalJSON(text []byte) (err error) {
	if string(text) == "null" {
		*id = Identity{}
		return nil
	}
	*id, err = Parse(text)
	return err
}

// Builder collects the parts of an identity. Each Add method returns the
// builder; a second part of the same name panics.
type Builder struct {
	text  strings.Builder
	names map[string]bool
}

// New begins the identity of a kind of result. version changes when the same
// settings give another result.
func New(kind string, version int) *Builder {
	b := &Builder{names: make(map[string]bool)}
	return b.add("kind", encodeString(kind)).add("version", strconv.Itoa(version))
}

func (b *Builder) add(name, text string) *Builder {
	if b.names[name] {
		panic("identity: there are two parts with the name " + name)
	}
	b.names[name] = true
	separator := ","
	if b.text.Len() == 0 {
		separator = "{"
	}
	b.text.WriteString(separator + encodeString(name) + ":" + text)
	return b
}

// Add adds a value: a setting, or a struct of settings without the fields in
// except. Struct fields are named by their toml tags, or otherwise by their Go
// names in lower case with underscores. A pointer stands for its target. To
// include the type of the value of an interface variable, pass a pointer to the
// variable.
//
// Tags keep the identities of earlier versions when a struct grows. A field
// with the tag identity:"omitzero" is left out if it is zero: a new setting.
// The value in an interface with identity:"untyped" has no type's name: a
// setting that had one type, and now has several.
func (b *Builder) Add(name string, value any, except ...string) *Builder {
	return b.add(name, encode(value, except))
}

// AddHash adds the SHA-256 of the output of write, which must not fail. Use it
// for numbers that are too many for people to read.
func (b *Builder) AddHash(name string, write func(io.Writer) error) *Builder {
	h := sha256.New()
	if err := write(h); err != nil {
		panic("identity: " + name + ": " + err.Error())
	}
	return b.addSum(name, h)
}

// AddFloats adds the SHA-256 of numbers, computed from their bits.
func (b *Builder) AddFloats(name string, values []float64) *Builder {
	h := sha256.New()
	var word [8]byte
	for _, v := range values {
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(v))
		h.Write(word[:])
	}
	return b.addSum(name, h)
}

func (b *Builder) addSum(name string, h hash.Hash) *Builder {
	return b.add(name, `"`+hashMark+hex.EncodeToString(h.Sum(nil))+`"`)
}

// hashMark is the prefix of the digits of a hash.
const hashMark = "sha256:"

// AddIdentity adds another complete identity as a part.
func (b *Builder) AddIdentity(name string, id Identity) *Builder {
	if id.IsZero() {
		panic("identity: " + name + " is the zero value, which is not an identity")
	}
	return b.add(name, id.text)
}

// Identity returns the identity of the parts so far.
func (b *Builder) Identity() Identity { return Identity{b.text.String() + "}"} }
