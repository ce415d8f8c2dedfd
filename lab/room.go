package lab

import (
	"fmt"
	"html/template"
	"strings"

	"csdm"
)

// Room holds the texts of a room. The scripts of the page add its pictures and
// controls.
type Room struct {
	ID, Title string
	Lead      string // what the room shows, in a sentence or two
	Equations []Equation
	Symbols   []Symbol
	Sources   []SourceLines
	Notice    []string // what to look at
	Question  string
	Answer    string
}

// Equation is a line of MathML with a name.
type Equation struct {
	Name string
	Math template.HTML
}

// Symbol explains a symbol of the equations.
type Symbol struct {
	Math    template.HTML
	Meaning string
}

// SourceLines names lines of a source file: those from the first line that
// begins with From, up to the next line that is a closing brace at its
// indentation.
type SourceLines struct {
	What, File, From string
}

// Quote is the text of a SourceLines with the numbers of its lines.
type Quote struct {
	SourceLines
	First, Last int
	Text        string
}

// Quote reads the lines from the files in the program. It returns an error if
// no line, or more than one, begins with From.
func (s SourceLines) Quote() (Quote, error) {
	data, err := csdm.Sources.ReadFile(s.File)
	if err != nil {
		return Quote{}, err
	}
	lines := strings.Split(string(data), "\n")
	first := -1
	for i, line := range lines {
		if !strings.HasPrefix(strings.TrimLeft(line, "\t"), s.From) {
			continue
		}
		if first >= 0 {
			return Quote{}, fmt.Errorf("lab: %s:%d and %d both begin with %q", s.File, first+1,
				i+1, s.From)
		}
		first = i
	}
	if first < 0 {
		return Quote{}, fmt.Errorf("lab: no line of %s begins with %q", s.File, s.From)
	}
	indent := lines[first][:len(lines[first])-len(strings.TrimLeft(lines[first], "\t"))]
	last := first
	for last+1 < len(lines) && lines[last] != indent+"}" {
		last++
	}
	return Quote{s, first + 1, last + 1, strings.Join(lines[first:last+1], "\n")}, nil
}

// Quotes returns the lines of all sources of the room. It panics if one does
// not exist; a test holds that all do.
func (r Room) Quotes() (quotes []Quote) {
	for _, s := range r.Sources {
		q, err := s.Quote()
		if err != nil {
			panic(err)
		}
		quotes = append(quotes, q)
	}
	return quotes
}
