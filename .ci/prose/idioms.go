package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// idiomMost is the largest number of idioms of each class in 10,000 words.
const idiomMost = 3

// idioms are turns of phrase that make a text hard to read, with what to write
// instead.
var idioms = []struct {
	name, instead string
	pattern       *regexp.Regexp
}{
	{"those of, that of, theirs", "name the noun again",
		regexp.MustCompile(`(?i)\b(those|that)\s+of\b|\btheirs\b`)},
	{"what is, what it, …", "name the thing",
		regexp.MustCompile(`(?i)\bwhat\s+(is|are|was|were|has|had|it|they|we|one)\b`)},
	{"says, tells, asks", "reports, states, returns, requests",
		regexp.MustCompile(`(?i)\b(says?|said|tells?|told|asks?|asked)\b`)},
	{"so many, that many", "n", regexp.MustCompile(`(?i)\b(so|that)\s+many\b`)},
	{"law", "distribution", regexp.MustCompile(`(?i)\blaws?\b`)},
	{"goes on", "resumes, continues", regexp.MustCompile(`(?i)\b(go|goes|going|went|gone)\s+on\b`)},
	{"anew, besides, beforehand, aside", "again, also, first",
		regexp.MustCompile(`(?i)\b(anew|besides?|beforehand|aside)\b`)},
	{"is had", "is available", regexp.MustCompile(`(?i)\b(is|are|was|were|be)\s+had\b`)},
	{"in place of, but for, comes of", "instead of, except, comes from",
		regexp.MustCompile(`(?i)\bin\s+place\s+of\b|\bbut\s+for\b|\bcomes?\s+of\b`)},
}

// A tally counts the idioms of one kind of text.
type tally struct {
	kind  string // "comments", "messages", "pages"
	words int
	found [9]int // of each class of idioms
}

// add counts the words and idioms of a text. note receives each idiom.
func (t *tally) add(text string, note func(fault string)) {
	t.words += len(word.FindAllString(text, -1))
	for k, idiom := range idioms {
		for _, found := range idiom.pattern.FindAllString(text, -1) {
			t.found[k]++
			note(fmt.Sprintf("%q: write %s", strings.Join(strings.Fields(found), " "),
				idiom.instead))
		}
	}
}

// rate returns the number of idioms of class k in 10,000 words.
func (t *tally) rate(k int) float64 {
	return 1e4 * float64(t.found[k]) / float64(max(1, t.words))
}

// faults returns the classes that exceed idiomMost.
func (t *tally) faults() []string {
	var faults []string
	for k, idiom := range idioms {
		if rate := t.rate(k); rate > idiomMost {
			faults = append(faults,
				fmt.Sprintf("%q: %.1f per 10,000 words of %s; at most %d: write %s", idiom.name,
					rate, t.kind, idiomMost, idiom.instead))
		}
	}
	return faults
}

// write prints the rate of each class.
func (t *tally) write(w io.Writer) {
	fmt.Fprintf(w, "%d words of %s; idioms per 10,000 words:\n", t.words, t.kind)
	for k, idiom := range idioms {
		fmt.Fprintf(w, "  %-34s %5.1f\n", idiom.name, t.rate(k))
	}
}
