package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteJSON writes v, a struct or map, as one JSON object on one line. Floats
// have the shortest form that reads back to the same number. NaN and
// infinities, which JSON cannot represent, are an error that names the field,
// and nothing is written. WriteJSON panics if v is not an object in JSON.
func WriteJSON(w io.Writer, v any) error {
	if where, bad, found := notFinite(reflect.ValueOf(v), ""); found {
		return fmt.Errorf("result %s is %v, which cannot be written as JSON",
			strings.TrimPrefix(where, "."), bad)
	}
	var b bytes.Buffer
	text := json.NewEncoder(&b)
	text.SetEscapeHTML(false)
	if err := text.Encode(v); err != nil {
		return fmt.Errorf("result cannot be written as JSON: %w", err)
	}
	if b.Bytes()[0] != '{' {
		panic(fmt.Sprintf("cli: a result of type %T is not a JSON object", v))
	}
	_, err := w.Write(b.Bytes())
	return err
}

var marshaler = reflect.TypeFor[json.Marshaler]()

// notFinite finds a float that is NaN or infinite among the exported fields of
// v and returns its place.
func notFinite(v reflect.Value, at string) (where string, bad float64, found bool) {
	if v.IsValid() && v.Type().Implements(marshaler) { // it defines its own JSON
		return "", 0, false
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		return at, f, math.IsNaN(f) || math.IsInf(f, 0)
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return notFinite(v.Elem(), at)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if where, bad, found = notFinite(v.Index(i), fmt.Sprintf("%s[%d]", at, i)); found {
				return where, bad, true
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if where, bad, found = notFinite(v.MapIndex(key),
				fmt.Sprintf("%s.%v", at, key)); found {
				return where, bad, true
			}
		}
	case reflect.Struct:
		if v.CanInterface() {
			if _, ok := v.Interface().(json.Marshaler); ok {
				return "", 0, false // it defines its own JSON
			}
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() && !field.Anonymous || name == "-" && options == "" {
				continue
			}
			if name == "" {
				name = field.Name
			}
			if where, bad, found = notFinite(v.Field(i), at+"."+name); found {
				return where, bad, true
			}
		}
	}
	return "", 0, false
}

// Table aligns results for a reader. Floats have four significant digits.
type Table struct{ w *tabwriter.Writer }

// NewTable starts a table on w with a row of column heads, or without heads.
func NewTable(w io.Writer, heads ...string) *Table {
	t := &Table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	if len(heads) > 0 {
		fmt.Fprintln(t.w, strings.Join(heads, "\t"))
	}
	return t
}

// Row adds a row.
func (t *Table) Row(cells ...any) {
	text := make([]string, len(cells))
	for i, c := range cells {
		switch c := c.(type) {
		case float64:
			text[i] = strconv.FormatFloat(c, 'g', 4, 64)
		case float32:
			text[i] = strconv.FormatFloat(float64(c), 'g', 4, 32)
		default:
			text[i] = fmt.Sprint(c)
		}
	}
	fmt.Fprintln(t.w, strings.Join(text, "\t"))
}

// Flush writes the table. Nothing is written before.
func (t *Table) Flush() error { return t.w.Flush() }
