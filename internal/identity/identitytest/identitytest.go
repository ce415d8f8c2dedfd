// Package identitytest tests that an identity covers a settings type.
package identitytest

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"csdm/internal/identity"
)

// Covers changes each field of settings in turn, also within structs, pointers,
// lists, maps and interfaces, by as little as the type allows. It requires that
// the result of identify changes, except for the fields in neutral (such as
// "Draws" or "Sampling.Draws"), for which it must not change. Fields that are
// added to the type later are also covered. An unexported field, or an
// interface without a value, cannot be changed and fails the test unless it is
// neutral.
func Covers[T any](t *testing.T, settings T, identify func(T) identity.Identity,
	neutral ...string) {
	t.Helper()
	for _, fault := range Uncovered(settings, identify, neutral...) {
		t.Error(fault)
	}
}

// Uncovered returns the faults that Covers reports, for tests of this package.
func Uncovered[T any](settings T, identify func(T) identity.Identity,
	neutral ...string) (faults []string) {
	base := identify(settings)
	if again := identify(settings); again != base {
		return []string{"the same settings give two identities"}
	}
	c := changer{neutral: neutral, seen: make(map[string]bool)}
	v := reflect.New(reflect.TypeFor[T]()).Elem()
	v.Set(reflect.ValueOf(settings))
	c.changes("", v, func(path string, changed reflect.Value) {
		var now T
		reflect.ValueOf(&now).Elem().Set(changed)
		same := identify(now) == base
		if _, is := c.isNeutral(path); is && !same {
			faults = append(faults, fmt.Sprintf("%s changes the identity and must not", path))
		} else if !is && same {
			faults = append(faults, fmt.Sprintf("%s does not change the identity", path))
		}
	})
	for _, name := range neutral {
		if !c.seen[name] {
			faults = append(faults, fmt.Sprintf("there is no field %s", name))
		}
	}
	return append(faults, c.faults...)
}

type changer struct {
	neutral []string
	seen    map[string]bool
	faults  []string
}

// isNeutral reports whether the field at a path, or one that contains it, is
// neutral.
func (c *changer) isNeutral(path string) (name string, is bool) {
	for i := 0; i <= len(path); i++ {
		if i == len(path) || path[i] == '.' || path[i] == '[' {
			if slices.Contains(c.neutral, path[:i]) {
				c.seen[path[:i]] = true
				return path[:i], true
			}
		}
	}
	return "", false
}

// changes calls do with copies of v, each of which differs from v in one leaf.
func (c *changer) changes(path string, v reflect.Value,
	do func(path string, changed reflect.Value)) {
	with := func(inner reflect.Value, at string, put func(copy, x reflect.Value)) {
		c.changes(at, inner, func(p string, x reflect.Value) {
			changed := reflect.New(v.Type()).Elem()
			changed.Set(v)
			put(changed, x)
			do(p, changed)
		})
	}
	leaf := func(set func(copy reflect.Value)) {
		changed := reflect.New(v.Type()).Elem()
		changed.Set(v)
		set(changed)
		do(path, changed)
	}
	if v.Type() == reflect.TypeFor[identity.Identity]() {
		leaf(func(x reflect.Value) {
			x.Set(reflect.ValueOf(identity.New("changed", 1).Identity()))
		})
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		leaf(func(x reflect.Value) { x.SetBool(!v.Bool()) })
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		leaf(func(x reflect.Value) { x.SetInt(v.Int() + 1) })
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Uintptr:
		leaf(func(x reflect.Value) { x.SetUint(v.Uint() + 1) })
	case reflect.Float32:
		leaf(func(x reflect.Value) {
			x.SetFloat(float64(math.Nextafter32(float32(v.Float()), math.MaxFloat32)))
		})
	case reflect.Float64:
		leaf(func(x reflect.Value) { x.SetFloat(math.Nextafter(v.Float(), math.MaxFloat64)) })
	case reflect.String:
		leaf(func(x reflect.Value) { x.SetString(v.String() + "x") })
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if identity.IsDerived(f) {
				continue
			}
			at := f.Name
			if path != "" {
				at = path + "." + f.Name
			}
			if !f.IsExported() {
				if _, is := c.isNeutral(at); !is {
					c.faults = append(c.faults, at+" is not exported and cannot be changed")
				}
				continue
			}
			with(v.Field(i), at, func(copy, x reflect.Value) { copy.Field(i).Set(x) })
		}
	case reflect.Pointer:
		if v.IsNil() {
			leaf(func(x reflect.Value) { x.Set(reflect.New(v.Type().Elem())) })
			return
		}
		leaf(func(x reflect.Value) { x.SetZero() })
		with(v.Elem(), path, func(copy, x reflect.Value) {
			copy.Set(reflect.New(v.Type().Elem()))
			copy.Elem().Set(x)
		})
	case reflect.Slice:
		leaf(func(x reflect.Value) {
			x.Set(reflect.Append(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()+1), v),
				reflect.Zero(v.Type().Elem())))
		})
		for i := range v.Len() {
			with(v.Index(i), fmt.Sprintf("%s[%d]", path, i), func(copy, x reflect.Value) {
				copy.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
				copy.Index(i).Set(x)
			})
		}
	case reflect.Array:
		for i := range v.Len() {
			with(v.Index(i), fmt.Sprintf("%s[%d]", path, i), func(copy, x reflect.Value) {
				copy.Index(i).Set(x)
			})
		}
	case reflect.Map:
		clone := func(x reflect.Value) {
			x.Set(reflect.MakeMap(v.Type()))
			for it := v.MapRange(); it.Next(); {
				x.SetMapIndex(it.Key(), it.Value())
			}
		}
		for it := v.MapRange(); it.Next(); {
			key := it.Key()
			leaf(func(x reflect.Value) { clone(x); x.SetMapIndex(key, reflect.Value{}) })
			with(it.Value(), fmt.Sprintf("%s[%v]", path, key), func(copy, x reflect.Value) {
				clone(copy)
				copy.SetMapIndex(key, x)
			})
		}
		if v.Len() == 0 {
			leaf(func(x reflect.Value) {
				clone(x)
				x.SetMapIndex(reflect.Zero(v.Type().Key()), reflect.Zero(v.Type().Elem()))
			})
		}
	case reflect.Interface:
		if _, is := c.isNeutral(path); !is && v.IsNil() {
			c.faults = append(c.faults, path+" has no value to change: give it one")
		}
		if !v.IsNil() {
			with(v.Elem(), path, func(copy, x reflect.Value) { copy.Set(x) })
		}
	default:
		if _, is := c.isNeutral(path); !is {
			c.faults = append(c.faults, fmt.Sprintf("%s is a %s, which no identity covers", path,
				v.Type()))
		}
	}
}
