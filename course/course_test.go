package course

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const exercises = 12

// TestSolutions grades the solutions: it puts each in the place of its
// exercise.
func TestSolutions(t *testing.T) {
	replace := map[string]string{}
	args := []string{"test", "-vet=off", "-tags=course"}
	for n := 1; n <= exercises; n++ {
		name := fmt.Sprintf("ex%02d", n)
		from, err := filepath.Abs(filepath.Join(name, "exercise.go"))
		if err != nil {
			t.Fatal(err)
		}
		to, err := filepath.Abs(filepath.Join("solutions", name, "exercise.go"))
		if err != nil {
			t.Fatal(err)
		}
		replace[from] = to
		args = append(args, "./"+name)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	args = slices.Insert(args, 1, "-overlay="+overlay)
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if n := strings.Count(string(out), "ok  \t"); n != exercises {
		t.Errorf("%d of %d solutions pass:\n%s", n, exercises, out)
	}
}

var function = regexp.MustCompile(`(?m)^func .*\{$`)

// TestExercises holds that each exercise has lines to write, and that its
// solution has them written, with the same text above and the same functions.
func TestExercises(t *testing.T) {
	const mark = "// Your lines"
	for n := 1; n <= exercises; n++ {
		name := fmt.Sprintf("ex%02d/exercise.go", n)
		exercise, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		solution, err := os.ReadFile(filepath.Join("solutions", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(exercise), mark) || strings.Contains(string(solution), mark) {
			t.Errorf("%s: the lines to write are not marked, or its solution has the mark", name)
		}
		above, _, _ := strings.Cut(string(exercise), "\npackage ")
		if !strings.HasPrefix(string(solution), above) {
			t.Errorf("%s and its solution begin with another text", name)
		}
		for _, f := range function.FindAllString(string(exercise), -1) {
			if !strings.Contains(string(solution), f) {
				t.Errorf("the solution of %s lacks %s", name, f)
			}
		}
	}
}
