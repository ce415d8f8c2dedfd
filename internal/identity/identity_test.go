package identity_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"csdm/internal/identity"
)

type inner struct {
	NGF  int
	Rate float32
}

// settings has a String method that hides most of its fields, as a settings
// type may.
type settings struct {
	Draws    int     `toml:"n" comment:"number of draws"`
	SigmaMax float64 `toml:"sigma_max"`
	Sampler  string
	Wait     time.Duration
	Seed     uint64
	On       bool
	Net      inner
	More     *inner
	Levels   []float64
	Raw      []byte
	Names    map[string]int
	Law      fmt.Stringer
}

func (settings) String() string               { return "settings" }
func (settings) MarshalJSON() ([]byte, error) { return []byte(`"settings"`), nil }
func (settings) MarshalText() ([]byte, error) { return []byte("settings"), nil }

type law struct{ Std float64 }

func (law) String() string { return "a law" }

type otherLaw struct{ Std float64 }

func (otherLaw) String() string { return "a law" }

func full() settings {
	return settings{
		Draws: 64, SigmaMax: 0.1, Sampler: "a<b\"µ", Wait: time.Second, Seed: math.MaxUint64,
		On: true, Net: inner{8, 0.1}, More: &inner{9, 3},
		Levels: []float64{1e21, math.Copysign(0, -1), math.Inf(1)}, Raw: []byte{0, 255},
		Names: map[string]int{"z": 1, "a": 2}, Law: law{0.5},
	}
}

func TestTextIsCanonical(t *testing.T) {
	id := identity.New("draws", 2).Add("sampling", full(), "Draws").Add("seed",
		uint64(7)).Identity()
	want := `{"kind":"draws","version":2,"sampling":{"sigma_max":0.1,"sampler":"a\u003cb\"µ",` +
		`"wait":1000000000,"seed":18446744073709551615,"on":true,` +
		`"net":{"ngf":8,"rate":0.1},"more":{"ngf":9,"rate":3},"levels":[1e+21,-0,"+Inf"],` +
		`"raw":"00ff","names":{"a":2,"z":1},` +
		`"law":{"identity_test.law":{"std":0.5}}},"seed":7}`
	if got := id.JSON(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	bytesOfOne := []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}
	byBytes := identity.New("x", 1).AddHash("y", func(w io.Writer) error {
		_, err := w.Write(bytesOfOne)
		return err
	}).Identity()
	if floats := identity.New("x", 1).AddFloats("y", []float64{1}).Identity(); floats != byBytes {
		t.Errorf("one float64 is %s, its bytes are %s", floats.JSON(), byBytes.JSON())
	}
	if !json.Valid([]byte(id.JSON())) {
		t.Error("the text is no JSON")
	}
	if len(id.String()) != 64 || id.String() != fmt.Sprintf("%x", id.Sum()) {
		t.Errorf("String is %q, Sum %x", id.String(), id.Sum())
	}
}

func TestSurvivesJSON(t *testing.T) {
	file := struct {
		Identity identity.Identity `json:"identity"`
		None     identity.Identity `json:"none"`
	}{Identity: identity.New("draws", 1).Add("s", full()).Add("bad", "\xff").Identity()}
	for name, write := range map[string]func(io.Writer) error{
		"plain": func(w io.Writer) error { return json.NewEncoder(w).Encode(file) },
		"indent": func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "\t")
			return e.Encode(file)
		},
		"html": func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			return e.Encode(file)
		},
	} {
		var text bytes.Buffer
		if err := write(&text); err != nil {
			t.Fatal(err)
		}
		back := file
		back.Identity = identity.Identity{}
		if err := json.Unmarshal(text.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		if back != file {
			t.Errorf("%s: %s came back as %s", name, file.Identity.JSON(), back.Identity.JSON())
		}
	}
	for _, bad := range []string{"", "3", `"x"`, "{", "[1]"} {
		if _, err := identity.Parse([]byte(bad)); err == nil {
			t.Errorf("%q is taken as an identity", bad)
		}
	}
}

// TestDistinct checks values for which a careless encoding would be the same.
func TestDistinct(t *testing.T) {
	one := func(v any) identity.Identity { return identity.New("x", 1).Add("v", v).Identity() }
	var a, b fmt.Stringer = law{1}, otherLaw{1}
	ids := map[string]string{}
	for name, v := range map[string]any{
		"float": 0.1, "next float": math.Nextafter(0.1, 1), "float32": float32(0.1) + 1e-8,
		"text": "0.1", "two": []string{"a", "b"}, "joined": []string{"a,b"},
		"quoted": []string{`a","b`}, "law": &a, "other law": &b, "nil": (*inner)(nil),
		"zero": &inner{}, "bad text": "\xff", "replaced text": "\ufffd",
	} {
		text := one(v).JSON()
		if other, has := ids[text]; has {
			t.Errorf("%s and %s are both %s", name, other, text)
		}
		ids[text] = name
	}
	part := identity.New("part", 1).Identity()
	if a, b := one(struct{ ID identity.Identity }{part}),
		one(struct{ ID identity.Identity }{}); a == b ||
		a.JSON() != `{"kind":"x","version":1,"v":{"id":{"kind":"part","version":1}}}` {
		t.Errorf("an identity within settings: %s and %s", a.JSON(), b.JSON())
	}
	if identity.New("ab", 1).Identity() == identity.New("ab", 2).Identity() {
		t.Error("the version does not count")
	}
}

func TestRefuses(t *testing.T) {
	type hidden struct {
		A int
		b int
	}
	type loop struct{ Next *loop }
	circle := &loop{}
	circle.Next = circle
	for name, do := range map[string]func(b *identity.Builder){
		"function":         func(b *identity.Builder) { b.Add("v", struct{ F func() }{}) },
		"channel":          func(b *identity.Builder) { b.Add("v", make(chan int)) },
		"unexported field": func(b *identity.Builder) { b.Add("v", hidden{1, 2}) },
		"time":             func(b *identity.Builder) { b.Add("v", time.Now()) },
		"circle":           func(b *identity.Builder) { b.Add("v", circle) },
		"complex":          func(b *identity.Builder) { b.Add("v", 1i) },
		"no such field":    func(b *identity.Builder) { b.Add("v", inner{}, "Nothing") },
		"twice":            func(b *identity.Builder) { b.Add("v", 1).Add("v", 1) },
		"zero identity":    func(b *identity.Builder) { b.AddIdentity("v", identity.Identity{}) },
		"failing writer": func(b *identity.Builder) {
			b.AddHash("v", func(io.Writer) error { return io.ErrShortWrite })
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is encoded", name)
				}
			}()
			do(identity.New("x", 1))
		}()
	}
	identity.New("x", 1).Add("v", hidden{1, 2}, "b") // left out by name
}

func TestCompare(t *testing.T) {
	make := func(s settings, y float64) identity.Identity {
		return identity.New("draws", 1).Add("sampling", s).AddFloats("measurement",
			[]float64{y}).Identity()
	}
	a, other := make(full(), 1), full()
	other.SigmaMax, other.More, other.Levels = 80, nil, []float64{1e21}
	b := make(other, 2)
	if d := identity.Compare(a, a); d != nil {
		t.Errorf("an identity differs from itself: %s", d)
	}
	d := identity.Compare(a, b)
	var names []string
	for _, x := range d {
		names = append(names, x.Name)
	}
	want := "sampling.sigma_max sampling.more measurement sampling.more.ngf sampling.more.rate " +
		"sampling.levels[1] sampling.levels[2]"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("differences in\n%s, want\n%s", got, want)
	}
	if got := d[0].String(); got != "sampling.sigma_max: 0.1 in the file, 80 in this call" {
		t.Error(got)
	}
	if got := d[2]; len(got.There) != 12 || len(got.Asked) != 12 || got.There == got.Asked {
		t.Errorf("hashes are shown as %q and %q", got.There, got.Asked)
	}
	if got := d[3].String(); got != "sampling.more.ngf: 9 in the file, none in this call" {
		t.Error(got)
	}
	swapped := identity.New("x", 1).Add("b", 1).Add("a", 1).Identity()
	if d := identity.Compare(identity.New("x", 1).Add("a", 1).Add("b", 1).Identity(),
		swapped); len(d) == 0 {
		t.Error("parts in another order are taken as equal")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(identity.New("x", 1).Add("s", full()).Identity().JSON()))
	f.Add([]byte(`{"a":{},"b":[],"c":[[1],{"d":null}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		id, err := identity.Parse(text)
		if err != nil {
			return
		}
		if again, err := identity.Parse([]byte(id.JSON())); err != nil || again != id {
			t.Fatalf("%q: %v", id.JSON(), err)
		}
		identity.Compare(id, identity.New("x", 1).Identity())
	})
}

// TestDerived checks that a field that follows from the others is left out,
// exported or not.
func TestDerived(t *testing.T) {
	type settings struct {
		A      int
		square int `identity:"-"`
	}
	one := identity.New("derived", 1).Add("s", settings{A: 2}).Identity()
	if identity.New("derived", 1).Add("s", settings{2, 4}).Identity() != one {
		t.Error("a derived field changes the identity")
	}
	if identity.New("derived", 1).Add("s", settings{A: 3}).Identity() == one {
		t.Error("the other field does not change the identity")
	}
}

// TestGrown checks that tags keep the identity of a struct that has grown.
func TestGrown(t *testing.T) {
	type former struct {
		Level float64 `toml:"level"`
	}
	type grown struct {
		Level any    `toml:"level" identity:"untyped"`
		Kind  string `toml:"kind" identity:"omitzero"`
	}
	of := func(s any) identity.Identity { return identity.New("grown", 1).Add("s", s).Identity() }
	if got, want := of(grown{Level: 4.5}), of(former{4.5}); got != want {
		t.Errorf("got  %s\nwant %s", got.JSON(), want.JSON())
	}
	for _, other := range []grown{{Level: 4}, {Level: []any{4.5}}, {Level: 4.5, Kind: "x"}} {
		if of(other) == of(former{4.5}) {
			t.Errorf("%+v does not change the identity", other)
		}
	}
}
