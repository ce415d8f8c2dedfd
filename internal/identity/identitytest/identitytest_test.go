package identitytest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"csdm/internal/identity"
	"csdm/internal/identity/identitytest"
)

type network struct {
	Width int
	Rates []float64
}

type settings struct {
	Draws   int
	Seed    uint64
	Sampler string
	On      bool
	Sigma   float64
	Step    float32
	Net     network
	More    *network
	Pair    [2]int
	Options map[string]float64
	Law     fmt.Stringer
}

type law struct{ Std float64 }

func (law) String() string { return "law" }

func full() settings {
	return settings{
		Sigma: 0.1, Net: network{Rates: []float64{1, 2}}, More: &network{Width: 1},
		Options: map[string]float64{"a": 1}, Law: law{1},
	}
}

func identify(s settings) identity.Identity {
	return identity.New("x", 1).Add("settings", s, "Draws").Identity()
}

func TestCoversAll(t *testing.T) {
	identitytest.Covers(t, full(), identify, "Draws")
}

// TestFinds leaves out one field at a time, as an incomplete identity might.
func TestFinds(t *testing.T) {
	forget := map[string]func(*settings){
		"Draws":     func(*settings) {},
		"Seed":      func(s *settings) { s.Seed = 0 },
		"Sampler":   func(s *settings) { s.Sampler = "" },
		"On":        func(s *settings) { s.On = false },
		"Sigma":     func(s *settings) { s.Sigma = 0 },
		"Step":      func(s *settings) { s.Step = 0 },
		"Net.Width": func(s *settings) { s.Net.Width = 0 },
		"Net.Rates[1]": func(s *settings) {
			s.Net.Rates = append([]float64{}, s.Net.Rates...)
			s.Net.Rates[1] = 0
		},
		"More":       func(s *settings) { s.More = nil },
		"Pair[1]":    func(s *settings) { s.Pair[1] = 0 },
		"Options[a]": func(s *settings) { s.Options = map[string]float64{"a": 0} },
		"Law.Std":    func(s *settings) { s.Law = law{} },
	}
	for field, do := range forget {
		faults := identitytest.Uncovered(full(), func(s settings) identity.Identity {
			do(&s)
			return identify(s)
		})
		if !slices.ContainsFunc(faults, func(f string) bool {
			return strings.HasPrefix(f, field)
		}) {
			t.Errorf("a missing %s is not found: %v", field, faults)
		}
	}
}

func TestNeutralFields(t *testing.T) {
	if faults := identitytest.Uncovered(full(), identify, "Draws", "Seed"); len(faults) != 1 ||
		!strings.HasPrefix(faults[0], "Seed changes") {
		t.Errorf("a field that is neutral in name only: %v", faults)
	}
	if faults := identitytest.Uncovered(full(), identify, "Draws", "Nothing"); len(faults) != 1 ||
		faults[0] != "there is no field Nothing" {
		t.Errorf("a name of no field: %v", faults)
	}
	type hidden struct {
		A int
		b int
	}
	whole := func(h hidden) identity.Identity {
		return identity.New("x", 1).Add("h", h, "b").Identity()
	}
	if faults := identitytest.Uncovered(hidden{1, 2}, whole); len(faults) != 1 ||
		!strings.HasPrefix(faults[0], "b is not exported") {
		t.Errorf("an unexported field: %v", faults)
	}
	if faults := identitytest.Uncovered(settings{}, identify, "Draws"); len(faults) != 1 ||
		!strings.HasPrefix(faults[0], "Law has no value") {
		t.Errorf("an interface without a value: %v", faults)
	}
}
