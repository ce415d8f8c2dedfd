package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"csdm/internal/plot"
	"csdm/internal/report"
)

// element is a start tag of the page.
type element struct {
	name string
	attr map[string]string
}

// parse reads the page as XML, which it is on purpose, and returns its elements
// and its text outside the style sheet.
func parse(t *testing.T, page []byte) (elements []element, text string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	var b strings.Builder
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch k := token.(type) {
		case xml.StartElement:
			e := element{k.Name.Local, map[string]string{}}
			for _, a := range k.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			elements, open = append(elements, e), append(open, e.name)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if !slices.Contains(open, "style") {
				b.Write(k)
			}
		}
	}
	return elements, b.String()
}

func write(t *testing.T, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func count(elements []element, name string) (n int) {
	for _, e := range elements {
		if e.name == name {
			n++
		}
	}
	return n
}

// TestFullReport checks that a full report is well-formed, refers to nothing
// outside itself, can be read without seeing the pictures, is small, and the
// same each time.
func TestFullReport(t *testing.T) {
	r := full()
	page := write(t, r)
	if again := write(t, full()); !bytes.Equal(page, again) {
		t.Error("two writings differ")
	}
	if len(page) > 1<<20 {
		t.Errorf("page has %d bytes", len(page))
	}
	for _, s := range []string{"http:", "https:", "//www", "@import", "url("} {
		if bytes.Contains(page, []byte(s)) {
			t.Errorf("page holds %q", s)
		}
	}
	elements, text := parse(t, page)
	ids := map[string]bool{}
	for _, e := range elements {
		if id, ok := e.attr["id"]; ok {
			if ids[id] {
				t.Errorf("id %q twice", id)
			}
			ids[id] = true
		}
	}
	for _, e := range elements {
		for _, a := range []string{"href", "src"} {
			v, ok := e.attr[a]
			switch {
			case !ok:
			case strings.HasPrefix(v, "#") && ids[v[1:]]:
			case strings.HasPrefix(v, "data:image/png;base64,"):
			default:
				t.Errorf("<%s %s=%q> leads out of the page or nowhere", e.name, a, v)
			}
		}
		if label, ok := e.attr["aria-labeledby"]; ok && !ids[label] {
			t.Errorf("<%s> is labeled by %q, which is not there", e.name, label)
		}
		switch {
		case e.name == "html" && e.attr["lang"] != "en",
			e.name == "svg" && (e.attr["aria-label"] == "" || e.attr["role"] != "img"),
			e.name == "img" && e.attr["alt"] == "",
			e.name == "th" && e.attr["scope"] == "":
			t.Errorf("<%s %v> lacks what a screen reader needs", e.name, e.attr)
		case slices.Contains([]string{"script", "link", "iframe", "object", "embed", "form"},
			e.name):
			t.Errorf("page has a <%s>", e.name)
		}
	}
	if n := count(elements, "figure"); n != 4 || len(r.Figures()) != 4 {
		t.Errorf("%d figures, want 4: comparison, draws, loss, loss per level", n)
	}
	for _, want := range []string{
		"0.012 / 0.0093",   // the floors of the first comparison
		"0.0031 / 0.0029",  // the errors of its reference
		"kPa, mean / std",  // their unit
		"24 of 256 draws",  // the sheet of draws
		"97 × 97 centers",  // how the reference was computed
		"with itself only", // the training losses
		"Figure 4.", "Table 1.", "csdm run --problem quasistatic", "exact, FEniCS", "9f86d081",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("page does not say %q", want)
		}
	}
}

// TestHostileStrings checks that text from anywhere stays text: a title with a
// script in it must not run.
func TestHostileStrings(t *testing.T) {
	const evil = `</title></style></script><script>alert("1")</script>` +
		`<img src=x onerror='alert(2)'/>&amp;]]>{{.}}`
	p := posterior()
	p.Title, p.Quantity, p.LengthUnit, p.Network.Name, p.References[0].Name = evil, evil, evil,
		evil, evil
	p.Unit, p.Measurement[0].Name, p.Measurement[0].Unit, p.Measured = evil, evil, evil, evil
	evilTable := report.ComparisonTable([]report.Comparison{{Method: evil, Reference: evil}}, evil)
	r := &report.Report{
		Title: evil, Subtitle: evil, Byline: []report.KeyValue{{evil, evil}},
		Headline: report.Headline{Statement: evil, Table: evilTable}, Lang: `"><script>`,
		Sections: []report.Section{p.Section(),
			{Title: evil, Blocks: []report.Block{report.Paragraph(evil), report.Code(evil),
				report.KeyValues{{evil, evil}},
				&report.Table{Caption: evil, Columns: []string{evil},
					Units: []string{evil}, Rows: [][]string{{evil}}},
				&report.Figure{Name: evil, Caption: evil, Alt: evil,
					PNG: []byte("not a picture")}}}},
		Reproduce: []string{evil}, Provenance: []report.KeyValue{{evil, evil}},
	}
	page := write(t, r)
	elements, text := parse(t, page)
	for _, e := range elements {
		if e.name == "script" || e.attr["onerror"] != "" || e.attr["src"] == "x" {
			t.Errorf("<%s %v> came through", e.name, e.attr)
		}
	}
	if n := strings.Count(text, evil); n < 20 {
		t.Errorf("the string stands on the page %d times, want at least 20", n)
	}
}

// TestMissingParts checks that a missing part leaves no trace: no empty
// headings, lists, tables or figures.
func TestMissingParts(t *testing.T) {
	elements, text := parse(t, write(t, &report.Report{Title: "Only this"}))
	for _, e := range elements {
		if slices.Contains([]string{"section", "nav", "h2", "dl", "table", "figure", "pre"},
			e.name) {
			t.Errorf("an empty report has a <%s>", e.name)
		}
	}
	// title and h1
	if got := strings.Join(strings.Fields(text), " "); got != "Only this Only this" {
		t.Errorf("an empty report says %q", got)
	}
	for _, c := range []struct {
		name    string
		drop    func(*report.Posterior)
		figures int
		without string
	}{
		{"truth", func(p *report.Posterior) { p.Truth = nil }, 2, "true field"},
		{"references", func(p *report.Posterior) { p.References = nil }, 2, "minus"},
		{"draws", func(p *report.Posterior) { p.Draws = nil }, 1, "draws of"},
		{"domain", func(p *report.Posterior) { p.Width, p.Height = 0, 0 }, 2, "x (cm)"},
		{"measurement", func(p *report.Posterior) { p.Measurement, p.Measured = nil, "" }, 2,
			"displacement"},
		{"all but the network", func(p *report.Posterior) {
			*p = report.Posterior{Rows: p.Rows, Cols: p.Cols, Network: p.Network}
		}, 1, "minus"},
		{"nothing but with a second channel", func(p *report.Posterior) {
			p.Measurement = append(p.Measurement, p.Measurement[0])
		}, 3, "^"},
	} {
		p := posterior()
		c.drop(p)
		r := &report.Report{Title: "T", Sections: []report.Section{p.Section()}}
		page := write(t, r)
		_, text := parse(t, page)
		if n := len(r.Figures()); n != c.figures {
			t.Errorf("without %s: %d figures, want %d", c.name, n, c.figures)
		}
		if strings.Contains(text, c.without) || bytes.Contains(page, []byte("NaN")) {
			t.Errorf("without %s the page still says %q, or NaN", c.name, c.without)
		}
	}
	if blocks := (&report.TrainingCurves{}).Section().Blocks; len(blocks) != 0 {
		t.Errorf("training without data has %d blocks", len(blocks))
	}
}

// TestSVG checks that only plain drawings are set into the page, without
// scripts, links and styles.
func TestSVG(t *testing.T) {
	const root = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">`
	for _, bad := range []string{
		``, `<svg`, `<p>text</p>`, root + `<script>alert(1)</script></svg>`, root +
			`<g onload="alert(1)"/></svg>`,
		root + `<image href="https://example.org/x.png"/></svg>`, root +
			`<image href="javascript:alert(1)"/></svg>`,
		root + `<a href="#x"/></svg>`, root + `<rect href="data:image/png;base64,AAAA"/></svg>`,
		root + `<foreignObject/></svg>`, root + `<style>*{}</style></svg>`,
		root + `<rect fill="url(#x)"/></svg>`, root + `<rect style="fill:red"/></svg>`, root +
			`<use href="#x"/></svg>`,
		root + `<text>&e;</text></svg>`, root + `<svg/></svg>`, root +
			`<title><script/></title></svg>`,
	} {
		r := &report.Report{
			Sections: []report.Section{{Blocks: []report.Block{&report.Figure{Name: "bad",
				SVG: []byte(bad)}}}}}
		if err := r.Write(io.Discard); err == nil ||
			!strings.Contains(err.Error(), `figure "bad"`) {
			t.Errorf("%s: error %v", bad, err)
		}
	}
	good := root +
		`<title>old</title><rect class="paper" width="9" height="9" fill="#fff"/>` +
		`<text x="1" y="2">a &lt; b</text></svg>`
	r := &report.Report{
		Sections: []report.Section{{Blocks: []report.Block{&report.Figure{Alt: `new "name"`,
			SVG: []byte(good)}}}}}
	elements, text := parse(t, write(t, r))
	if !strings.Contains(text, "a < b") || strings.Contains(text, "old") {
		t.Errorf("text of the drawing: %q", text)
	}
	if i := slices.IndexFunc(elements, func(e element) bool {
		return e.name == "svg"
	}); i < 0 || elements[i].attr["aria-label"] != `new "name"` {
		t.Error("drawing has lost its name")
	}
}

// TestDarkColors checks that every color of figures has its rule for dark
// pages: one without it would be black on black.
func TestDarkColors(t *testing.T) {
	page := string(write(t, &report.Report{Title: "T"}))
	for _, s := range plot.Swatches() {
		if s.Dark == "" || !strings.Contains(page,
			fmt.Sprintf("svg [fill=%q] { fill: %s }", s.Light, s.Dark)) ||
			!strings.Contains(page, fmt.Sprintf("svg [stroke=%q] { stroke: %s }", s.Light,
				s.Dark)) {
			t.Errorf("no rule for %+v", s)
		}
	}
}

// TestNumber checks the number of digits on both sides of each limit, among
// them 0.00999, which rounds across one.
func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.0213: "0.021", 0.51: "0.510", 0.00931: "0.0093", 0.0001: "0.00010",
		3e-7: "3.0·10^{−7}", -0.0213: "−0.021",
		12.94: "12.9", 2.5e7: "2.5·10^{7}", math.Inf(1): "infinite", 0.00999: "0.010",
	} {
		if got := report.Number(v); got != want {
			t.Errorf("Number(%g) = %q, want %q", v, got, want)
		}
	}
}

// TestWriteFails checks that an error of the writer is returned as it is.
func TestWriteFails(t *testing.T) {
	if err := (&report.Report{Title: "T"}).Write(failing{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestTableCells checks that a table keeps its roles and the name and unit of
// each column at each cell, so that a narrow screen can show the rows as lists.
func TestTableCells(t *testing.T) {
	table := &report.Table{Columns: []string{"Phantom", "RMSE of *x*", "ESS"},
		Units: []string{"", "kPa", ""}, Rows: [][]string{{"1", "0.02", "340"}}}
	r := &report.Report{Sections: []report.Section{{Blocks: []report.Block{table}}}}
	elements, _ := parse(t, write(t, r))
	var labels []string
	roles := map[string]string{"table": "table", "tr": "row", "td": "cell", "tbody": "rowgroup",
		"thead": "rowgroup"}
	for _, e := range elements {
		if role, ok := roles[e.name]; ok && e.attr["role"] != role {
			t.Errorf("<%s> has the role %q", e.name, e.attr["role"])
		}
		if e.name == "td" {
			labels = append(labels, e.attr["data-label"])
		}
	}
	if want := []string{"RMSE of x (kPa)", "ESS"}; !slices.Equal(labels, want) {
		t.Errorf("cells are labeled %q, want %q", labels, want)
	}
}
