package docs

import (
	"encoding/json"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// part is the text below one heading of a page.
type part struct {
	Heading string `json:"heading"`
	Anchor  string `json:"anchor"`
	Text    string `json:"text"`
}

// partsOf returns the parts of a page. The first one begins with the page's
// title.
func partsOf(tree ast.Node, source []byte) []part {
	parts := []part{{}}
	for n := tree.FirstChild(); n != nil; n = n.NextSibling() {
		words := strings.Join(strings.Fields(wordsOf(n, source)), " ")
		heading, ok := n.(*ast.Heading)
		if !ok {
			last := &parts[len(parts)-1]
			last.Text = strings.TrimSpace(last.Text + " " + words)
			continue
		}
		p := part{Heading: words}
		if id, ok := heading.AttributeString("id"); ok {
			p.Anchor = string(id.([]byte))
		}
		if parts[len(parts)-1] == (part{}) {
			parts = parts[:len(parts)-1]
		}
		parts = append(parts, p)
	}
	return parts
}

// wordsOf returns the text of a node: prose, code and tables.
func wordsOf(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				b.Write(line.Value(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// index returns the script that holds the index of the search: a page per
// element, with its parts. A script can be read from a disk, which a browser
// refuses for other data.
func index(leaves []*leaf) ([]byte, error) {
	type page struct {
		Name  string `json:"page"`
		Title string `json:"title"`
		Parts []part `json:"parts"`
	}
	var pages []page
	for _, l := range leaves {
		pages = append(pages, page{l.Name, l.Title, l.parts})
	}
	text, err := json.Marshal(pages)
	return append(append([]byte("const csdmIndex = "), text...), ";\n"...), err
}
