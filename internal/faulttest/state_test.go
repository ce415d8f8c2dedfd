package faulttest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csdm/internal/format"
)

const (
	temporaries = "tmp" // TMPDIR of a call, within its folder
	logName     = "operations.log"
)

// state holds the content of a folder: for each file a text of its content,
// without parts that differ between calls (times, the command).
type state map[string]string

// readState reads a folder. debris lists the files of unfinished work.
func readState(dir string) (s state, debris []string, err error) {
	s = state{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case name == logName || name == temporaries, strings.HasSuffix(name, ".lock") ||
			filepath.Base(name) == "lock":
			return nil
		case strings.HasPrefix(name, temporaries+string(filepath.Separator)) ||
			strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".partial"):
			debris = append(debris, name)
			return nil
		case d.IsDir() && d.Name() == "checkpoints":
			// Which ones are kept depends on where a call stopped.
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		s[name], err = content(path)
		return err
	})
	return s, debris, err
}

// content describes a file. A file that does not match the type in its name is
// an error, because a file with its final name must be complete.
func content(path string) (string, error) {
	switch filepath.Ext(path) {
	case ".npz":
		arrays, err := format.ReadNPZFile(path)
		if err != nil {
			return "", err
		}
		return describe(arrays)
	case ".safetensors":
		t, err := format.ReadTensorsFile(path)
		if err != nil {
			return "", err
		}
		return describe(t.Arrays)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	name := filepath.Base(path)
	switch {
	case name == "metrics.jsonl":
		return steps(data)
	case filepath.Ext(path) == ".json" && !strings.HasPrefix(name, "block-"):
		if !json.Valid(data) {
			return "", fmt.Errorf("%s is no JSON", path)
		}
		return "JSON", nil
	case name == "table5.csv": // it has a column of times
		return fmt.Sprintf("%d lines", bytes.Count(data, []byte("\n"))), nil
	case filepath.Ext(path) == ".html":
		if !bytes.Contains(data, []byte("</html>")) {
			return "", fmt.Errorf("%s has no end", path)
		}
		return "HTML", nil
	}
	return fmt.Sprintf("%d bytes, SHA-256 %x", len(data), sha256.Sum256(data)), nil
}

// describe returns the name, type, shape and hash of all arrays except the
// texts about their origin.
func describe(arrays map[string]*format.Array) (string, error) {
	var lines []string
	for name, a := range arrays {
		if strings.HasSuffix(name, "_json") {
			continue
		}
		h := sha256.New()
		if err := format.WriteNPY(h, a); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		lines = append(lines, fmt.Sprintf("%s %x", name, h.Sum(nil)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), nil
}

// steps lists the steps in the records of a training, each once.
func steps(data []byte) (string, error) {
	var b strings.Builder
	for line := range bytes.Lines(data) {
		if line[len(line)-1] != '\n' {
			break // a kill cut the last record off, and the next call removes it
		}
		var record struct {
			Step    int             `json:"step"`
			Loss    float64         `json:"loss"`
			HeldOut json.RawMessage `json:"held_out"`
		}
		if err := json.Unmarshal(line, &record); err != nil {
			return "", fmt.Errorf("metrics: %q: %w", line, err)
		}
		fmt.Fprintf(&b, "%d %g %s\n", record.Step, record.Loss, record.HeldOut)
	}
	return b.String(), nil
}

// differences lists how has differs from want.
func (want state) differences(has state) (list []string) {
	for name, text := range want {
		switch there, ok := has[name]; {
		case !ok:
			list = append(list, name+" is missing")
		case there != text:
			list = append(list, name+" differs")
		}
	}
	for name := range has {
		if _, ok := want[name]; !ok {
			list = append(list, name+" is superfluous")
		}
	}
	slices.Sort(list)
	return list
}
