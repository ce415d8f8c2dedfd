package report

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"csdm/internal/plot"
)

//go:embed page.gohtml
var pageSource string

//go:embed page.css
var pageStyle string

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"prose": prose,
		"plain": plain,
		"style": style,
	}).Parse(pageSource))
})

// Write writes the page. It returns the error of w, or an error about a Figure
// whose SVG the page does not accept. It panics if the rows of a table are not
// as long as its columns, or if a figure has no picture.
func (r *Report) Write(w io.Writer) error {
	v, err := r.view()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page().Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// The template reads the views: the report with numbers, anchors and pictures
// filled in.
type (
	pageView struct {
		*Report
		Lang     string
		Headline *tableView
		Sections []sectionView
	}
	sectionView struct {
		Anchor, Title string
		Blocks        []blockView
	}
	blockView struct { // one of
		Paragraph string
		Code      string
		Settings  KeyValues
		Figure    *figureView
		Table     *tableView
	}
	figureView struct {
		*Figure
		Number  int
		AltText string
		Inline  template.HTML // SVG
		Source  template.URL  // PNG
	}
	tableView struct {
		*Table
		Number  int // 0: the headline's, without a number
		Numeric []bool
		Labels  []string // of the columns, with their units, in plain text
	}
)

// view numbers sections, figures and tables in their order and checks the
// figures.
func (r *Report) view() (*pageView, error) {
	v := &pageView{Report: r, Lang: r.Lang}
	if v.Lang == "" {
		v.Lang = "en"
	}
	if r.Headline.Table != nil {
		v.Headline = newTableView(r.Headline.Table, 0)
	}
	figures, tables := 0, 0
	for i, s := range r.Sections {
		sv := sectionView{Anchor: fmt.Sprintf("section-%d", i+1), Title: s.Title}
		for _, b := range s.Blocks {
			var bv blockView
			switch b := b.(type) {
			case Paragraph:
				bv.Paragraph = string(b)
			case Code:
				bv.Code = string(b)
			case KeyValues:
				bv.Settings = b
			case *Table:
				tables++
				bv.Table = newTableView(b, tables)
			case *Figure:
				figures++
				f, err := newFigureView(b, figures)
				if err != nil {
					return nil, err
				}
				bv.Figure = f
			}
			sv.Blocks = append(sv.Blocks, bv)
		}
		v.Sections = append(v.Sections, sv)
	}
	return v, nil
}

// newFigureView returns the picture of a figure as a part of the page: SVG as
// elements, which follow the colors of the page, or PNG as data.
func newFigureView(f *Figure, number int) (*figureView, error) {
	v := &figureView{Figure: f, Number: number, AltText: f.Alt}
	if v.AltText == "" {
		v.AltText = plain(f.Caption)
	}
	switch {
	case f.SVG != nil:
		inline, err := inlineSVG(f.SVG, v.AltText)
		if err != nil {
			return nil, fmt.Errorf("report: figure %q: SVG: %w", f.Name, err)
		}
		v.Inline = template.HTML(inline) // rebuilt from an allow list by inlineSVG
	case f.PNG != nil:
		v.Source = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(f.PNG))
	default:
		panic(fmt.Sprintf("report: figure %q has no picture", f.Name))
	}
	return v, nil
}

// newTableView returns a table with the columns that hold numbers only. It
// panics if the lengths of rows, columns and units differ: a mistake of the
// caller.
func newTableView(t *Table, number int) *tableView {
	v := &tableView{Table: t, Number: number, Numeric: make([]bool, len(t.Columns))}
	if t.Units != nil && len(t.Units) != len(t.Columns) {
		panic(fmt.Sprintf("report: table %q has %d units for %d columns", t.Caption, len(t.Units),
			len(t.Columns)))
	}
	for j, name := range t.Columns {
		v.Numeric[j] = j > 0
		if t.Units != nil && t.Units[j] != "" {
			name += " (" + t.Units[j] + ")"
		}
		v.Labels = append(v.Labels, plain(name))
	}
	for _, row := range t.Rows {
		if len(row) != len(t.Columns) {
			panic(fmt.Sprintf("report: table %q has a row of %d cells for %d columns", t.Caption,
				len(row), len(t.Columns)))
		}
		for j, cell := range row {
			v.Numeric[j] = v.Numeric[j] && numeric(cell)
		}
	}
	return v
}

// numeric reports whether a cell is a number, an interval, or a dash instead.
func numeric(cell string) bool {
	return strings.Trim(cell, "0123456789.,+-−–±×·/%e^{}<>≤≥≈ ") == ""
}

// prose turns text with markup into HTML.
func prose(text string) template.HTML {
	var b strings.Builder
	for _, r := range plot.Markup(text) {
		s := template.HTMLEscapeString(r.Text)
		switch {
		case r.Shift > 0:
			s = "<sup>" + s + "</sup>"
		case r.Shift < 0:
			s = "<sub>" + s + "</sub>"
		}
		if r.Italic {
			s = "<i>" + s + "</i>"
		}
		b.WriteString(s)
	}
	return template.HTML(b.String()) // each run escaped above
}

// plain drops the markup of text.
func plain(text string) string {
	var b strings.Builder
	for _, r := range plot.Markup(text) {
		b.WriteString(r.Text)
	}
	return b.String()
}

// style is the page's style sheet, with the rules that give inline figures the
// colors of a dark page.
func style() template.CSS {
	var dark strings.Builder
	for _, s := range plot.Swatches() {
		fmt.Fprintf(&dark, "  svg [fill=%q] { fill: %s } svg [stroke=%q] { stroke: %[2]s }\n",
			s.Light, s.Dark, s.Light)
	}
	return template.CSS(strings.Replace(pageStyle, "/* figures in dark colors */", dark.String(),
		1))
}
