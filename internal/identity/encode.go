package identity

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth limits the nesting of values, so that a cycle of pointers panics.
const maxDepth = 64

// encode returns the canonical JSON of a value. Struct fields are in the order
// of their declaration, map keys are sorted, floats have the shortest form that
// reads back the same, byte slices are hexadecimal digits, and a value in an
// interface has its type's name. A nil slice equals an empty one; a nil pointer
// or interface is null.
func encode(value any, except []string) string {
	e := encoder{except: except}
	v := reflect.ValueOf(value)
	for _, name := range except {
		s := v
		for s.Kind() == reflect.Pointer {
			s = s.Elem()
		}
		if s.Kind() != reflect.Struct || !s.FieldByName(name).IsValid() {
			panic(fmt.Sprintf("identity: %T has no field %s to leave out", value, name))
		}
	}
	e.value(v, 0)
	return e.text.String()
}

type encoder struct {
	text   strings.Builder
	except []string // fields of the outermost struct
}

func (e *encoder) value(v reflect.Value, depth int) {
	if depth > maxDepth {
		panic("identity: values are nested too deeply, or in a circle")
	}
	if !v.IsValid() {
		e.text.WriteString("null")
		return
	}
	if v.Type() == reflect.TypeFor[Identity]() {
		e.text.WriteString(textOf(v))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		e.text.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.text.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Uintptr:
		e.text.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		e.text.WriteString(encodeFloat(v.Float(), v.Type().Bits()))
	case reflect.String:
		e.text.WriteString(encodeString(v.String()))
	case reflect.Pointer:
		if v.IsNil() {
			e.text.WriteString("null")
			return
		}
		e.value(v.Elem(), depth+1)
	case reflect.Interface:
		if v.IsNil() {
			e.text.WriteString("null")
			return
		}
		e.text.WriteString("{" + encodeString(v.Elem().Type().String()) + ":")
		e.inner(v.Elem(), depth+1)
		e.text.WriteByte('}')
	case reflect.Struct:
		e.structure(v, depth)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			e.text.WriteString(`"` + hex.EncodeToString(bytesOf(v)) + `"`)
			return
		}
		e.text.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				e.text.WriteByte(',')
			}
			e.inner(v.Index(i), depth+1)
		}
		e.text.WriteByte(']')
	case reflect.Map:
		e.mapping(v, depth)
	default:
		panic(fmt.Sprintf("identity: a %s cannot be encoded", v.Type()))
	}
}

// textOf returns the text of a value that is itself an Identity.
func textOf(v reflect.Value) string {
	if text := v.Field(0).String(); text != "" {
		return text
	}
	return "null"
}

// inner encodes a part of a value, with all of its fields.
func (e *encoder) inner(v reflect.Value, depth int) {
	except := e.except
	e.except = nil
	e.value(v, depth)
	e.except = except
}

func (e *encoder) structure(v reflect.Value, depth int) {
	t := v.Type()
	e.text.WriteByte('{')
	for i, first := 0, true; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := f.Tag.Get("identity")
		if slices.Contains(e.except, f.Name) || IsDerived(f) ||
			tag == "omitzero" && v.Field(i).IsZero() {
			continue
		}
		if !f.IsExported() {
			panic(fmt.Sprintf("identity: %s.%s is not exported, so its effect on the "+
				"result is unknown", t, f.Name))
		}
		if !first {
			e.text.WriteByte(',')
		}
		first = false
		e.text.WriteString(encodeString(FieldName(f)) + ":")
		if tag == "untyped" && f.Type.Kind() == reflect.Interface && !v.Field(i).IsNil() {
			e.inner(v.Field(i).Elem(), depth+1)
			continue
		}
		e.inner(v.Field(i), depth+1)
	}
	e.text.WriteByte('}')
}

// IsDerived reports whether a field has the tag identity:"-", which states that
// the other fields determine it.
func IsDerived(f reflect.StructField) bool { return f.Tag.Get("identity") == "-" }

func (e *encoder) mapping(v reflect.Value, depth int) {
	type entry struct {
		key   string
		value reflect.Value
	}
	var entries []entry
	for it := v.MapRange(); it.Next(); {
		var key encoder
		key.value(it.Key(), depth+1)
		text := key.text.String()
		if it.Key().Kind() != reflect.String {
			text = encodeString(text)
		}
		entries = append(entries, entry{text, it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	e.text.WriteByte('{')
	for i, x := range entries {
		if i > 0 {
			e.text.WriteByte(',')
		}
		e.text.WriteString(x.key + ":")
		e.inner(x.value, depth+1)
	}
	e.text.WriteByte('}')
}

func bytesOf(v reflect.Value) []byte {
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return b
}

// encodeFloat returns a JSON number, or a string for values that JSON cannot
// represent.
func encodeFloat(f float64, bits int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return `"` + strconv.FormatFloat(f, 'g', -1, bits) + `"`
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// encodeString returns s as encoding/json writes it, so that the text does not
// change within other JSON. A string that is not UTF-8 becomes an object with
// its bytes, because JSON would replace them.
func encodeString(s string) string {
	if !utf8.ValidString(s) {
		return `{"bytes":"` + hex.EncodeToString([]byte(s)) + `"}`
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic("identity: " + err.Error()) // a string can always be encoded
	}
	return string(text)
}

// FieldName returns the name of a struct field in an identity: its toml tag, or
// otherwise its Go name in lower case with underscores (SigmaMax is sigma_max,
// NGF is ngf).
func FieldName(f reflect.StructField) string {
	if tag, _, _ := strings.Cut(f.Tag.Get("toml"), ","); tag != "" && tag != "-" {
		return tag
	}
	var name strings.Builder
	runes := []rune(f.Name)
	for i, r := range runes {
		startsWord := i > 0 && unicode.IsUpper(r) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if startsWord {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToLower(r))
	}
	return name.String()
}
