package csdm_test

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"csdm/internal/repository"
)

// pages returns the path of every Markdown page, with its text.
func pages(t *testing.T) map[string]string {
	t.Helper()
	files, err := repository.Files(".")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range files {
		if path.Ext(file) != ".md" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found[file] = string(text)
	}
	return found
}

var (
	fence    = regexp.MustCompile("(?ms)^( *)```.*?^ *```[^\n]*$")
	code     = regexp.MustCompile("`[^`\n]+`")
	target   = regexp.MustCompile(`\]\(([^()\s]+)(?:\s+"[^"]*")?\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	linkText = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
)

// prose returns a page without its fenced blocks and inline code.
func prose(page string) string {
	return code.ReplaceAllString(fence.ReplaceAllString(page, ""), "")
}

// anchors returns the names that a heading of the page can be linked by: its
// text in lower case, without punctuation, a hyphen for each space. A name that
// an earlier heading has gets a number.
func anchors(page string) map[string]bool {
	names := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		text := linkText.ReplaceAllString(h[1], "$1")
		var b strings.Builder
		for _, r := range strings.ToLower(text) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				b.WriteRune(r)
			}
		}
		name := b.String()
		for n := 1; names[name]; n++ {
			name = fmt.Sprintf("%s-%d", b.String(), n)
		}
		names[name] = true
	}
	return names
}

// broken returns the faults of the links of a page.
func broken(pages map[string]string, page string, exists func(string) bool) []string {
	var faults []string
	for _, m := range target.FindAllStringSubmatch(prose(pages[page]), -1) {
		u, err := url.Parse(m[1])
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", m[1], err))
			continue
		}
		if u.Scheme != "" {
			continue
		}
		to := page
		if u.Path != "" {
			to = path.Join(path.Dir(page), u.Path)
		}
		switch text, isPage := pages[to]; {
		case !exists(to):
			faults = append(faults, m[1]+": no such file")
		case u.Fragment != "" && !isPage:
			faults = append(faults, m[1]+": an anchor of a file that is not a page")
		case u.Fragment != "" && !anchors(text)[u.Fragment]:
			faults = append(faults, m[1]+": no such heading")
		}
	}
	return faults
}

func onDisk(file string) bool {
	_, err := os.Stat(filepath.FromSlash(file))
	return err == nil
}

func TestLinks(t *testing.T) {
	all := pages(t)
	for page := range all {
		for _, fault := range broken(all, page, onDisk) {
			t.Errorf("%s: %s", page, fault)
		}
	}
}

// TestBrokenLinksAreFound gives the check one page with each kind of fault.
func TestBrokenLinksAreFound(t *testing.T) {
	all := map[string]string{
		"a.md": "# A: b\n# A b\n[1](b/c.md) [2](b/c.md#twice-1) [3](#a-b-1) [4](b/c.png)\n" +
			"```\n[no](link)\n```\n`[no](link)` [5](https://example.org)\n" +
			"[6](d.md) [7](b/c.md#none) [8](#none) ![9](b/d.png) [10](b/c.png#a)\n",
		"b/c.md": "# Twice\n## [Twice](../a.md)\n",
	}
	exists := func(file string) bool { return all[file] != "" || file == "b/c.png" }
	want := []string{
		"d.md: no such file", "b/c.md#none: no such heading", "#none: no such heading",
		"b/d.png: no such file", "b/c.png#a: an anchor of a file that is not a page",
	}
	if got := broken(all, "a.md", exists); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if got := broken(all, "b/c.md", exists); got != nil {
		t.Errorf("found %q in a page without faults", got)
	}
}

// TestPathsInPages holds that a path of a file or folder that a page names
// in code, such as `nn/train`, exists. CHANGELOG.md is about the past.
func TestPathsInPages(t *testing.T) {
	rooms, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, room := range rooms {
		if room.IsDir() {
			first = append(first, room.Name()+"/")
		}
	}
	plain := regexp.MustCompile(`^[a-z0-9]+/[\w./-]+$`)
	for page, text := range pages(t) {
		if page == "CHANGELOG.md" {
			continue
		}
		for _, span := range code.FindAllString(fence.ReplaceAllString(text, ""), -1) {
			name := strings.Trim(span, "`")
			ours := slices.ContainsFunc(first, func(room string) bool {
				return strings.HasPrefix(name, room)
			})
			if ours && plain.MatchString(name) && !onDisk(name) {
				t.Errorf("%s names %s, which does not exist", page, span)
			}
		}
	}
}

// TestEveryPageIsLinked holds that a reader who starts at README.md and follows
// links comes to every page.
func TestEveryPageIsLinked(t *testing.T) {
	all := pages(t)
	seen := map[string]bool{"README.md": true}
	for queue := []string{"README.md"}; len(queue) > 0; queue = queue[1:] {
		for _, m := range target.FindAllStringSubmatch(prose(all[queue[0]]), -1) {
			file, _, _ := strings.Cut(m[1], "#")
			to := path.Join(path.Dir(queue[0]), file)
			if _, isPage := all[to]; isPage && !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	for page := range all {
		if !seen[page] {
			t.Errorf("no link leads to %s", page)
		}
	}
}
