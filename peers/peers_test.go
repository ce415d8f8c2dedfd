//go:build unix

package peers

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestRun times three peers that print known numbers: one that works, one that
// is missing and one that fails in the second round.
func TestRun(t *testing.T) {
	before := scripts
	t.Cleanup(func() { scripts = before })
	t.Chdir(t.TempDir())
	none := func(*Workload) []byte { return nil }
	scripts = []script{
		{name: "good", programs: []string{"no-such-program", "sh"}, option: "-c", probe: "true",
			// The time is the number of lines of the input and of the file so
			// far.
			text: `cat >>in; echo '{"peer": "good 1.2", "seconds": ` +
				`{"training step": '$(wc -l <in)', "draws": 8}}'`,
			input: func(w *Workload) []byte { return []byte(strings.Repeat("x\n", w.Batch)) }},
		{name: "absent", programs: []string{"sh"}, option: "-c", probe: "exit 1", input: none,
			install: "nowhere"},
		{name: "failing", programs: []string{"sh"}, option: "-c", probe: "true", input: none,
			text: `test ! -e done && touch done && ` +
				`echo '{"peer": "f", "seconds": {"draws": 1}}' || { echo broken >&2; exit 3; }`},
	}
	own := []float64{5, 1, 3}
	calls := 0
	r, err := Run(t.Context(), Workload{Batch: 2}, 3, func() (map[string]float64, error) {
		calls++
		return map[string]float64{Training: own[calls-1], Draws: 4, FEM: 1}, nil
	}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	// csdm's median is 3; the peer's times are 2, 4 and 6 lines.
	want := []Row{{Training, 3, "good 1.2", 4, 0.75}, {Draws, 4, "good 1.2", 8, 0.5}}
	if !slices.Equal(r.Rows, want) {
		t.Errorf("rows %+v, want %+v", r.Rows, want)
	}
	if len(r.Missing) != 2 || r.Missing[0] != (Untimed{"absent", "is not installed (nowhere)"}) ||
		!strings.Contains(r.Missing[1].Reason, "broken") {
		t.Errorf("missing %+v", r.Missing)
	}
	if _, err := Run(t.Context(), Workload{}, 1, func() (map[string]float64, error) {
		return nil, errors.New("own")
	}, func(string) {}); err == nil || err.Error() != "own" {
		t.Errorf("csdm's own error: %v", err)
	}
}
