package cli

import (
	_ "embed"
	"runtime/debug"
	"strings"
)

// The version and the commit of a release. release.sh sets both by -ldflags.
var version, commit string

// archived holds version and commit in an archive that git archive has made,
// and two placeholders otherwise.
//
//go:embed version.txt
var archived string

// source returns the version, the commit, and whether the source differed from
// it: first from a release, else from an archive, else as the toolchain has
// recorded. The version is (devel) if it is unknown.
func source() (v, c string, modified bool) {
	if version != "" {
		return version, commit, false
	}
	if v, c, ok := parseArchived(archived); ok {
		return v, c, false
	}
	v = "(devel)"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v, "", false
	}
	if info.Main.Version != "" {
		v = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			c = s.Value
		case "vcs.modified":
			modified = s.Value == "true"
		}
	}
	return v, c, modified
}

// parseArchived returns the version and the commit in the text of an archive,
// or ok = false for placeholders. A source without tags has no version.
func parseArchived(text string) (v, c string, ok bool) {
	v, c, _ = strings.Cut(strings.TrimSuffix(text, "\n"), "\n")
	if c == "" || strings.HasPrefix(c, "$Format") {
		return "", "", false
	}
	if v == "" {
		v = "(devel)"
	}
	return v, c, true
}
