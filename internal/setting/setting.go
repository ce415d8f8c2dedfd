package setting

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Setting is one field of a struct of settings, with the values of its tags.
type Setting struct {
	Name    string // in files, with the section in front: "training.steps"
	Unit    string // empty for a pure number
	Default string // as Set reads it; empty: the zero value
	Range   string // values that Check accepts; empty: all
	Help    string // a phrase that stands alone; empty: the struct has no Source
	Of      string // the choices that the setting belongs to; empty: all of them
	Expert  bool   // seldom changed: only the reference page lists it
	Neutral bool   // no result depends on it

	field reflect.Value
}

// Of returns the settings of the struct that v points to, in the order of its
// fields. A field is a setting if it has a toml tag other than "-". A field
// that is a struct is a section.
func Of(v any) []Setting { return list(nil, "", reflect.ValueOf(v).Elem()) }

func list(out []Setting, prefix string, v reflect.Value) []Setting {
	helps := helps(v)
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		name := tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		if field := v.Field(i); field.Kind() == reflect.Struct {
			out = list(out, prefix+name+".", field)
		} else {
			out = append(out, Setting{
				Name: prefix + name, Unit: tag.Get("unit"), Default: tag.Get("default"),
				Range: tag.Get("range"), Of: tag.Get("of"), Help: helps[name],
				Expert:  strings.Contains(tag.Get("is"), "expert"),
				Neutral: strings.Contains(tag.Get("is"), "neutral"), field: field,
			})
		}
	}
	return out
}

// Find returns the setting with the given name in the struct that v points to.
// It is an error if there is no such setting or if the name is the name of a
// section.
func Find(v any, name string) (Setting, error) {
	for _, s := range Of(v) {
		switch {
		case s.Name == name:
			return s, nil
		case strings.HasPrefix(s.Name, name+"."):
			return s, fmt.Errorf("%s is a section: its settings are named as %s", name, s.Name)
		}
	}
	return Setting{}, fmt.Errorf("there is no setting %s", name)
}

// Defaults sets every setting of the struct that v points to to its default.
func Defaults(v any) {
	for _, s := range Of(v) {
		s.field.SetZero()
		if s.Default == "" {
			continue
		}
		if err := s.Set(s.Default); err != nil {
			panic(fmt.Sprintf("setting: default of %s: %v", s.Name, err))
		}
	}
}

// Value returns the value of the setting.
func (s Setting) Value() any { return s.field.Interface() }

// Clear gives the setting the zero value.
func (s Setting) Clear() { s.field.SetZero() }

// Set parses text and sets the setting to its value. The error names the
// expected kind of value. Set does not check the range; Check does.
func (s Setting) Set(text string) error {
	fail := func(want string) error {
		return fmt.Errorf("setting %s: %q: %s is expected", s.Name, text, want)
	}
	switch s.field.Kind() {
	case reflect.String:
		s.field.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fail("an integer")
		}
		s.field.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fail("true or false")
		}
		s.field.SetBool(b)
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fail("an integer of at least 0")
		}
		s.field.SetUint(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return fail("a finite number")
		}
		s.field.SetFloat(x)
	default:
		panic("setting: " + s.Name + " is of type " + s.field.Type().String())
	}
	return nil
}

// Error reports a value that its setting does not accept.
type Error struct {
	Name  string
	Value any
	Want  string
}

// Error names the setting, its value and the values that are allowed.
func (e *Error) Error() string {
	return fmt.Sprintf("setting %s = %v: must be %s", e.Name, e.Value, e.Want)
}

// In returns an *Error with the section in front of its name. It returns other
// errors unchanged.
func In(section string, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{section + "." + e.Name, e.Value, e.Want}
	}
	return err
}

// Check returns an *Error for the first setting of the struct that v points to
// whose value is out of range. It skips the settings named in except.
func Check(v any, except ...string) error {
	for _, s := range Of(v) {
		if err := s.Check(); err != nil && !contains(except, s.Name) {
			return err
		}
	}
	return nil
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// Check returns an *Error if the value is out of the setting's range. An empty
// name stands for the default of a setting that has one.
func (s Setting) Check() error {
	ok := true
	switch s.field.Kind() {
	case reflect.String:
		text := s.field.String()
		ok = s.Range == "" || contains(s.Choices(), text) || text == "" && s.Default != ""
	case reflect.Int:
		ok = s.interval().contains(float64(s.field.Int()))
	case reflect.Float64:
		x := s.field.Float()
		ok = x-x == 0 && s.interval().contains(x)
	}
	if ok {
		return nil
	}
	return &Error{s.Name, s.Value(), s.Wants()}
}

// GoesWith reports whether the setting belongs to a choice, as
// "steps_per_level" belongs to the sampler "pc".
func (s Setting) GoesWith(choice string) bool {
	return s.Of == "" || contains(strings.Split(s.Of, "|"), choice)
}

// Describe returns the description of the setting in one line: its help, and in
// brackets its range, its unit and the choices that it belongs to.
func (s Setting) Describe() string {
	facts := s.facts()
	if w := s.Wants(); w != "" && w != "at least 0" {
		facts = append([]string{w}, facts...)
	}
	return s.Help + brackets(facts, false)
}

// facts returns the unit of the setting and the choices that it belongs to, in
// words.
func (s Setting) facts() (facts []string) {
	if s.Unit != "" {
		facts = append(facts, "in "+s.Unit)
	}
	if s.Of != "" {
		facts = append(facts, "only for "+either(strings.Split(s.Of, "|")))
	}
	return facts
}

// Text returns the value as Set reads it.
func (s Setting) Text() string {
	if s.field.Kind() == reflect.Float64 {
		return strconv.FormatFloat(s.field.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(s.field.Interface())
}
