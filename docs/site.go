package docs

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

//go:embed *.md */*.md reference/*/*.md *.png reference/*/*.png tutorials/pictures/*.svg
var markdown embed.FS

//go:embed site
var assets embed.FS

var layout = template.Must(template.ParseFS(assets, "site/page.gohtml"))

// kinds are the folders of pages, in the order of the navigation.
var kinds = []struct{ folder, title string }{{"tutorials", "Tutorials"}, {"how-to", "How-to"},
	{"explanation", "Explanation"}, {"reference", "Reference"}, {"decisions", "Decisions"}}

// leaf is one page of the site.
type leaf struct {
	Name  string // path of the HTML file
	Title string
	Body  template.HTML
	parts []part // for the search
}

// Site returns the documentation as files of a website: HTML pages, pictures, a
// style sheet, and a search that needs no server. The files refer to each other
// by relative paths and to nothing else. index.html is the first page. Links to
// files outside of the documentation are left out.
func Site() (map[string][]byte, error) {
	files, err := copied()
	if err != nil {
		return nil, err
	}
	var leaves []*leaf
	if err := fs.WalkDir(markdown, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := markdown.ReadFile(name)
		if path.Ext(name) != ".md" {
			files[name] = data
			return err
		}
		l, err := render(name, data)
		leaves = append(leaves, l)
		return err
	}); err != nil {
		return nil, err
	}
	for _, l := range leaves {
		var out bytes.Buffer
		if err := layout.Execute(&out, map[string]any{"Page": l, "Menu": menu(l, leaves),
			"Root": strings.Repeat("../", strings.Count(l.Name, "/"))}); err != nil {
			return nil, err
		}
		files[l.Name] = out.Bytes()
	}
	files["index.js"], err = index(leaves)
	return files, err
}

// copied returns the files that do not depend on the pages.
func copied() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range []string{"site.css", "search.js"} {
		data, err := assets.ReadFile("site/" + name)
		if err != nil {
			return nil, err
		}
		files[name] = data
	}
	return files, nil
}

// htmlName returns the name of the HTML file of a page.
func htmlName(page string) string {
	if page == "README.md" {
		return "index.html"
	}
	return strings.TrimSuffix(page, ".md") + ".html"
}

// render converts a page.
func render(name string, data []byte) (*leaf, error) {
	converter := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	ids := parser.NewContext(parser.WithIDs(&anchorNames{seen: map[string]bool{}}))
	tree := converter.Parser().Parse(text.NewReader(data), parser.WithContext(ids))
	if err := relink(tree, path.Dir(name)); err != nil {
		return nil, fmt.Errorf("docs: %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := converter.Renderer().Render(&out, data, tree); err != nil {
		return nil, fmt.Errorf("docs: %s: %w", name, err)
	}
	parts := partsOf(tree, data)
	return &leaf{htmlName(name), parts[0].Heading, template.HTML(out.String()), parts}, nil
}

// relink makes links to pages links to their HTML files. Links to other files
// that are not on the site become plain text, and pictures their description.
func relink(tree ast.Node, folder string) error {
	var outside []ast.Node
	err := ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		var to *[]byte
		switch n := n.(type) {
		case *ast.Link:
			to = &n.Destination
		case *ast.Image:
			to = &n.Destination
		}
		if to == nil || !entering {
			return ast.WalkContinue, nil
		}
		u, err := url.Parse(string(*to))
		if err != nil {
			return ast.WalkStop, err
		}
		if u.Scheme != "" || u.Path == "" {
			return ast.WalkContinue, nil
		}
		target := path.Join(folder, u.Path)
		if _, err := markdown.Open(target); err != nil {
			outside = append(outside, n)
		} else if path.Ext(target) == ".md" {
			u.Path = path.Join(path.Dir(u.Path), path.Base(htmlName(target)))
			*to = []byte(u.String())
		}
		return ast.WalkContinue, nil
	})
	for _, n := range outside {
		parent := n.Parent()
		for child := n.FirstChild(); child != nil; child = n.FirstChild() {
			parent.InsertBefore(parent, n, child)
		}
		parent.RemoveChild(parent, n)
	}
	return err
}

// anchorNames makes the names by which headings are linked: the text in lower
// case without punctuation, with a hyphen for each space, as on GitHub.
type anchorNames struct{ seen map[string]bool }

// Generate implements parser.IDs.
func (a *anchorNames) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.ToLower(string(value)) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			b.WriteRune(r)
		}
	}
	name := b.String()
	for n := 1; a.seen[name]; n++ {
		name = fmt.Sprintf("%s-%d", b.String(), n)
	}
	a.seen[name] = true
	return []byte(name)
}

// Put implements parser.IDs.
func (a *anchorNames) Put(value []byte) { a.seen[string(value)] = true }

// entry is a link of the navigation.
type entry struct {
	Title, Href string
	Here        bool
}

// group is a kind of pages in the navigation.
type group struct {
	Title   string
	Entries []entry
}

// menu returns the navigation of a page, with links relative to it.
func menu(from *leaf, leaves []*leaf) (groups []group) {
	up := strings.Repeat("../", strings.Count(from.Name, "/"))
	for _, k := range kinds {
		g := group{Title: k.title}
		for _, l := range leaves {
			if strings.HasPrefix(l.Name, k.folder+"/") {
				g.Entries = append(g.Entries, entry{l.Title, up + l.Name, l == from})
			}
		}
		groups = append(groups, g)
	}
	return groups
}
