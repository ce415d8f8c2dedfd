package setting

import (
	"reflect"
	"strings"
)

// sourced is a struct of settings that knows the file which declares it.
type sourced interface{ Source() string }

// helps returns the comments above the fields of a struct, by their toml names.
// They are read from the struct's own source, so that a text stands once, for
// those who read the code and for those who read the help. What follows an
// empty line of the comment is for the former alone.
func helps(v reflect.Value) map[string]string {
	s, ok := v.Addr().Interface().(sourced)
	if !ok {
		return nil
	}
	_, body, _ := strings.Cut(s.Source(), "\ntype "+v.Type().Name()+" struct {\n")
	out := map[string]string{}
	var words []string
	more := true
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if comment, ok := strings.CutPrefix(line, "//"); ok {
			more = more && comment != ""
			if more {
				words = append(words, strings.TrimSpace(comment))
			}
			continue
		}
		if line == "}" {
			break
		}
		if _, tag, ok := strings.Cut(line, "`toml:\""); ok {
			name, _, _ := strings.Cut(tag, "\"")
			out[name] = strings.Join(words, " ")
		}
		words, more = nil, true
	}
	return out
}
