package format

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxHeaderLines is the largest number of lines of text before the numbers.
const maxHeaderLines = 100

// TextMap is a map read from text, with a description of the text.
type TextMap struct {
	*Array         // Float64, (rows, cols)
	Dialect string // such as "UTF-16, separated by tabs, decimal comma", or ""
}

// ReadTable reads a map from text: one row of numbers per line, the first line
// is row 0. It accepts the output of spreadsheets, instruments and other
// programs:
//
//   - UTF-8 with or without a byte order mark, UTF-16; any line ends;
//   - commas, semicolons, tabs or white space between the numbers, as in the
//     first line with numbers; a separator at the end of every line;
//   - a decimal comma if there is another separator;
//   - empty lines, lines that begin with %, and comments after #;
//   - lines without numbers before the first row, and a line that numbers the
//     columns; after such a line a first column without a name that numbers the
//     rows.
//
// It returns an *Error with line and column for a row of another length, for a
// cell that is not a finite number, and for a gap. It holds one line of the
// text at a time.
func ReadTable(r io.Reader) (*TextMap, error) { return readTable(r, false) }

// readTable is ReadTable. With gaps, a cell without a value is NaN, and lines
// that all end in an empty cell end in a separator.
//
// Its memory is the numbers and one line.
func readTable(r io.Reader, gaps bool) (*TextMap, error) {
	lines, encoding := textLines(r)
	t := tableReader{decimals: decimals{gaps: gaps}}
	for lines.Scan() {
		t.number++
		if err := t.line(lines.Text()); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err == bufio.ErrTooLong {
		return nil, bad("line %d is longer than %d bytes", t.number+1, maxLine)
	} else if err != nil {
		return nil, err
	}
	if t.rows == 0 {
		return nil, bad("holds no numbers")
	}
	if gaps && t.open {
		t.dropLast()
	}
	if t.indexed {
		if err := t.dropIndex(); err != nil {
			return nil, err
		}
	}
	return &TextMap{Array64(t.data, t.rows, t.cols), t.dialect(encoding)}, nil
}

// ReadCSV reads a map from text, as ReadTable does.
func ReadCSV(r io.Reader) (*Array, error) {
	t, err := ReadTable(r)
	if err != nil {
		return nil, err
	}
	return t.Array, nil
}

// tableReader holds the state of ReadTable.
type tableReader struct {
	data       []float64
	rows, cols int
	number     int // number of the line
	separator  string
	decimals   decimals
	trailing   bool // every line ends in a separator
	open       bool // with gaps: every line so far ends in an empty cell
	headers    int  // lines of text before the numbers
	indexed    bool // the header has no name for the first column
}

// line processes the next line.
//
// The first line with numbers decides on the separator, the number of columns,
// and whether lines end in a separator; all others must agree. A guess per line
// could read “1,5” as one number in one line and as two in the next.
func (t *tableReader) line(text string) error {
	if text = withoutComment(text); strings.TrimSpace(text) == "" {
		return nil
	}
	separator := t.separator
	if t.rows == 0 {
		separator = separatorOf(text)
	}
	cells := splitCells(text, separator)
	last := len(cells) - 1
	if t.rows == 0 {
		if header, indexed := isHeader(cells); header {
			t.indexed = indexed
			if t.headers++; t.headers > maxHeaderLines {
				return bad("has more than %d lines of text before the first number", maxHeaderLines)
			}
			return nil
		}
		t.separator = separator
		t.open = separator != "" && last > 0
		t.trailing = t.open && cells[last] == "" && !t.decimals.gaps
	}
	t.open = t.open && cells[last] == ""
	if t.trailing {
		if cells[last] != "" {
			return bad("line %d does not end in a separator, as the lines before it do: %s",
				t.number, Gaps)
		}
		cells = cells[:last]
	}
	if t.rows > 0 && len(cells) != t.cols {
		return bad("line %d has %d numbers, the lines before it have %d", t.number, len(cells),
			t.cols)
	}
	for i, cell := range cells {
		v, err := t.decimals.parse(cell)
		if err != nil {
			return bad("line %d, column %d: %v%s", t.number, i+1, err, t.hint())
		}
		if separator == "," && cutDecimal(cell) {
			return bad("line %d, column %d: %.40q begins with zeros: if the comma is a decimal "+
				"comma, separate the numbers by semicolons",
				t.number, i+1, cell)
		}
		t.data = append(t.data, v)
	}
	t.rows, t.cols = t.rows+1, len(cells)
	return nil
}

// hint returns advice about lines before the first row.
func (t *tableReader) hint() string {
	if t.rows > 0 || t.number > maxHeaderLines {
		return ""
	}
	return "; if the line is a header, put # in front of it"
}

// withoutComment returns a line up to its comment.
//
// A # within a word is no comment: names of columns contain it.
func withoutComment(text string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "%") {
		return ""
	}
	for i := range len(text) {
		if text[i] == '#' && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t') {
			return text[:i]
		}
	}
	return text
}

// isHeader reports whether the cells of a line before the first row are names:
// none is a number, or they number the columns after an empty cell. indexed
// reports that the first column has no name, as a column of row numbers has
// none.
//
// One number among names is no header but a row with a fault, which is then
// reported as such.
func isHeader(cells []string) (header, indexed bool) {
	numbers, gaps := 0, 0
	for _, cell := range cells {
		if isGap(cell) {
			gaps++
		} else if isNumber(cell) {
			numbers++
		}
	}
	indexed = len(cells) > 1 && cells[0] == ""
	if numbers == 0 {
		return gaps < len(cells), indexed
	}
	return indexed && numbers == len(cells)-1 && counts(cells[1:]), indexed
}

// counts reports whether cells are 0, 1, 2, … or 1, 2, 3, …
func counts(cells []string) bool {
	first := 0
	if cells[0] == "1" {
		first = 1
	}
	for i, cell := range cells {
		if cell != strconv.Itoa(first+i) {
			return false
		}
	}
	return true
}

// dropLast removes the last column, which is a separator at the end of every
// line.
//
// kept shares the memory of data: it is written at or before the place that is
// read.
func (t *tableReader) dropLast() {
	kept := t.data[:0]
	for row := range slices.Chunk(t.data, t.cols) {
		kept = append(kept, row[:t.cols-1]...)
	}
	t.data, t.cols = kept, t.cols-1
}

// dropIndex removes the first column, which has no name.
func (t *tableReader) dropIndex() error {
	if t.cols < 2 {
		return bad("its header has no name for the first column, and there is no other")
	}
	first := t.data[0]
	kept := t.data[:0]
	for r := range t.rows {
		row := t.data[r*t.cols : (r+1)*t.cols]
		if row[0] != first+float64(r) || first != 0 && first != 1 {
			return bad("its header has no name for the first column, which does not number the "+
				"rows: it has %v in row %d; remove row and column of coordinates", row[0], r)
		}
		kept = append(kept, row[1:]...)
	}
	t.data, t.cols = kept, t.cols-1
	return nil
}

// dialect describes in words how the file is written, if it is special.
func (t *tableReader) dialect(encoding string) string {
	var parts []string
	if encoding != "" {
		parts = append(parts, encoding)
	}
	if t.decimals.comma {
		parts = append(parts, "numbers with a decimal comma, separated by "+
			separatorNames[t.separator])
	}
	switch {
	case t.headers == 1:
		parts = append(parts, "a header line skipped")
	case t.headers > 1:
		parts = append(parts, fmt.Sprintf("%d header lines skipped", t.headers))
	}
	if t.indexed {
		parts = append(parts, "a column of row numbers skipped")
	}
	return strings.Join(parts, "; ")
}
