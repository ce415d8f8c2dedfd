package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxConfig is the largest size of a configuration file. A resolved one takes a
// few kilobytes.
const maxConfig = 64 << 10

// ReadConfig sets the struct that v points to from a TOML file; see
// DecodeConfig. Settings that are not in the file keep their values. A missing
// file is an error with code 66; a file that is not valid is an error with code
// 78.
func ReadConfig(path string, v any, former ...string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return DecodeConfig(data, path, v, former...)
}

// DecodeConfig sets the struct that v points to from TOML. name identifies the
// source in errors. All errors have code 78 and name the line: a key that the
// struct does not have, a value of another type, malformed text. Keys match in
// any case. The keys in former, with their section, are accepted although the
// struct does not have them; the caller handles them. A byte order mark is
// skipped. After an error the struct may be partly set.
func DecodeConfig(data []byte, name string, v any, former ...string) (err error) {
	if len(data) > maxConfig {
		return Config(fmt.Errorf("%s: the file has more than %d bytes, which is too large for a "+
			"configuration", name, maxConfig))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // editors on Windows write it
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return Config(fmt.Errorf("%s: is UTF-16: save it as UTF-8", name))
	}
	err = toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(v)
	if err == nil {
		return nil
	}
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		var unknown []string
		for i := range strict.Errors {
			row, _ := strict.Errors[i].Position()
			key := strings.Join(strict.Errors[i].Key(), ".")
			if !slices.Contains(former, key) {
				unknown = append(unknown, fmt.Sprintf("line %d: %s", row, key))
			}
		}
		if unknown == nil {
			return nil
		}
		return Config(fmt.Errorf("%s: unknown setting: %s", name, strings.Join(unknown, "; ")))
	}
	if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, column := bad.Position()
		what := strings.TrimPrefix(bad.Error(), "toml: ")
		// The Go type means nothing to a user.
		if before, after, ok := strings.Cut(what, " into struct field "); ok {
			what = before + " into " + after[strings.LastIndex(after, " ")+1:]
		}
		if key := strings.Join(bad.Key(), "."); key != "" {
			what = key + ": " + what
		}
		return Config(fmt.Errorf("%s: line %d, column %d: %s", name, row, column, what))
	}
	return Config(fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "toml: ")))
}
