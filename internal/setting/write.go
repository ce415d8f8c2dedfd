package setting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// TOML returns the settings of the struct that v points to as a file. A comment
// above each setting describes it.
func TOML(v any) ([]byte, error) {
	var out bytes.Buffer
	section := ""
	for _, s := range Of(v) {
		in, key := s.split()
		if in != section {
			section = in
			fmt.Fprintf(&out, "\n[%s]\n", section)
		}
		line, err := toml.Marshal(map[string]any{key: s.Value()})
		if err != nil {
			return nil, fmt.Errorf("setting %s cannot be written: %w", s.Name, err)
		}
		for _, comment := range wrap(s.Describe(), commentWidth) {
			fmt.Fprintf(&out, "# %s\n", comment)
		}
		out.Write(line)
	}
	return out.Bytes(), nil
}

const commentWidth = 78

// split returns the section of a setting and its name in it.
func (s Setting) split() (section, key string) {
	if i := strings.LastIndexByte(s.Name, '.'); i >= 0 {
		return s.Name[:i], s.Name[i+1:]
	}
	return "", s.Name
}

// wrap breaks a text at spaces into lines of at most width bytes. A longer word
// stays whole.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// JSON returns the settings of the struct that v points to as one object. It
// must have no sections.
func JSON(v any) ([]byte, error) {
	out := []byte{'{'}
	for i, s := range Of(v) {
		value, err := json.Marshal(s.Value())
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", s.Name, err)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(fmt.Appendf(out, "%q:", s.Name), value...)
	}
	return append(out, '}'), nil
}

// SetJSON sets the struct that v points to from an object that JSON returned.
// Settings that the object lacks get their defaults. An unknown name is an
// error.
func SetJSON(v any, data []byte) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	Defaults(v)
	for _, s := range Of(v) {
		if value, ok := values[s.Name]; ok {
			if err := json.Unmarshal(value, s.field.Addr().Interface()); err != nil {
				return fmt.Errorf("setting %s: %w", s.Name, err)
			}
			delete(values, s.Name)
		}
	}
	for name := range values {
		return fmt.Errorf("there is no setting %s in this version", name)
	}
	return nil
}

// Page returns the settings of the struct that v points to as Markdown: a table
// for each section, under a heading that titles names.
func Page(v any, titles map[string]string) string {
	var out strings.Builder
	section := "\x00"
	for _, s := range Of(v) {
		in, key := s.split()
		if in != section {
			section = in
			fmt.Fprintf(&out, "\n## %s\n\n", titles[in])
			out.WriteString("| setting | default | values | meaning |\n|---|---|---|---|\n")
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", key, code(s.Default), s.values(),
			s.Help+brackets(s.facts(), s.Expert))
	}
	return out.String()
}

// brackets returns the facts in brackets, with "expert" as the last one if
// expert is set.
func brackets(facts []string, expert bool) string {
	if expert {
		facts = append(facts, "expert")
	}
	if facts == nil {
		return ""
	}
	return " (" + strings.Join(facts, "; ") + ")"
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// values returns the values that the setting accepts, in words for the page.
func (s Setting) values() string {
	if w := s.Wants(); w != "" {
		return w
	}
	switch s.field.Kind().String() {
	case "bool":
		return "true or false"
	case "string":
		return "text"
	case "float64":
		return "any number"
	}
	return "any integer"
}
