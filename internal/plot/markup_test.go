package plot

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestMarkup checks each form, forms within each other, and text that only
// resembles a form, such as 2 * 3 * 4 or snake_case.
func TestMarkup(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []Run
	}{
		{"", nil},
		{"plain text", []Run{{Text: "plain text"}}},
		{"*u*_{y} (10^{−3} cm)", []Run{{"u", true, 0}, {"y", false, -1}, {" (10", false, 0},
			{"−3", false, 1}, {" cm)", false, 0}}},
		{"*x_{i}*", []Run{{"x", true, 0}, {"i", true, -1}}},
		{"2 * 3 * 4", []Run{{Text: "2 * 3 * 4"}}},
		{"a*b", []Run{{Text: "a*b"}}},
		{"snake_case ^ {x} _{open", []Run{{Text: "snake_case ^ {x} _{open"}}},
		{`\*not\* \_{low}`, []Run{{Text: "*not* _{low}"}}},
		{"_{}", nil},
	} {
		if got := Markup(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("Markup(%q) = %+v, want %+v", c.in, got, c.want)
		}
	}
}

// TestLiteral checks that text from outside comes through Literal unchanged and
// in one plain run, whatever it is.
func TestLiteral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune(`ab *_^{}\ σ`))).Draw(t, "s")
		got := Markup(Literal(s))
		if s == "" && got == nil {
			return
		}
		if len(got) != 1 || got[0] != (Run{Text: s}) {
			t.Fatalf("Markup(Literal(%q)) = %+v", s, got)
		}
	})
}
