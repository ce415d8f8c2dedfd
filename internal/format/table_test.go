package format

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

func TestReadCSV(t *testing.T) {
	want := Array64([]float64{1, 2.5, -3e-4, 4, 5, 6}, 2, 3)
	for _, text := range []string{
		"1,2.5,-3e-4\n4,5,6\n",
		"# stiffness, kPa\r\n 1 ; 2.5 ;-3e-4 \r\n\r\n4;5;6 # last",
		"1 2.5\t-3e-4\n  4 5   6",
	} {
		got, err := ReadCSV(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, where := range map[string]string{
		"":                                     "no numbers",
		"# only\n":                             "no numbers",
		"1,2\n3\n":                             "line 2 has 1",
		"1,2\n\n3,NaN\n":                       "line 3, column 2",
		"1,inf\n":                              "line 1, column 2",
		"1,1e999\n":                            "line 1, column 2",
		"1,,2\n":                               "line 1, column 2",
		"x y\n":                                "no numbers",
		"1\n" + strings.Repeat("1", maxLine+1): "line 2 is longer",
	} {
		_, err := ReadCSV(strings.NewReader(text))
		mustBeBad(t, text[:min(len(text), 20)], err)
		if err == nil || !strings.Contains(err.Error(), where) {
			t.Errorf("%.20q: %v, want it to say %s", text, err, where)
		}
	}
}

// spelled is one map in many notations: 9 rows of 5 numbers of either sign,
// with exponents.
func spelled() *Array {
	a := Array64(make([]float64, 45), 9, 5)
	for i := range a.F64 {
		a.F64[i] = (float64(i*i%17) - 7.25) * 1.3e-5
	}
	return a
}

// text writes an array with a separator and a format of each number.
func text(a *Array, separator, lineEnd string, number func(float64) string) string {
	var b strings.Builder
	for r := range a.Shape[0] {
		for c := range a.Shape[1] {
			if c > 0 {
				b.WriteString(separator)
			}
			b.WriteString(number(a.F64[r*a.Shape[1]+c]))
		}
		b.WriteString(lineEnd)
	}
	return b.String()
}

func inUTF16(order binary.AppendByteOrder, s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// TestSpellings reads one map in the notations of other programs. The values
// must be equal, and the description must name the peculiarity of the file.
func TestSpellings(t *testing.T) {
	want := spelled()
	plain := func(v float64) string { return fmt.Sprint(v) }
	comma := func(v float64) string { return strings.Replace(plain(v), ".", ",", 1) }
	quoted := func(v float64) string { return `"` + comma(v) + `"` }
	commas := text(want, ",", "\n", plain)
	numbered := func(s, separator string) string { // as pandas' to_csv
		lines := strings.Split(strings.TrimSpace(s), "\n")
		for i := range lines {
			lines[i] = fmt.Sprint(i, separator, lines[i])
			lines[i] = strings.Replace(lines[i], " ", "", 1)
			lines[i] = strings.Replace(lines[i], " ", "", 1)
		}
		return strings.Join(lines, "\n") + "\n"
	}
	for name, c := range map[string]struct{ text, note string }{
		"plain":           {commas, ""},
		"white space":     {text(want, "  ", "\n", plain), ""},
		"tabs":            {text(want, "\t", "\r\n", plain), ""},
		"comma and space": {text(want, ", ", "\n", plain), ""},
		"comma and tab":   {text(want, ",\t", "\n", plain), ""},
		"byte order mark": {"\ufeff" + commas, ""},
		"UTF-16 little": {inUTF16(binary.LittleEndian, "\ufeff"+
			text(want, "\t", "\r\n", plain)), "UTF-16"},
		"UTF-16 big":            {inUTF16(binary.BigEndian, "\ufeff"+commas), "UTF-16"},
		"UTF-16 without a mark": {inUTF16(binary.LittleEndian, commas), "UTF-16"},
		"UTF-16 big, no mark":   {inUTF16(binary.BigEndian, commas), "UTF-16"},
		"CR":                    {text(want, ",", "\r", plain), ""},
		"trailing separators":   {text(want, ",", ",\n", plain), ""},
		"trailing tabs":         {text(want, "\t", "\t\n", plain), ""},
		"decimal comma, semicolon": {text(want, ";", "\n", comma),
			"numbers with a decimal comma, separated by semicolons"},
		"decimal comma, tab": {text(want, "\t", "\n", comma),
			"numbers with a decimal comma, separated by tabs"},
		"decimal comma, blank": {text(want, " ", "\n", comma),
			"numbers with a decimal comma, separated by white space"},
		"decimal comma, quoted": {text(want, ",", "\n", quoted),
			"numbers with a decimal comma, separated by commas"},
		"sep=": {"sep=;\r\n" + text(want, ";", "\r\n", plain),
			"a header line skipped"},
		"names": {"a,b,c,d,e\n" + commas, "a header line skipped"},
		"names of an instrument": {"Probe: L12, left side\nu (cm)\n" + commas,
			"2 header lines skipped"},
		"index": {",0,1,2,3,4\n" + numbered(commas, ","),
			"a header line skipped; a column of row numbers skipped"},
		"index and names": {",a,b,c,d,e\n" + numbered(commas, ","),
			"a header line skipped; a column of row numbers skipped"},
		"index and tabs": {"\ta\tb\tc\td\te\n" +
			numbered(text(want, "\t", "\n", plain), "\t"),
			"a header line skipped; a column of row numbers skipped"},
		"percent": {"% matlab, 3 channels\n" + commas, ""},
		"Fortran": {strings.ReplaceAll(text(want, " ", "\n", func(v float64) string {
			return fmt.Sprintf("%.17E", v)
		}), "E", "D"), ""},
		"unicode minus":  {strings.ReplaceAll(commas, "-", "\u2212"), ""},
		"dash":           {strings.ReplaceAll(commas, "-", "\u2013"), ""},
		"no-break space": {text(want, "\u00a0;\u00a0", "\n", plain), ""},
	} {
		got, err := ReadTable(strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(got.Array, want) || got.Dialect != c.note {
			t.Errorf("%s: shape %v, note %q, want %q", name, got.Shape, got.Dialect, c.note)
		}
	}
}

// TestTableRefuses checks that files which cannot be read are refused with the
// true cause.
func TestTableRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"0.5,0.0_0015\n": `line 1, column 2: "0.0_0015" is no number`,
		"0x1p-2,0.5\n":   `"0x1p-2" is no number`,
		"0x10,1\n":       `"0x10" is no number`,
		"1,2\n3,nan\n": `line 2, column 2: there is no value but "nan": nothing may be missing ` +
			`here`,
		"1,2\n,4\n": "line 2, column 1: there is no value: nothing may be missing " +
			"here",
		"1,2\n3,#N/A\n": `no value but "#N/A": nothing may be missing here`,
		"NaN,NaN\n1,2\n": `line 1, column 1: there is no value but "NaN": nothing may be ` +
			`missing here`,
		",,\n1,2,3\n":    "line 1, column 1: there is no value",
		"1,2,\n3,4\n":    "line 2 does not end in a separator",
		"1,2,3\n4,5,\n":  "line 2, column 3: there is no value",
		"inf,inf\n1,2\n": `"inf" is not finite`,
		"1.5;2,5\n":      "decimal points and decimal commas",
		"1.234,5;2\n":    `"1.234,5" is no number`,
		"0,0015,6,25\n": "if the comma is a decimal comma, separate the numbers by " +
			"semicolons",
		"1,2\nx,4\n":     `line 2, column 1: "x" is no number`,
		"1,2\r\n3,x\r\n": `line 2, column 2: "x" is no number`,
		"1,2\n3,4,5\n":   "line 2 has 3 numbers, the lines before it have 2",
		"2026-11-29,left\n1,2\n": `"2026-11-29" is no number; if the line is a header, put # in ` +
			`front of it`,
		",0.0,0.5\n0.0,1,2\n": "line 1, column 1: there is no value",
		",a,b\n0.5,1,2\n0.7,3,4\n": "its header has no name for the first column, which does " +
			"not number the rows",
		",a,b\n5,1,2\n6,3,4\n": "which does not number the rows: it has 5 in row 0",
		inUTF16(binary.BigEndian,
			"1,\U0001f52c\n"): "line 1, column 2: \"\U0001f52c\" is no number",
		",\n": "there is no value",
		strings.Repeat("text\n", maxHeaderLines+1): "more than 100 lines of text",
	} {
		_, err := ReadTable(strings.NewReader(text))
		mustBeBad(t, text[:min(len(text), 20)], err)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.30q: %v, want %q", text, err, says)
		}
		slowly, other := ReadTable(iotest.OneByteReader(strings.NewReader(text)))
		if other == nil || other.Error() != err.Error() {
			t.Errorf("%.30q in single bytes: %+v, %v", text, slowly, other)
		}
	}
}

// scattered writes a map as a table of x, y and value.
func scattered(a *Array, header string, from, step float64, order func(i int) int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range a.F64 {
		k := order(i)
		fmt.Fprintf(&b, "%.6g,%.6g,%v\n", from+step*float64(k%a.Shape[1]),
			2*step*float64(k/a.Shape[1]), a.F64[k])
	}
	return b.String()
}

// TestScattered reads tables of x, y and value, in any order.
func TestScattered(t *testing.T) {
	want := spelled()
	for name, order := range map[string]func(int) int{
		"rows":    func(i int) int { return i },
		"columns": func(i int) int { return i%9*5 + i/9 },
		"mixed":   func(i int) int { return i * 7 % 45 },
	} {
		m := measure(t, "xyz.csv", scattered(want, "x (cm),y (cm),u (cm)\n", -0.1, 1.0/27, order),
			1)
		if !reflect.DeepEqual(m.Array, want) || m.Grid == nil ||
			!strings.Contains(m.Note, "9×5 samples, x from -0.1 in steps of 0.037037") {
			t.Errorf("%s: %+v", name, m)
		} else if g := *m.Grid; !near(g.OriginX, -0.1) || !near(g.PixelX, 1.0/27) ||
			!near(g.OriginY, 0) || !near(g.PixelY, 2.0/27) {
			t.Errorf("%s: grid %+v", name, g)
		}
	}
	two := strings.ReplaceAll(scattered(want, "", 0, 1, func(i int) int { return i }), "\n", ",3\n")
	if m := measure(t, "two.csv", two, 2); m.CheckShape(2, 9, 5) != nil || m.F64[45] != 3 ||
		m.F64[44] != want.F64[44] {
		t.Errorf("two channels: %+v", m)
	}
	full := scattered(want, "", 0, 1, func(i int) int { return i })
	lines := strings.SplitAfter(full, "\n")
	for says, text := range map[string]string{
		"make a grid of 45 samples, and the table has 44": strings.Join(lines[1:], ""),
		"is there twice":                  strings.Join(append(lines[1:], lines[1]), ""),
		"x is not evenly spaced: 0.05":    strings.Replace(full, "0,0,", "0.05,0,", 1),
		"x is not evenly spaced: 0.3":     strings.Replace(full, "0,0,", "0.3,0,", 1),
		"y is not evenly spaced: all are": strings.Repeat("1,2,3\n4,2,5\n", 5),
	} {
		path := filepath.Join(t.TempDir(), "m.csv")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ReadMeasured(path, 1, false)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func near(a, b float64) bool { return a-b < 1e-5 && b-a < 1e-5 }

// measure writes a file and reads it as measurements.
func measure(t *testing.T, name, content string, channels int) *Measurements {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	m, err := ReadMeasured(path, channels, false)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m
}

// TestCounted checks that headers and indexes that look like data are refused.
func TestCounted(t *testing.T) {
	rows, cols := "", "0,1,2,3,4,5,6,7\n"
	for i := range 9 {
		rows += fmt.Sprintf("%d,%v\n", i+1, 0.5*float64(i*i))
	}
	for text, says := range map[string]string{rows: "its first column counts 1, 2, 3", cols +
		strings.Repeat("5,1,5,2,5,3,5,4\n", 3): "its first line counts 0, 1, 2"} {
		path := filepath.Join(t.TempDir(), "m.csv")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := ReadMeasured(path, 1, false)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
