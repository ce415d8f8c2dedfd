package format

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"
)

const maxLine = 16 << 20

// ReadCSV reads a map written as text: one row of numbers a line, the first line row 0, separated by commas,
// semicolons or white space (the first line decides, in this order). Empty lines and what follows a # are
// skipped. It returns a Float64 array (rows, cols), or an *Error that names line and column for a row of another
// length, for what is no number and for one that is not finite.
func ReadCSV(r io.Reader) (*Array, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var data []float64
	var separator string
	rows, cols, number := 0, 0, 0
	for lines.Scan() {
		number++
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if rows == 0 {
			switch {
			case strings.Contains(text, ","):
				separator = ","
			case strings.Contains(text, ";"):
				separator = ";"
			}
		}
		n, err := appendRow(&data, text, separator, number)
		if err != nil {
			return nil, err
		}
		if rows > 0 && n != cols {
			return nil, bad("line %d has %d numbers, the lines before it have %d", number, n, cols)
		}
		rows, cols = rows+1, n
	}
	if err := lines.Err(); err == bufio.ErrTooLong {
		return nil, bad("line %d is longer than %d bytes", number+1, maxLine)
	} else if err != nil {
		return nil, err
	}
	if rows == 0 {
		return nil, bad("holds no numbers")
	}
	return Array64(data, rows, cols), nil
}

func appendRow(data *[]float64, text, separator string, line int) (n int, err error) {
	add := func(field string) {
		if n++; err != nil {
			return
		}
		v, parseErr := strconv.ParseFloat(strings.TrimSpace(field), 64)
		switch {
		case parseErr != nil && !math.IsInf(v, 0):
			err = bad("line %d, column %d: %.40q is no number", line, n, field)
		case math.IsNaN(v) || math.IsInf(v, 0):
			err = bad("line %d, column %d: %.40q is not finite", line, n, field)
		default:
			*data = append(*data, v)
		}
	}
	if separator == "" {
		for field := range strings.FieldsSeq(text) {
			add(field)
		}
	} else {
		for field := range strings.SplitSeq(text, separator) {
			add(field)
		}
	}
	return n, err
}
