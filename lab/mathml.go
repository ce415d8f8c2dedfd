package lab

import (
	"html/template"
	"strings"
)

// The functions below write MathML Core, which browsers draw without a library.

// formula is a formula of its own line.
func formula(parts ...string) template.HTML {
	return template.HTML(`<math display="block">` + row(parts...) + `</math>`)
}

// inline is a formula within a text.
func inline(parts ...string) template.HTML {
	return template.HTML("<math>" + row(parts...) + "</math>")
}

func row(parts ...string) string { return "<mrow>" + strings.Join(parts, "") + "</mrow>" }

// v is a variable, o an operator, num a number, and words a text.
func v(name string) string     { return "<mi>" + name + "</mi>" }
func o(sign string) string     { return "<mo>" + sign + "</mo>" }
func num(digits string) string { return "<mn>" + digits + "</mn>" }
func words(text string) string { return "<mtext>" + text + "</mtext>" }

// bold is a vector or a tensor.
func bold(name string) string { return `<mi mathvariant="bold">` + name + "</mi>" }

func sub(base, index string) string    { return "<msub>" + base + index + "</msub>" }
func sup(base, exponent string) string { return "<msup>" + base + exponent + "</msup>" }
func frac(above, below string) string  { return "<mfrac>" + above + below + "</mfrac>" }
func root(inside ...string) string     { return "<msqrt>" + row(inside...) + "</msqrt>" }
func bar(base string) string           { return accent(base, "¯") }
func tilde(base string) string         { return accent(base, "~") }
func accent(base, mark string) string {
	return `<mover accent="true">` + base + "<mo>" + mark + "</mo></mover>"
}

// in puts parts in parentheses, norm between double bars.
func in(parts ...string) string { return row(o("("), row(parts...), o(")")) }
func norm(parts ...string) string {
	return row(`<mo stretchy="false">‖</mo>`, row(parts...), `<mo stretchy="false">‖</mo>`)
}

// sum is a sum over an index.
func sum(index string) string { return "<munder><mo>∑</mo>" + index + "</munder>" }
