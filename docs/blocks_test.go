// Package docs tests the pages: their commands and programs run.
package docs

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"csdm/internal/repository"
)

// A block is a fenced block of a page.
type block struct {
	line     int    // of the opening fence, from 1
	language string // after the fence
	mark     string // reason of a "not run" mark on the line before, if any
	text     string
}

var (
	opening = regexp.MustCompile("^( *)```([a-z]*)$")
	notRun  = regexp.MustCompile(`^ *<!-- not run: (.+) -->$`)
)

// blocks returns the fenced blocks of a page, and their faults.
func blocks(page string) (found []block, faults []string) {
	lines := strings.Split(page, "\n")
	mark := ""
	for i := 0; i < len(lines); i++ {
		if m := notRun.FindStringSubmatch(lines[i]); m != nil {
			mark = m[1]
			continue
		}
		m := opening.FindStringSubmatch(lines[i])
		switch {
		case m == nil && mark != "":
			faults = append(faults, `"not run: `+mark+`" stands before no block`)
		case m == nil && strings.HasPrefix(strings.TrimSpace(lines[i]), "```"):
			faults = append(faults, "this fence is not one of three backquotes and a language: "+
				lines[i])
		}
		if m == nil {
			mark = ""
			continue
		}
		b := block{line: i + 1, language: m[2], mark: mark}
		mark = ""
		for i++; i < len(lines) && lines[i] != m[1]+"```"; i++ {
			b.text += strings.TrimPrefix(lines[i], m[1]) + "\n"
		}
		switch {
		case i == len(lines):
			faults = append(faults, "a fence has no end")
		case !slices.Contains([]string{"", "sh", "text", "go", "python", "toml", "cff"},
			b.language):
			faults = append(faults, "call shell commands sh, so that they are run, not "+b.language)
		case b.mark != "" && b.language != "sh":
			faults = append(faults, `"not run: `+b.mark+`" stands before a block of `+b.language)
		}
		found = append(found, b)
	}
	return found, faults
}

// root is the repository, as this package's folder sees it.
const root = ".."

// pages returns README.md, CONTRIBUTING.md and the pages of docs, relative to
// the repository. It looks into every folder, so that Go's test cache sees it
// when the program changes.
func pages(t *testing.T) []string {
	t.Helper()
	files, err := repository.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(name string) bool {
		return name != "README.md" && name != "CONTRIBUTING.md" &&
			(!strings.HasPrefix(name, "docs/") || path.Ext(name) != ".md")
	})
}

// TestBlocks gives the parser one page with each kind of fault.
func TestBlocks(t *testing.T) {
	found, faults := blocks(
		"<!-- not run: slow -->\n```sh\na\n```\n1. b\n\n   ```sh\n   c\n   d\n   " +
			"```\n```text\ne\n```\n")
	want := []block{{2, "sh", "slow", "a\n"}, {7, "sh", "", "c\nd\n"}, {11, "text", "", "e\n"}}
	if !slices.Equal(found, want) || faults != nil {
		t.Errorf("found %v and faults %q, want %v", found, faults, want)
	}
	_, faults = blocks(
		"```bash\n```\n<!-- not run: a -->\n\n<!-- not run: b -->\n```text\n```\n" +
			"```sh {x}\n```sh\n")
	if len(faults) != 5 {
		t.Errorf("found %d faults, want 5: %q", len(faults), faults)
	}
}
