package accuracy

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/identity"
	"csdm/problems"
)

// Files of a study. studyFile is written last: its presence shows that the
// study of its identity is finished.
//
// A study without its last file is taken for unfinished, whatever else is
// there.
const (
	studyFile      = "accuracy.json"
	rowsFile       = "accuracy.csv"
	quantitiesFile = "quantities.csv"
	summaryFile    = "summary.csv"
	costFile       = "cost.csv"
)

// prepare returns the finished study in the folder, or nil. With Overwrite it
// removes the parts of a finished study with the same settings.
//
// The identity covers the settings, each problem, each model with its sampling,
// and each file of another program.
func (t *study) prepare(targets []*Subject) (*Result, error) {
	b := identity.New("accuracy study", 1).Add("settings", t.s, "Overwrite", "Part", "Measured")
	t.s.identifyGaps(b)
	for k, target := range targets {
		name := "target " + strconv.Itoa(k+1)
		b.AddIdentity(name, problems.Identify("problem", 1, target.Problem).Identity())
		if target.Model != nil {
			b.AddIdentity("model of "+name, target.Model.Identity()).Add("sampling of "+name,
				target.Sampling, notDrawn...)
		}
		for _, f := range target.Foreign {
			b.Add("posteriors of "+name+" by "+f.name, f.hash)
		}
	}
	t.Identity = b.Identity()
	path := filepath.Join(t.dir, studyFile)
	there, err := infer.ReadIdentity(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case t.s.Overwrite:
		if there == t.Identity {
			err = t.removeParts(targets)
		} else {
			err = nil
		}
		return nil, errors.Join(err, infer.RemovePartial(path))
	case err != nil:
		return nil, err
	}
	if err := infer.SameResult(path, there, t.Identity); err != nil {
		return nil, err
	}
	for _, name := range []string{rowsFile, quantitiesFile, summaryFile, costFile} {
		if !atomicfile.Exists(filepath.Join(t.dir, name)) {
			return nil, nil // the parts are there, and the files are written again
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(Result)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, cli.Data(fmt.Errorf("%s: %w: move it away, and the same call writes it again",
			path, err))
	}
	r.Folder, r.AlreadyThere = t.dir, true
	return r, nil
}

// removeParts removes the judged posteriors and references of the targets.
func (t *study) removeParts(targets []*Subject) error {
	for _, target := range targets {
		folder := filepath.Join(t.dir, target.folder())
		parts, err := fs.Glob(os.DirFS(folder), "case-*/*") // folder is no pattern
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := disk.Remove(filepath.Join(folder, part)); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes the files.
func (t *study) write() error {
	for _, file := range []struct {
		name  string
		table [][]string
	}{{rowsFile, records(t.Rows)}, {quantitiesFile, records(t.Quantities)},
		{summaryFile, records(t.Summary)}, {costFile, records(t.Costs)}} {
		var buf bytes.Buffer
		if err := csv.NewWriter(&buf).WriteAll(file.table); err != nil {
			return err
		}
		if err := atomicfile.WriteFile(filepath.Join(t.dir, file.name), true,
			buf.Bytes()); err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(t.Result, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(t.dir, studyFile), true, append(data, '\n'))
}

// records returns rows for CSV: a record of the names that the fields of T have
// in JSON, then a record per row.
//
// Tables and JSON have the same names for the same numbers, from one set of
// tags.
func records[T any](rows []T) [][]string {
	var heads []string
	var fields []reflect.StructField
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			heads, fields = append(heads, name), append(fields, f)
		}
	}
	all := [][]string{heads}
	for _, row := range rows {
		var record []string
		for _, f := range fields {
			record = append(record, cell(reflect.ValueOf(row).FieldByIndex(f.Index).Interface()))
		}
		all = append(all, record)
	}
	return all
}

// cell returns a value as text for CSV. It returns "" for a number that is not
// stated, and for nil.
//
// Six significant digits are more than any figure has.
func cell(v any) string {
	number := func(x float64) string {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return ""
		}
		return strconv.FormatFloat(x, 'g', 6, 64)
	}
	switch v := v.(type) {
	case infer.StatedError:
		return number(float64(v))
	case float64:
		return number(v)
	case *bool:
		if v == nil {
			return ""
		}
		return strconv.FormatBool(*v)
	case []string:
		return strings.Join(v, "; ")
	}
	return fmt.Sprint(v)
}
