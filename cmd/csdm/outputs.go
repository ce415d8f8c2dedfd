package main

import (
	"encoding"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	source "csdm"
)

// outputHelp is a form of what a verb prints with --json.
type outputHelp struct {
	// flags or inputs that give this form; absent for the usual one
	When string `json:"when,omitempty"`
	// fields of the JSON object
	Fields []fieldHelp `json:"fields,omitempty"`
}

// fieldHelp describes a field of a JSON object.
type fieldHelp struct {
	// key of the field
	Name string `json:"name"`
	// string, boolean, integer, number, object or any; list of one of these, or
	// map of one of these by names; "or null" where null is a value, too. An
	// empty list may also be null
	Type string `json:"type"`
	// meaning, with the unit if there is one
	Help string `json:"help"`
	// whether the field is absent where it does not apply
	Optional bool `json:"optional,omitempty"`
	// fields of the object, or of each object of a list or map; absent where
	// the object is described farther up
	Fields []fieldHelp `json:"fields,omitempty"`
}

// outputsOf returns the forms of a verb's output.
func (a *app) outputsOf(verb *cobra.Command) (out []outputHelp) {
	for _, f := range a.forms[verb] {
		h := outputHelp{When: f.when}
		if f.form != nil {
			h.Fields = fieldsOfJSON(f.form, nil)
		}
		out = append(out, h)
	}
	return out
}

// jsonFormer is a type with its own MarshalJSON. JSONForm returns a value of
// the type whose JSON has the same form, or nil if the form is open.
type jsonFormer interface{ JSONForm() any }

var (
	jsonFormerType    = reflect.TypeFor[jsonFormer]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	timeType          = reflect.TypeFor[time.Time]()
)

// shapeOf returns the name of a type in JSON, and its fields if it is or has
// objects. within holds the structs around it.
func shapeOf(t reflect.Type, within []reflect.Type) (name string, fields []fieldHelp) {
	if t.Implements(jsonFormerType) && t.Kind() != reflect.Pointer {
		form := reflect.New(t).Elem().Interface().(jsonFormer).JSONForm()
		if form == nil {
			return "any", nil
		}
		return shapeOf(reflect.TypeOf(form), within)
	}
	if t == timeType || t.Implements(textMarshalerType) {
		return "string", nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean", nil
	case reflect.String:
		return "string", nil
	case reflect.Float32, reflect.Float64:
		return "number", nil
	case reflect.Pointer:
		name, fields = shapeOf(t.Elem(), within)
		return strings.TrimSuffix(name, " or null") + " or null", fields
	case reflect.Slice, reflect.Array:
		name, fields = shapeOf(t.Elem(), within)
		return "list of " + name, fields
	case reflect.Map:
		name, fields = shapeOf(t.Elem(), within)
		return "map of " + name, fields
	case reflect.Struct:
		return "object", fieldsOfJSON(t, within)
	case reflect.Interface:
		return "any", nil
	}
	return "integer", nil
}

// fieldsOfJSON returns the fields of a struct in JSON, by the rules of
// encoding/json. A struct that writes the keys of a TOML file in JSON has
// their names. A struct within itself is described once.
func fieldsOfJSON(t reflect.Type, within []reflect.Type) (out []fieldHelp) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if slices.Contains(within, t) {
		return nil
	}
	within = append(slices.Clip(within), t)
	for _, f := range reflect.VisibleFields(t) {
		tag, toml := f.Tag.Get("json"), f.Tag.Get("toml")
		if tag == "" && toml != "" {
			tag = toml
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "-" || name == "" && (f.Anonymous || !f.IsExported()) || !isPrinted(t, f) {
			continue
		}
		if name == "" {
			name = f.Name
		}
		h := fieldHelp{Name: name, Help: commentOf(t, f)}
		h.Type, h.Fields = shapeOf(f.Type, within)
		if omit := strings.Contains(options, "omit"); omit || throughPointer(t, f) {
			h.Optional = true
			if omit {
				h.Type = strings.TrimSuffix(h.Type, " or null")
			}
		}
		out = append(out, h)
	}
	return out
}

// isPrinted reports whether a visible field of t is printed as a field of t,
// not as one of an embedded struct that has a name of its own.
func isPrinted(t reflect.Type, f reflect.StructField) bool {
	for k := 1; k < len(f.Index); k++ {
		if name, _, _ := strings.Cut(t.FieldByIndex(f.Index[:k]).Tag.Get("json"), ","); name != "" {
			return false
		}
	}
	return true
}

// throughPointer reports whether a field of t lies in an embedded pointer,
// which may be nil.
func throughPointer(t reflect.Type, f reflect.StructField) bool {
	for k := 1; k < len(f.Index); k++ {
		if t.FieldByIndex(f.Index[:k]).Type.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// commentOf returns the first paragraph of the comment of a field, from the
// source of the struct that declares it; "" if the source is not embedded.
func commentOf(t reflect.Type, f reflect.StructField) string {
	for _, k := range f.Index[:len(f.Index)-1] {
		if t = t.Field(k).Type; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	folder := strings.TrimPrefix(t.PkgPath(), "csdm/")
	if folder == "main" {
		folder = "cmd/csdm"
	}
	return fieldComments()[folder+"."+t.Name()+"."+f.Name]
}

// fieldComments returns the comments of the fields of all structs in the
// embedded sources, by "folder.Type.Field".
var fieldComments = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	err := fs.WalkDir(source.Sources, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := source.Sources.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text,
			parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok {
				return false
			}
			for _, f := range s.Fields.List {
				for _, id := range f.Names {
					out[path.Dir(name)+"."+spec.Name.Name+"."+id.Name] = firstParagraph(f, id.Name)
				}
			}
			return false
		})
		return nil
	})
	if err != nil {
		panic("csdm: " + err.Error()) // the files of this build
	}
	return out
})

// firstParagraph returns the first paragraph of a field's comment in one line.
// A comment that begins as Go's do, "Pairs is the number …", begins behind the
// verb.
func firstParagraph(f *ast.Field, name string) string {
	text := f.Doc.Text()
	if text == "" {
		text = f.Comment.Text()
	}
	text, _, _ = strings.Cut(text, "\n\n")
	text = strings.Join(strings.Fields(text), " ")
	for _, verb := range []string{"is", "are", "holds", "reports", "states"} {
		if after, ok := strings.CutPrefix(text, name+" "+verb+" "); ok {
			return after
		}
	}
	return text
}
