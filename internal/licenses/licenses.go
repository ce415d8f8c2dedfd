package licenses

import (
	_ "embed"
	"regexp"
	"strings"
)

// Text holds the licenses of csdm, of Go's library, of the lab's script and of
// all modules, each below a heading that names its modules.
//
//go:embed licenses.txt
var Text string

// heading begins a section of Text: the names of modules and of a file.
var heading = regexp.MustCompile(`(?m)^=+ (.+): [^:\n]+ =+$`)

// phrases of licenses, and their SPDX identifiers. The first that occurs
// decides.
var phrases = []struct{ phrase, id string }{
	{"SIL OPEN FONT LICENSE Version 1.1", "OFL-1.1"},
	{"The FreeType Project LICENSE", "FTL"},
	{"Apache License", "Apache-2.0"},
	{"Permission is hereby granted, free of charge", "MIT"},
	{"Redistribution and use in source and binary forms", "BSD-3-Clause"},
}

// identifiers returns the SPDX identifiers of the licenses of each module,
// without version.
func identifiers() map[string][]string {
	found := map[string][]string{}
	at := heading.FindAllStringSubmatchIndex(Text, -1)
	for k, m := range at {
		end := len(Text)
		if k+1 < len(at) {
			end = at[k+1][0]
		}
		words := strings.Join(strings.Fields(Text[m[1]:end]), " ")
		for _, p := range phrases {
			if !strings.Contains(words, p.phrase) {
				continue
			}
			for name := range strings.SplitSeq(Text[m[2]:m[3]], ", ") {
				found[name] = append(found[name], p.id)
			}
			break
		}
	}
	return found
}
