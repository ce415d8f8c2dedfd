package problems_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"csdm/problems"
)

// TestRangeRoundTrip checks that Apply maps Min to 0 and Max to 1 exactly, and
// that Invert reverses it up to four roundings.
func TestRangeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-1e3, 1e3).Draw(t, "min")
		r := problems.Range{Min: lo, Max: lo + rapid.Float64Range(1e-3, 1e6).Draw(t, "width")}
		v := []float64{r.Min, r.Max, rapid.Float64Range(-2e6, 2e6).Draw(t, "v")}
		w, back := make([]float64, 3), make([]float64, 3)
		r.Apply(w, v)
		if w[0] != 0 || w[1] != 1 {
			t.Fatalf("%+v: ends go to %v and %v", r, w[0], w[1])
		}
		r.Invert(back, w)
		for i := range v {
			if d := math.Abs(back[i] - v[i]); d > 8*0x1p-53*(math.Abs(r.Min)+math.Abs(r.Max)+
				math.Abs(v[i])) {
				t.Fatalf("%+v: %v comes back as %v", r, v[i], back[i])
			}
		}
		r.Apply(v, v)
		if v[2] != w[2] {
			t.Fatal("Apply in place differs")
		}
	})
}

func TestNormalizationInJSON(t *testing.T) {
	n := problems.Normalization{X: problems.Range{Min: 0.1, Max: 1.5},
		Y: problems.Range{Min: -0.01, Max: 1. / 3}, Fields: []problems.Range{{Min: 2, Max: 7}}}
	data, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	var back problems.Normalization
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, n) {
		t.Errorf("%s comes back as %+v, %v", data, back, err)
	}
}

func TestResolve(t *testing.T) {
	defaults := problems.Options{Grid: 56, NoisePercent: 5}
	for _, c := range []struct {
		in, want problems.Options
	}{
		{problems.Options{}, defaults},
		{problems.Options{Grid: 28}, problems.Options{Grid: 28, NoisePercent: 5}},
		{problems.Options{NoisePercent: 2.5}, problems.Options{Grid: 56, NoisePercent: 2.5}},
	} {
		if got, err := c.in.Resolve("p", defaults); err != nil || got != c.want {
			t.Errorf("%+v: %+v, %v", c.in, got, err)
		}
	}
	_, err := problems.Options{NoisePercent: 3}.Resolve("p", problems.Options{Grid: 8})
	if e, ok := errors.AsType[*problems.OptionError](err); !ok || e.Option != "noise" {
		t.Errorf("noise for a problem without it: %v", err)
	}
}

func TestSpecValidate(t *testing.T) {
	good := problems.Spec{Name: "p", Rows: 2, Cols: 3, YChannels: 1, ImagesPerSimulation: 1}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*problems.Spec){
		"name": func(s *problems.Spec) {
			s.Name = ""
		}, "rows": func(s *problems.Spec) {
			s.Rows = 0
		}, "cols": func(s *problems.Spec) { s.Cols = 1 << 40 },
		"channels": func(s *problems.Spec) {
			s.YChannels = -1
		}, "images": func(s *problems.Spec) { s.ImagesPerSimulation = 0 },
		"channel names": func(s *problems.Spec) { s.YChannelNames = []string{"a", "b"} },
	} {
		s := good
		spoil(&s)
		if s.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestChannelName(t *testing.T) {
	for _, c := range []struct {
		spec problems.Spec
		want string // of the last channel
	}{
		{problems.Spec{YName: "phase", YChannels: 1}, "phase"},
		{problems.Spec{YName: "displacement", YChannels: 2}, "channel 2"},
		{problems.Spec{YName: "displacement", YChannels: 2,
			YChannelNames: []string{"real part", "imaginary part"}}, "imaginary part"},
	} {
		if got := c.spec.ChannelName(c.spec.YChannels - 1); got != c.want {
			t.Errorf("%+v: %q", c.spec, got)
		}
	}
	a := problems.Spec{Name: "p", YChannels: 2}
	b := a
	b.YChannelNames = []string{"real part", "imaginary part"}
	old, err1 := json.Marshal(a)
	named, err2 := json.Marshal(b)
	if err1 != nil || err2 != nil || string(old) != string(named) {
		t.Errorf("the names are stored in files, so a new name makes another dataset: %s", named)
	}
}
