package run

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Setting is one value of a Config, by its name in config.toml with the section
// in front, as "training.steps".
type Setting struct {
	Name  string
	Value any
}

// Settings lists all settings in the order of the file.
func (c *Config) Settings() (out []Setting) {
	c.each(func(name string, v reflect.Value) { out = append(out, Setting{name, v.Interface()}) })
	return out
}

// each calls do with every setting; v can be set.
func (c *Config) each(do func(name string, v reflect.Value)) {
	var walk func(prefix string, v reflect.Value)
	walk = func(prefix string, v reflect.Value) {
		for i := range v.NumField() {
			name := prefix + v.Type().Field(i).Tag.Get("toml")
			if field := v.Field(i); field.Kind() == reflect.Struct {
				walk(name+".", field)
			} else {
				do(name, field)
			}
		}
	}
	walk("", reflect.ValueOf(c).Elem())
}

// Set gives the setting of that name the value that text stands for. The error
// says which name or value is not accepted.
func (c *Config) Set(name, text string) error {
	err := fmt.Errorf("there is no setting %s", name)
	c.each(func(n string, v reflect.Value) {
		switch {
		case n == name:
			if err = parse(v, text); err != nil {
				err = fmt.Errorf("setting %s: %q: %w", name, text, err)
			}
		case strings.HasPrefix(n, name+"."):
			err = fmt.Errorf("%s is a section: its settings are named as %s", name, n)
		}
	})
	return err
}

func parse(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("an integer is expected")
		}
		v.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("true or false is expected")
		}
		v.SetBool(b)
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return errors.New("an integer of at least 0 is expected")
		}
		v.SetUint(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return errors.New("a finite number is expected")
		}
		v.SetFloat(x)
	default:
		panic("run: a setting of type " + v.Type().String())
	}
	return nil
}

// differences names the settings in which asked differs from c.
func (c *Config) differences(asked *Config) (out []string) {
	theirs := asked.Settings()
	for i, s := range c.Settings() {
		if s.Value != theirs[i].Value {
			out = append(out, fmt.Sprintf("%s: %v there, %v asked for", s.Name, s.Value,
				theirs[i].Value))
		}
	}
	return out
}
