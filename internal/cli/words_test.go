package cli

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLine has a shell read quoted words.
func TestLine(t *testing.T) {
	words := []string{"plain", "two words", "it's", "", "$HOME `id` \\", "a\nb", "-o", "*"}
	line := Line(append([]string{"printf", `%s|`}, words...))
	got, err := exec.Command("sh", "-c", line).CombinedOutput()
	if want := strings.Join(words, "|") + "|"; err != nil || string(got) != want {
		t.Errorf("the shell reads %q from %s (%v), want %q", got, line, err, want)
	}
}
