package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestStops holds that each of the twelve stops of the method in two hours has
// an equation, a picture, a question with its answer, and lines of the source
// that stand in the function that it names.
func TestStops(t *testing.T) {
	text, err := os.ReadFile("tutorials/two-hours.md")
	if err != nil {
		t.Fatal(err)
	}
	page, answers, _ := strings.Cut(string(text), "\n## Answers\n")
	for n := 1; n <= 12; n++ {
		_, stop, found := strings.Cut(page, fmt.Sprintf("\n## %d. ", n))
		stop, _, _ = strings.Cut(stop, "\n## ")
		if !found {
			t.Errorf("there is no stop %d", n)
		}
		for what, pattern := range map[string]string{
			"an equation": `(?m)^    \S`,
			"a picture":   `(?m)^!\[.+\]\(pictures/\w+\.svg\)$`,
			"a question":  fmt.Sprintf(`(?m)^\*\*Question %d\.\*\* .`, n),
		} {
			if !regexp.MustCompile(pattern).MatchString(stop) {
				t.Errorf("stop %d has not %s", n, what)
			}
		}
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^%d\. .`, n)).MatchString(answers) {
			t.Errorf("question %d has no answer", n)
		}
		if err := sourceOf(stop); err != nil {
			t.Errorf("stop %d: %v", n, err)
		}
	}
}

var source = regexp.MustCompile("(?ms)^Source: `([^`]+)`, `(\\w+)`\n\n```go\n(.+?)^```$")

// sourceOf returns an error unless the lines that a stop quotes follow each
// other in its function.
func sourceOf(stop string) error {
	m := source.FindStringSubmatch(stop)
	if m == nil {
		return fmt.Errorf("it quotes no source")
	}
	file, err := os.ReadFile(filepath.Join(root, m[1]))
	if err != nil {
		return err
	}
	begin := regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + m[2] + `\b`)
	// A file may have several methods of one name.
	for _, at := range begin.FindAllIndex(file, -1) {
		body, _, _ := strings.Cut(string(file[at[0]:]), "\n}")
		if strings.Contains(body+"\n", m[3]) {
			return nil
		}
	}
	return fmt.Errorf("%s in %s does not hold\n%s", m[2], m[1], m[3])
}
