package cli

import "fmt"

// Plural returns n and the noun, as in "one variable" or "3 variables".
func Plural(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
