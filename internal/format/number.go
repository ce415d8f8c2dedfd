package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Gaps is advice for a user whose map lacks samples where none may be missing.
const Gaps = "nothing may be missing here, as a network takes gaps only if it was trained with " +
	"data.masks: interpolate this sample, or crop the map"

// separatorNames holds the names of the separators of numbers in a line of
// text.
var separatorNames = map[string]string{
	",": "commas", ";": "semicolons", "\t": "tabs", "": "white space",
}

// separatorOf returns the separator of the numbers in a line, "" for white
// space. It reads a comma as a decimal comma if there is another separator.
//
// The order of the questions matters. A semicolon or a tab is never a part of a
// number, so that a comma next to it is a decimal comma. Commas alone separate
// if a word has two of them or ends in one, as in “1,2,3” and “1, 2”; in “1,5
// 2,5” they are decimal commas. One word with one comma, “1,5”, is two numbers.
func separatorOf(line string) string {
	switch {
	case strings.Contains(line, ";"):
		return ";"
	case strings.Contains(line, "\t"):
		for cell := range strings.SplitSeq(line, "\t") {
			cell = strings.TrimSpace(cell)
			if strings.HasPrefix(cell, ",") || strings.HasSuffix(cell, ",") ||
				strings.Contains(cell, ", ") {
				return ","
			}
			if strings.Contains(cell, " ") {
				return ""
			}
		}
		return "\t"
	case strings.Contains(line, `","`):
		return ","
	case strings.Contains(line, ","):
		words := strings.Fields(line)
		for _, word := range words {
			if len(words) == 1 || strings.Count(word, ",") > 1 || strings.HasPrefix(word, ",") ||
				strings.HasSuffix(word, ",") {
				return ","
			}
		}
		return ""
	}
	return ""
}

// splitCells splits a line at a separator and removes quotation marks.
func splitCells(line, separator string) []string {
	if separator == "" {
		cells := strings.Fields(line)
		for i, cell := range cells {
			cells[i] = strings.Trim(cell, `"`)
		}
		return cells
	}
	var cells []string
	for {
		line = strings.TrimLeft(line, " \u00a0")
		end := 0
		if strings.HasPrefix(line, `"`) { // a separator between the marks does not count
			if i := strings.Index(line[1:], `"`); i >= 0 {
				end = i + 2
			}
		}
		i := strings.Index(line[end:], separator)
		if i < 0 {
			return append(cells, strings.Trim(strings.TrimSpace(line), `"`))
		}
		cells = append(cells, strings.Trim(strings.TrimSpace(line[:end+i]), `"`))
		line = line[end+i+len(separator):]
	}
}

// isGap reports whether a cell stands for a missing value.
func isGap(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "nan", "-nan", "nan(ind)", "-nan(ind)", "na", "n/a", "#n/a", "<na>", "null", "none",
		"-", "--":
		return true
	}
	return false
}

// cellError describes a fault of a cell.
type cellError string

// Error returns the text of the cell.
func (e cellError) Error() string { return string(e) }

// decimals records how the numbers of a table are written.
type decimals struct {
	point, comma bool
	gaps         bool // a cell without a value is NaN, and no error
}

// parse returns the number in a cell. It also accepts a decimal comma,
// Fortran's exponent D, and the minus and the dash of word processors. It
// refuses Go's own notations, which no instrument writes (1_000, 0x1p-2).
//
// A file with decimal points and decimal commas is refused: one of them would
// be a separator of thousands, and 1,234 would be read as 1.234.
func (d *decimals) parse(cell string) (float64, error) {
	if isGap(cell) && d.gaps {
		return math.NaN(), nil
	}
	if isGap(cell) {
		what := "there is no value"
		if cell != "" {
			what += fmt.Sprintf(" but %.40q", cell)
		}
		return 0, cellError(what + ": " + Gaps)
	}
	text := strings.NewReplacer("\u2212", "-", "\u2013", "-").Replace(cell)
	point, comma := strings.Contains(text, "."), strings.Contains(text, ",")
	if comma && strings.Count(text, ",") == 1 && !point {
		text = strings.Replace(text, ",", ".", 1)
	}
	if i := strings.IndexAny(text, "Dd"); i > 0 {
		text = text[:i] + "e" + text[i+1:]
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case strings.Trim(text, "0123456789+-.eE") != "" && !math.IsInf(v, 0):
		return 0, cellError(fmt.Sprintf("%.40q is no number", cell))
	case math.IsInf(v, 0) || math.IsNaN(v):
		return 0, cellError(fmt.Sprintf("%.40q is not finite", cell))
	case err != nil:
		return 0, cellError(fmt.Sprintf("%.40q is no number", cell))
	}
	d.point, d.comma = d.point || point, d.comma || comma
	if d.point && d.comma {
		return 0, cellError(fmt.Sprintf("%.40q: the file has decimal points and decimal commas; "+
			"write one of them",
			cell))
	}
	return v, nil
}

// isNumber reports whether a cell holds a number or begins like one, such as
// 1.5, −3, 0x1p-2, 2026-11-29, inf. Names of columns do not.
func isNumber(cell string) bool {
	text := strings.ToLower(strings.TrimLeft(cell, "+-\u2212\u2013.,"))
	return text != "" && '0' <= text[0] && text[0] <= '9' || text == "inf" || text == "infinity"
}

// cutDecimal reports whether a cell looks like the digits after a decimal
// comma: no program writes a number as 0015.
func cutDecimal(cell string) bool {
	return len(cell) > 1 && cell[0] == '0' && '0' <= cell[1] && cell[1] <= '9'
}
