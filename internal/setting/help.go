package setting

import (
	"reflect"
	"strings"
)

// sourced is a struct of settings that holds the text of the file that declares
// it.
type sourced interface{ Source() string }

// helps returns the comments above the fields of a struct, by their toml names.
// It reads them from the struct's own source, so each text is written once, for
// readers of the code and of the help. The help ends at the first empty line of
// a comment.
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
