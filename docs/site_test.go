package docs

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"strings"
	"testing"
)

var reference = regexp.MustCompile(`(?:href|src)="([^"]+)"`)

// TestSite holds that every reference of every page leads to a file of the
// site, and every anchor to a heading; that nothing refers to a network except
// citations; and that no Markdown is left.
func TestSite(t *testing.T) {
	site, err := Site()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for name, data := range site {
		if path.Ext(name) != ".html" {
			continue
		}
		count++
		text := string(data)
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			file, anchor, _ := strings.Cut(strings.ReplaceAll(m[1], "&amp;", "&"), "#")
			if strings.Contains(file, "://") {
				if strings.Contains(m[0], "src=") ||
					strings.Contains(text, `rel="stylesheet" href="http`) {
					t.Errorf("%s loads %s", name, file)
				}
				continue
			}
			to := name
			if file != "" {
				to = path.Join(path.Dir(name), file)
			}
			target, ok := site[to]
			if !ok {
				t.Errorf("%s refers to %s, which is not on the site", name, m[1])
			} else if anchor != "" && !bytes.Contains(target, []byte(`id="`+anchor+`"`)) {
				t.Errorf("%s refers to %s, which has no such heading", name, m[1])
			}
		}
		if strings.Contains(text, "```") || strings.Contains(text, "| ---") ||
			strings.Contains(text, "](") {
			t.Errorf("%s holds Markdown", name)
		}
	}
	if count < 60 || site["index.html"] == nil || site["tutorials/pictures/levels.svg"] == nil {
		t.Errorf("the site has %d pages", count)
	}
}

// TestSiteOutside holds that a link to a file outside of the site is left as
// text, also a picture.
func TestSiteOutside(t *testing.T) {
	l, err := render("how-to/x.md", []byte("# A `b` *c*\n\n[d *e*](../../go.mod) ![f](g.png) "+
		"[h](accuracy.md#i) [j](../README.md) [k](https://example.org)\n\n## B: c\n\n## B c\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := `<h1 id="a-b-c">A <code>b</code> <em>c</em></h1>
<p>d <em>e</em> f <a href="accuracy.html#i">h</a> <a href="../index.html">j</a> ` +
		`<a href="https://example.org">k</a></p>
<h2 id="b-c">B: c</h2>
<h2 id="b-c-1">B c</h2>
`
	if string(l.Body) != want || l.Title != "A b c" || l.Name != "how-to/x.html" {
		t.Errorf("%q %q\n%s\nwant\n%s", l.Name, l.Title, l.Body, want)
	}
}

// TestSearchIndex holds that the index is a script with the text of all parts.
func TestSearchIndex(t *testing.T) {
	l, err := render("how-to/x.md", []byte("# Title\n\nOne `two`\nthree.\n\n| a | b |\n|---|---|\n"+
		"| c | *d* |\n\n## Next\n\n```sh\ncsdm x\n```\n"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := index([]*leaf{l})
	if err != nil {
		t.Fatal(err)
	}
	body, ok := bytes.CutPrefix(bytes.TrimSuffix(text, []byte(";\n")), []byte("const csdmIndex = "))
	var pages []struct {
		Name  string `json:"page"`
		Title string `json:"title"`
		Parts []part `json:"parts"`
	}
	if err := json.Unmarshal(body, &pages); err != nil || !ok {
		t.Fatalf("%s: %v", text, err)
	}
	want := []part{{"Title", "title", "One two three. a b c d"}, {"Next", "next", "csdm x"}}
	if len(pages) != 1 || pages[0].Name != "how-to/x.html" || pages[0].Title != "Title" ||
		len(pages[0].Parts) != 2 || pages[0].Parts[0] != want[0] || pages[0].Parts[1] != want[1] {
		t.Errorf("%+v, want %+v", pages, want)
	}
}
