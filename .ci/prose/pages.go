package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"csdm/internal/repository"
)

// limits holds the limits of one page. Zero words or numbers: no limit.
type limits struct {
	words   int     // in the whole page, commands and tables included
	numbers float64 // per 100 words, outside of code and targets of links
}

var pageLimits = map[string]limits{
	"README.md":       {words: 900, numbers: 4},
	"ARCHITECTURE.md": {words: 1200, numbers: 2},
	"CONTRIBUTING.md": {words: 400},
}

// Limits of all pages.
const (
	sentenceP90 = 30 // words
	sentenceMax = 45
	tableMax    = 5 // columns
)

// page holds the measures of one page.
type page struct {
	words, numbers, columns int
	sentences               []int // words of each, sorted
	longest                 string
	prose                   string // the text without code, tables and headings
}

var (
	fenced    = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	indented  = regexp.MustCompile(`(?m)^ {4,}[^\s*-].*$`)
	remark    = regexp.MustCompile(`(?s)<!--.*?-->`)
	picture   = regexp.MustCompile(`!\[[^\]]*\]\([^)]*\)`)
	linked    = regexp.MustCompile(`\]\([^)]*\)`)
	inline    = regexp.MustCompile("`[^`]*`")
	number    = regexp.MustCompile(`[0-9]+([.,][0-9]+)*`)
	word      = regexp.MustCompile(`[\pL][\pL\pN’'_-]*`)
	sentence  = regexp.MustCompile(`[.!?:]["*)\]]*\s+`)
	paragraph = regexp.MustCompile(`\n\s*\n|\n\s*(?:[-*]|\d+\.)\s`)
	inWord    = regexp.MustCompile(`[\pL][\pL\pN_.-]*[0-9][\pL\pN_.-]*`)
)

// measurePage measures the text of a page.
func measurePage(text string) page {
	p := page{words: len(strings.Fields(text))}
	text = remark.ReplaceAllString(fenced.ReplaceAllString(text, ""), "")
	text = indented.ReplaceAllString(text, "")
	text = linked.ReplaceAllString(picture.ReplaceAllString(text, " "), "] ")
	text = inline.ReplaceAllString(text, "code") // a word of the sentence
	p.numbers = len(number.FindAllString(inWord.ReplaceAllString(text, ""), -1))
	var prose []string
	for _, line := range strings.Split(text, "\n") {
		switch trimmed := strings.TrimSpace(line); {
		case strings.HasPrefix(trimmed, "|"):
			p.columns = max(p.columns, strings.Count(strings.Trim(trimmed, "|"), "|")+1)
			prose = append(prose, "")
		case strings.HasPrefix(trimmed, "#"):
			prose = append(prose, "")
		default:
			prose = append(prose, line)
		}
	}
	p.prose = strings.Join(prose, "\n")
	longest := 0
	for _, part := range paragraph.Split("\n"+p.prose, -1) {
		for _, s := range sentence.Split(strings.TrimSpace(part)+" ", -1) {
			n := len(word.FindAllString(s, -1))
			if n > 2 {
				p.sentences = append(p.sentences, n)
			}
			if n > longest {
				longest, p.longest = n, strings.Join(strings.Fields(s), " ")
			}
		}
	}
	slices.Sort(p.sentences)
	return p
}

// faults returns the limits that the page exceeds.
func (p page) faults(name string) []string {
	var faults []string
	exceeds := func(what string, got, limit float64) {
		if limit > 0 && got > limit {
			faults = append(faults, fmt.Sprintf("%s: %s: %.3g; at most %g", name, what, got, limit))
		}
	}
	limit := pageLimits[name]
	exceeds("words", float64(p.words), float64(limit.words))
	exceeds("numbers per 100 words", p.per100(), limit.numbers)
	exceeds("words of the longest tenth of sentences", float64(quantile(p.sentences, 0.9)),
		sentenceP90)
	exceeds("words of the longest sentence, "+fmt.Sprintf("%.40q", p.longest),
		float64(quantile(p.sentences, 1)), sentenceMax)
	exceeds("columns of the widest table", float64(p.columns), tableMax)
	return faults
}

func (p page) per100() float64 { return 100 * float64(p.numbers) / float64(max(1, p.words)) }

// measurePages measures the pages of the repository, whose root is the current
// folder, and returns what exceeds a limit. CHANGELOG.md is a list, not a page.
func measurePages(w io.Writer, where bool) ([]string, error) {
	var faults []string
	spoken := tally{kind: "pages"}
	files, err := repository.Files(".")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if path.Ext(name) != ".md" || name == "CHANGELOG.md" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		p := measurePage(string(text))
		fmt.Fprintf(w,
			"%-44s %5d words, %4.1f numbers per 100, sentences %2d (p90) and %2d (longest), %d "+
				"columns\n",
			name, p.words, p.per100(), quantile(p.sentences, 0.9), quantile(p.sentences, 1),
			p.columns)
		faults = append(faults, p.faults(name)...)
		spoken.add(p.prose, func(fault string) {
			if where {
				fmt.Fprintf(w, "%s: %s\n", name, fault)
			}
		})
	}
	spoken.write(w)
	return append(faults, spoken.faults()...), nil
}
