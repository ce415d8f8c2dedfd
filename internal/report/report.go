package report

import "csdm/internal/plot"

// Report is the whole page. Parts that are empty are left out.
type Report struct {
	Title    string
	Subtitle string     // one line: problem, grid, noise
	Lang     string     // BCP 47 tag; empty is "en"
	Byline   []KeyValue // in one line under the title: date, version, run folder
	Headline Headline
	Sections []Section
	// Reproduce holds the shell commands that reproduce the result. Provenance
	// holds version, seeds, hashes and machine.
	Reproduce  []string
	Provenance []KeyValue
}

// Headline states the result in one or two sentences, with the numbers in a
// small table.
type Headline struct {
	Statement string // with markup
	Table     *Table // nil: none
}

// Section is a titled part of the page.
type Section struct {
	Title  string
	Blocks []Block
}

// Block is a part of a section: Paragraph, *Figure, *Table, KeyValues or Code.
type Block interface{ block() }

// Paragraph is prose with markup.
type Paragraph string

// Code is preformatted text, as commands.
type Code string

// KeyValue is a named value.
type KeyValue struct {
	Key   string // with markup
	Value string // literal
}

// KeyValues is a list of named values.
type KeyValues []KeyValue

// Figure is a picture with a caption. The page numbers its figures. It shows
// the SVG if there is one, and else the PNG.
type Figure struct {
	Name    string // file name without extension, for those who write the figures to files
	Caption string // with markup
	Alt     string // the picture in words; empty: the caption suffices
	PNG     []byte
	SVG     []byte
}

// Table is a table of text cells with a caption. Columns that hold only numbers
// are set flush right.
type Table struct {
	Name    string // for those who write the table to a file
	Caption string // with markup
	Columns []string
	Units   []string   // under the column names; nil: none
	Rows    [][]string // each as long as Columns; the first cell of a row is its heading
}

func (Paragraph) block() {}
func (Code) block()      {}
func (KeyValues) block() {}
func (*Figure) block()   {}
func (*Table) block()    {}

// FromPlot makes a Figure of a drawn one, with the Alt of f.
func FromPlot(name, caption string, f *plot.Figure) *Figure {
	return &Figure{Name: name, Caption: caption, Alt: f.Alt, PNG: f.PNG, SVG: f.SVG}
}

// Figures returns the figures in the order of their numbers.
func (r *Report) Figures() []*Figure {
	var figures []*Figure
	for _, s := range r.Sections {
		for _, b := range s.Blocks {
			if f, ok := b.(*Figure); ok {
				figures = append(figures, f)
			}
		}
	}
	return figures
}
