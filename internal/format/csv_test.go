package format

import (
	"reflect"
	"strings"
	"testing"
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
		"1;2\n3;4,5\n":                         `line 2, column 2: "4,5"`,
		"x y\n":                                `line 1, column 1: "x"`,
		"1\n" + strings.Repeat("1", maxLine+1): "line 2 is longer",
	} {
		_, err := ReadCSV(strings.NewReader(text))
		mustBeBad(t, text[:min(len(text), 20)], err)
		if err == nil || !strings.Contains(err.Error(), where) {
			t.Errorf("%.20q: %v, want it to say %s", text, err, where)
		}
	}
}
