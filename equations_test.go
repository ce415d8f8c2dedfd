package csdm_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEquations follows each row of docs/reference/equations.md: the file holds
// the symbol, and no equation of the paper, 1 to 28, is left out.
func TestEquations(t *testing.T) {
	page, err := os.ReadFile("docs/reference/equations.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			continue
		}
		for _, number := range strings.Split(cells[1], ",") {
			listed[strings.TrimSpace(number)] = true
		}
		file, symbol := strings.Trim(cells[3], " `"), strings.Trim(cells[4], " `")
		if !strings.Contains(file, "/") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		} else if !regexp.MustCompile(`\b(func|type) (\([^)]*\) )?` + symbol + `\b|\b` + symbol +
			` +float64`).Match(source) {
			t.Errorf("%s does not declare %s: %s", file, symbol, line)
		}
	}
	for n := 1; n <= 28; n++ {
		if !listed[fmt.Sprint(n)] {
			t.Errorf("equation %d has no row", n)
		}
	}
}
