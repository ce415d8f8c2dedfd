package cli

import (
	"fmt"
	"regexp"
	"strings"
)

// Plural returns n and the noun, as in "one variable" or "3 variables".
func Plural(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Line returns the words of a command as a shell reads them.
func Line(words []string) string {
	quoted := make([]string, len(words))
	for k, word := range words {
		quoted[k] = quote(word)
	}
	return strings.Join(quoted, " ")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quote returns a word that the shell reads as text.
func quote(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
