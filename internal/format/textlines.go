package format

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// maxLine is the largest length of a line of a text file, in bytes.
const maxLine = 16 << 20

// textLines returns a scanner of the lines of a text as UTF-8, and the name of
// its encoding if it is not UTF-8. A line ends with \n, \r\n or \r. A byte
// order mark is dropped. Text without one is read as UTF-16 if one of its first
// two bytes is 0, which no other text of numbers has.
//
// In UTF-16, the upper byte of an ASCII character is 0, in the first or the
// second place by the order of bytes.
func textLines(r io.Reader) (lines *bufio.Scanner, encoding string) {
	in := bufio.NewReader(r)
	start, _ := in.Peek(3) // an error comes again with the first line
	var text io.Reader = in
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, _ = in.Discard(3) // these bytes are in the buffer
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), len(start) > 1 && start[0] != 0 &&
		start[1] == 0:
		text, encoding = &utf16Reader{in: in, low: 0}, "UTF-16"
	case bytes.HasPrefix(start, []byte{0xfe, 0xff}), len(start) > 1 && start[0] == 0 &&
		start[1] != 0:
		text, encoding = &utf16Reader{in: in, low: 1}, "UTF-16"
	}
	lines = bufio.NewScanner(text)
	lines.Buffer(nil, maxLine)
	lines.Split(splitLine)
	return lines, encoding
}

// splitLine is a bufio.SplitFunc for the three line ends.
//
// A \r at the end of the buffer may be the first half of \r\n: more data is
// requested before it counts as an end.
func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case i < 0, data[i] == '\r' && i+1 == len(data) && !atEOF: // a \n may follow
		return 0, nil, nil
	case data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n':
		return i + 2, data[:i], nil
	}
	return i + 1, data[:i], nil
}

// utf16Reader converts UTF-16 to UTF-8. It drops byte order marks. Half a pair
// of surrogates, or half a unit at the end, becomes U+FFFD.
//
// A character beyond U+FFFF has two units, high (0xD800 to 0xDBFF) and low.
type utf16Reader struct {
	in   *bufio.Reader
	low  int    // index of the low byte of a pair
	high rune   // first half of a pair, or 0
	rest []byte // decoded bytes that are not read yet
}

// Read returns UTF-8. Half of a character at the end of the input becomes
// U+FFFD.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.rest) < min(len(p), 4096) {
		var b [2]byte
		_, err := io.ReadFull(u.in, b[:])
		if err == io.ErrUnexpectedEOF {
			u.rest, err = utf8.AppendRune(u.rest, utf8.RuneError), nil
		} else if err == nil {
			u.add(rune(b[u.low]) | rune(b[1-u.low])<<8)
			continue
		}
		if len(u.rest) == 0 {
			return 0, err
		}
		break
	}
	n := copy(p, u.rest)
	u.rest = u.rest[:copy(u.rest, u.rest[n:])]
	return n, nil
}

// add appends one unit, or keeps it if it is the first half of a pair.
func (u *utf16Reader) add(unit rune) {
	switch high := u.high; {
	case high != 0:
		u.high = 0
		u.rest = utf8.AppendRune(u.rest, utf16.DecodeRune(high, unit))
	case 0xd800 <= unit && unit < 0xdc00:
		u.high = unit
	case unit != 0xfeff:
		u.rest = utf8.AppendRune(u.rest, unit)
	}
}
