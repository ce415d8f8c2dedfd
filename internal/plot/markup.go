package plot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Run is a piece of text in one style.
type Run struct {
	Text   string
	Italic bool
	Shift  int // +1 superscript, −1 subscript, 0 on the baseline
}

// Markup splits a line of text into runs. Three forms are known:
//
//	*x*      italic, for variables; the stars must touch the text between them
//	_{ab}    subscript
//	^{−2}    superscript
//
// The forms do not nest, except that sub- and superscripts may stand inside
// italics. A backslash makes the next character plain. All other text stays as
// it is, and so does a form that is not closed. [Literal] protects text from
// outside.
//
// Runs of equal style are joined, so that a text has as few parts as its styles
// need.
func Markup(s string) []Run {
	var runs []Run
	italic := false
	emit := func(text string, shift int) {
		if text == "" {
			return
		}
		if n := len(runs) - 1; n >= 0 && runs[n].Italic == italic && runs[n].Shift == shift {
			runs[n].Text += text
			return
		}
		runs = append(runs, Run{text, italic, shift})
	}
	prev := ' '
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == '\\' && len(s) > size:
			_, next := utf8.DecodeRuneInString(s[size:])
			emit(s[size:size+next], 0)
			size += next
		case (r == '_' || r == '^') && strings.HasPrefix(s[size:], "{") && strings.Contains(s, "}"):
			end := strings.IndexByte(s, '}')
			shift := 1
			if r == '_' {
				shift = -1
			}
			emit(s[size+1:end], shift)
			size = end + 1
		case r == '*' && italic && !unicode.IsSpace(prev):
			italic = false
		case r == '*' && !italic && opensItalic(s[size:]):
			italic = true
		default:
			emit(s[:size], 0)
		}
		prev, s = r, s[size:]
	}
	return runs
}

// opensItalic reports whether rest, the text after a star, begins without a
// space and has a closing star that is neither escaped nor preceded by a space.
func opensItalic(rest string) bool {
	prev := ' '
	for i, r := range rest {
		switch {
		case i == 0 && unicode.IsSpace(r):
			return false
		case r == '*' && i > 0 && prev != '\\' && !unicode.IsSpace(prev):
			return true
		}
		prev = r
	}
	return false
}

// Literal escapes s so that Markup gives it back unchanged.
func Literal(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_{`, `\_{`, `^{`, `\^{`).Replace(s)
}
