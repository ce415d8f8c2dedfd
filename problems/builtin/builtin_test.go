package builtin_test

import (
	"errors"
	"testing"

	"csdm/problems"
	"csdm/problems/builtin"
)

func TestLookup(t *testing.T) {
	for _, e := range builtin.List() {
		p, err := builtin.Lookup(e.Name, problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Spec().Name != e.Name {
			t.Errorf("%s is called %s", e.Name, p.Spec().Name)
		}
		_, closed := p.(problems.ClosedForm)
		_, modal := p.(problems.Modal)
		if p.Spec().Section == "" && !closed && !modal {
			t.Errorf("%s names no section of the paper", e.Name)
		}
	}
	err := second(builtin.Lookup("quasi", problems.Options{}))
	if u, ok := errors.AsType[*builtin.UnknownError](err); !ok || len(u.Known) < 2 {
		t.Error(err)
	}
	if _, ok := errors.AsType[*problems.OptionError](second(builtin.Lookup("quasistatic",
		problems.Options{Grid: 3}))); !ok {
		t.Error("a grid of 3 is accepted")
	}
}

func second[T any](_ T, err error) error { return err }
