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

// maxConfig bounds a configuration file. A resolved one takes a few kilobytes.
const maxConfig = 64 << 10

// ReadConfig sets the struct that v points to from a TOML file: see
// DecodeConfig. What the file does not name keeps its value. A missing file is
// an error with code 66, one that cannot be understood one with code 78.
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

// DecodeConfig sets the struct that v points to from TOML. name stands for the
// source in errors, all of which have code 78 and name the line: a key that the
// struct does not have, a value of another type, malformed text. Keys match
// whatever their case. Keys that former names, with their section, may stand in
// the file although the struct does not have them: the caller sees to them. A
// byte order mark is skipped. On an error the struct may
// be set in part.
func DecodeConfig(data []byte, name string, v any, former ...string) (err error) {
	if len(data) > maxConfig {
		return Config(fmt.Errorf("%s: a configuration file of more than %d bytes", name, maxConfig))
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
		// the Go type says nothing to a user
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

// EncodeConfig returns v as TOML, in the order of its fields, that DecodeConfig
// reads back to the same values.
func EncodeConfig(v any) ([]byte, error) {
	data, err := toml.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("cli: configuration cannot be written: %w", err)
	}
	if len(data) > maxConfig {
		return nil, fmt.Errorf("cli: a configuration of %d bytes cannot be read back", len(data))
	}
	return data, nil
}
