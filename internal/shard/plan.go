package shard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/filelock"
	"csdm/internal/format"
	"csdm/internal/identity"
)

// PlanFile is the name of the file that names the computation of a folder's
// parts.
const PlanFile = "shards.json"

const (
	planFormat = 1
	maxPlan    = 4 << 20 // bytes
	maxItems   = 1 << 30
	maxValues  = 1 << 30 // of an item
)

// Plan describes a divided computation. The first shard writes it to the
// folder of the parts, and the others compare it with their own.
type Plan struct {
	Format int `json:"format"`
	// Verb and Arguments are the command line of the undivided call, without
	// its output and without flags that change no result. Each argument is
	// --flag=value.
	Verb      string   `json:"verb"`
	Arguments []string `json:"arguments"`

	Items  string `json:"items"`  // kind of the items, such as "draws"
	Count  int    `json:"count"`  // number of items
	First  int    `json:"first"`  // index of the first item
	Values int    `json:"values"` // float64 values of an item; 0: each has a file

	Identity identity.Identity `json:"identity"` // of the items
	Version  string            `json:"version"`  // of the program that began the folder
}

// Assignment is one shard of a plan, with the folder of all parts.
type Assignment struct {
	Dir   string // folder of all parts
	Shard Shard
	Plan  *Plan // the verb sets the rest
}

// Hold takes the lock of the shard in the folder, which exists, and waits if
// another process makes the same shard. end records how the call has ended, and
// gives up the lock.
func (c Assignment) Hold(ctx context.Context, note func(line string)) (end func(error) error,
	err error) {
	release, err := filelock.Hold(ctx, filepath.Join(c.Dir, c.Shard.LockName()), note)
	if err != nil {
		return nil, err
	}
	return func(failed error) error {
		return errors.Join(c.Shard.Record(c.Dir, failed), release())
	}, nil
}

// Begin makes dir a folder for the parts of p, or checks that it already is
// one. A folder with other files, or with the parts of another computation, is
// an error that names the differences.
func (p *Plan) Begin(dir string) error {
	p.Format = planFormat
	if err := disk.MkdirAll(dir); err != nil {
		return err
	}
	there, err := ReadPlan(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := p.checkEmpty(dir); err != nil {
			return err
		}
		var text []byte
		if text, err = json.MarshalIndent(p, "", "  "); err != nil {
			return err
		}
		err = atomicfile.WriteFile(filepath.Join(dir, PlanFile), false,
			format.SealJSON(append(text, '\n')))
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		there, err = ReadPlan(dir) // another shard began it first
	}
	if err != nil {
		return err
	}
	return p.same(dir, there)
}

// checkEmpty returns an error for a folder that has files and no plan. Results
// of cases may be there: the first of them comes before the plan.
func (p *Plan) checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if name[0] != '.' && name != PlanFile &&
			!(p.Values == 0 && strings.HasPrefix(name, "case-")) {
			if atomicfile.Exists(filepath.Join(dir, PlanFile)) {
				return nil // another shard began the folder just now
			}
			return cli.Exists(fmt.Errorf("%s holds %s and no %s, so that it is no folder of "+
				"parts: choose another folder", dir, name, PlanFile))
		}
	}
	return nil
}

// same returns an error that names the differences of the computation in dir
// from p, or nil if there are none.
func (p *Plan) same(dir string, there *Plan) error {
	path := filepath.Join(dir, PlanFile)
	switch {
	case there.Verb != p.Verb || there.Items != p.Items || there.Values != p.Values ||
		there.First != p.First:
		return cli.Exists(fmt.Errorf("%s: the folder has %s of csdm %s from %d on, and this call "+
			"makes %s of csdm %s from %d on: choose another folder", path, there.Items, there.Verb,
			there.First, p.Items, p.Verb, p.First))
	case there.Count != p.Count:
		return cli.Exists(fmt.Errorf("%s: the folder is for %d %s, and this call for %d: choose "+
			"another folder", path, there.Count, p.Items, p.Count))
	case there.Identity != p.Identity:
		return cli.Exists(fmt.Errorf("%s: the folder has parts of other settings (%s): choose "+
			"another folder", path, identity.Compare(there.Identity, p.Identity)))
	}
	return nil
}

// ReadPlan reads the plan of the parts in dir. For a missing file,
// errors.Is(err, fs.ErrNotExist) holds for the error.
func ReadPlan(dir string) (*Plan, error) {
	path := filepath.Join(dir, PlanFile)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPlan+1))
	if err != nil {
		return nil, err
	}
	bad := func(what string, err error) (*Plan, error) {
		return nil, &format.Error{Path: path, Offset: -1, What: what, Err: err}
	}
	if len(text) > maxPlan {
		return bad(fmt.Sprintf("has more than %d bytes", maxPlan), nil)
	}
	text, sealed, err := format.UnsealJSON(text)
	if err != nil || !sealed {
		return bad("is damaged: its checksum is wrong or missing", err)
	}
	p := new(Plan)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(p); err != nil {
		return bad("is not what this program writes", err)
	}
	if p.Format != planFormat || p.Count < 1 || p.Count > maxItems || p.First < 0 ||
		p.First > maxItems || p.Values < 0 || (p.Values == 0) != (p.Items == Cases) ||
		p.Values > maxValues || p.Items == "" || p.Identity.IsZero() {
		return bad(fmt.Sprintf("is not a plan of format %d", planFormat), nil)
	}
	return p, nil
}
