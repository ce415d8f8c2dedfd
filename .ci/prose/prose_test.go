package main

import (
	"slices"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	p := measurePage(
		"# Title 1\n\nOne two three. Four `x = 5`\nsix [seven 7](a/8.md), 9.5 and B-10!\n\n" +
			"- ten eleven twelve thirteen\n- no\n\n<!-- not run: 99 -->\n```sh\n1 2 3\n```\n| a " +
			"| b " +
			"| c |\n|---|---|---|\n| 1 | 2 | 3 |\n\n    let x = 3 be code\n")
	if p.columns != 3 || p.numbers != 1+2+3 {
		t.Errorf("%d columns and %d numbers, want 3 and 6", p.columns, p.numbers)
	}
	// "One two three", "Four code six seven and B-10", the item of a list
	if want := []int{3, 4, 6}; !slices.Equal(p.sentences, want) {
		t.Errorf("sentences of %v words, want %v", p.sentences, want)
	}
}

func TestPageLimits(t *testing.T) {
	many := strings.Repeat("word ", 46)
	for name, text := range map[string]string{
		"words":    strings.Repeat("word word word. ", 301),
		"numbers":  "One two three four five 6 and 7.",
		"sentence": "A b c. " + many + ".",
		"columns":  "|a|b|c|d|e|f|\n",
	} {
		if faults := measurePage(text).faults("README.md"); len(faults) == 0 {
			t.Errorf("%s: no fault was found", name)
		}
	}
	if faults := measurePage("One two three. |a|b|\n" +
		strings.Repeat("word word word. ", 290)).faults("README.md"); faults != nil {
		t.Errorf("faults of a good page: %q", faults)
	}
}

func measured(t *testing.T, source string) *counts {
	t.Helper()
	c := newCounts()
	if err := c.file("a.go", []byte(source)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCode(t *testing.T) {
	c := measured(t,
		"package a\n\n// That\n// of laws; it goes on anew, but\n// for those of b. It says so "+
			"many words.\n//\n//go:noinline\nfunc F() {}\n\n"+
			"// Is says whether.\nfunc Is() bool { return true }\n\n// Was reports\n// "+
			"whether.\nfunc Was() bool { return \"of laws\" != \"\" }\n")
	if want := [9]int{2, 0, 2, 1, 1, 1, 1, 0, 1}; c.spoken[0].found != want {
		t.Errorf("idioms %v, want %v", c.spoken[0].found, want)
	}
	if want := [9]int{4: 1}; c.spoken[1].found != want {
		t.Errorf("idioms of messages %v, want %v", c.spoken[1].found, want)
	}
	if c.silent != 1 || len(c.comments) != 7 {
		t.Errorf("%d silent predicates and %d comment lines, want 1 and 7", c.silent,
			len(c.comments))
	}
	if len(c.faults()) == 0 {
		t.Error("no fault was found")
	}
}

func TestWidths(t *testing.T) {
	good := measured(t, "package a\n\n// "+strings.Repeat("x", 77)+"\nvar a = `"+
		strings.Repeat("x", 90)+"`\n\n// Output:\n// "+strings.Repeat("x", 130)+"\n")
	if faults := good.faults(); faults != nil {
		t.Errorf("faults of good code: %q", faults)
	}
	for name, source := range map[string]string{
		"comment": "package a\n\n" + strings.Repeat("// x\n", 20) + "// " +
			strings.Repeat("x", 78) + "\n",
		"long": "package a\n\n" + strings.Repeat("\n", 400) + "const x = `" +
			strings.Repeat("x", 118) + "`\n",
		"code": "package a\n\nfunc f() {\n\t_ = `" + strings.Repeat("x", 96) + "`\n}\n",
	} {
		if faults := measured(t, source).faults(); len(faults) != 1 {
			t.Errorf("%s: faults %q, want one", name, faults)
		}
	}
}
