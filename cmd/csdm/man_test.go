package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestMan checks that each verb has a page with all its flags, and that no line
// of text begins like a request to the formatter.
func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if _, _, err := csdm(t, "man", dir); err != nil {
		t.Fatal(err)
	}
	request := regexp.MustCompile(`^\.(TH|SH|TP|nf|fi)( |$)`)
	pages := 0
	eachVerb(newRoot(io.Discard, newConsole(io.Discard), os.Getenv), func(verb *cobra.Command) {
		pages++
		text, err := os.ReadFile(filepath.Join(dir, manName(verb)+".1"))
		if err != nil {
			t.Error(err)
		}
		verb.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(string(text), `\fB`+roff("--"+f.Name)+`\fP`) {
				t.Errorf("%s: --%s is missing", verb.CommandPath(), f.Name)
			}
		})
		for line := range strings.SplitSeq(string(text), "\n") {
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") &&
				!request.MatchString(line) {
				t.Errorf("%s: %q is no text", verb.CommandPath(), line)
			}
		}
	})
	if pages < 30 {
		t.Errorf("%d pages", pages)
	}
	if got, want := roff(".a -b\n'c' \\d"), "\\&.a \\-b\n\\&'c' \\ed"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestVersion compares the verb with the flag, and prints bill and licenses.
func TestVersion(t *testing.T) {
	verb, _, err := csdm(t, "version")
	flag, _, err2 := csdm(t, "--version")
	if err != nil || err2 != nil || verb != flag || !strings.HasPrefix(verb, "csdm ") {
		t.Errorf("%q and %q (%v, %v)", verb, flag, err, err2)
	}
	text, _, err := csdm(t, "licenses")
	if err != nil || !strings.Contains(text, "Apache License") {
		t.Errorf("licenses: %d bytes, %v", len(text), err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{{"licenses", "--sbom"}, {"licenses", "--sbom", self}} {
		text, _, err := csdm(t, line...)
		var bill struct{ Components []struct{ Name string } }
		if err != nil || json.Unmarshal([]byte(text), &bill) != nil || len(bill.Components) < 10 {
			t.Errorf("%v: %d components, %v", line, len(bill.Components), err)
		}
	}
}
