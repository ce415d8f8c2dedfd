package infer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csdm/explain"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/internal/shard"
	"csdm/measured"
)

// IndexEntry is the name of the entry of a stack that holds its rows as JSON.
const IndexEntry = "index_json"

// caseEntry is the name of the entry with the index of each measurement.
const caseEntry = "case"

// StackRow describes a measurement of a stack.
//
// A row exists for each measurement of the plan, so that a refused one is
// visible as such and not as a gap.
type StackRow struct {
	Case        int                `json:"case"`
	Refused     string             `json:"refused,omitempty"` // why there is no result
	Measurement string             `json:"measurement,omitempty"`
	Verdict     *measured.Likeness `json:"verdict,omitempty"`
	Explained   *explain.Verdict   `json:"explained,omitempty"`
	Certified   *bool              `json:"certified,omitempty"` // nil: not certified
	Quantities  []Quantity         `json:"quantities,omitempty"`
}

// Stack writes the results of a plan with a file for each measurement as one
// .npz: each array that all results have, stacked in the order of the
// measurements, the index of each measurement as case (N), and a row for each,
// refused ones included, as IndexEntry. A missing, doubled or damaged file, and
// one of other settings, is an error that names it.
//
// An array that one result lacks, or has in another shape, is left out for all:
// a stack has no ragged arrays. Without overwrite an existing file is accepted
// only if its bytes are the same (atomicfile.WriteSame).
func Stack(out string, overwrite bool, plan *shard.Plan, dirs ...string) error {
	s := &stack{dirs: dirs}
	if err := s.index(plan); err != nil {
		return err
	}
	write := func(w io.Writer) error { return s.write(w) }
	if overwrite {
		return atomicfile.Write(out, true, write)
	}
	return atomicfile.WriteSame(out, write)
}

// stack is a call of Stack.
//
// The first pass over the files fills it; the second writes.
type stack struct {
	dirs   []string
	rows   []StackRow
	cases  []int64  // measurements with a result
	paths  []string // of these results
	arrays []stacked
}

// stacked is an array that all results have, with the shape in one result.
type stacked struct {
	name  string
	dtype format.DType
	shape []int
}

// find returns the folder that has measurement i, or the first folder if none
// has it. It is an error if two have it.
//
// Shards may have written to several folders. Two results for one measurement
// could differ, and no rule could choose between them.
func (s *stack) find(i int) (string, error) {
	found := ""
	for _, dir := range s.dirs {
		_, result := os.Stat(filepath.Join(dir, shard.ItemFile(i)))
		_, refusal := os.Stat(shard.RefusalFile(dir, i))
		if result != nil && refusal != nil {
			continue
		}
		if found != "" {
			return "", cli.Data(fmt.Errorf("%s and %s both have measurement %d: remove one of "+
				"the two files", found, dir, i))
		}
		found = dir
	}
	return cmp.Or(found, s.dirs[0]), nil
}

// index reads the rows of all measurements, and the arrays that all results
// have.
//
// All missing measurements are named in one error, so that one call shows which
// shards are left.
func (s *stack) index(plan *shard.Plan) error {
	var first identity.Identity
	var missing []string
	for i := plan.First; i < plan.First+plan.Count; i++ {
		dir, err := s.find(i)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, shard.ItemFile(i))
		row, id, err := s.row(i, path)
		if errors.Is(err, fs.ErrNotExist) {
			refusal, refused := shard.ReadRefusal(dir, i)
			if errors.Is(refused, fs.ErrNotExist) {
				missing = append(missing, fmt.Sprint(i))
				continue
			}
			if refused != nil {
				return refused
			}
			s.rows = append(s.rows, StackRow{Case: i, Refused: refusal.Reason})
			continue
		}
		if err != nil {
			return err
		}
		if first.IsZero() {
			first = id
		}
		if other := otherSettings(first, id); other != nil {
			return cli.Data(fmt.Errorf("%s was made with other settings than the results before "+
				"it (%s): remove it, and run its shard again", path, other))
		}
		s.rows, s.paths = append(s.rows, *row), append(s.paths, path)
		s.cases = append(s.cases, int64(i))
	}
	if missing != nil {
		return cli.Data(fmt.Errorf("%s: the results of measurements %s are missing: run the "+
			"shards that make them", s.dirs[0], strings.Join(missing, ", ")))
	}
	if s.cases == nil {
		return cli.Data(fmt.Errorf("%s: all measurements were refused", s.dirs[0]))
	}
	return nil
}

// otherSettings returns the differences of two identities in anything except
// the measurement.
//
// Results of one plan differ in the hash of their measurement and in nothing
// else. Names end in "measurement" because an identity may contain the identity
// of the draws.
func otherSettings(a, b identity.Identity) (other identity.Differences) {
	for _, d := range identity.Compare(b, a) {
		if !strings.HasSuffix(d.Name, "measurement") {
			other = append(other, d)
		}
	}
	return other
}

// row reads all of the result of measurement i in path, and returns its row and
// its identity.
//
// Reading the whole file checks each checksum of the archive, so that a damaged
// result is found before the stack is written.
func (s *stack) row(i int, path string) (*StackRow, identity.Identity, error) {
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		if _, damaged := errors.AsType[*format.Error](err); damaged {
			err = fmt.Errorf("%w; remove it, and run its shard again", err)
		}
		return nil, identity.Identity{}, err
	}
	var origin Origin
	entry := arrays[OriginEntry]
	if entry == nil || json.Unmarshal(entry.U8, &origin) != nil || origin.Identity.IsZero() {
		return nil, identity.Identity{}, &format.Error{Path: path, Entry: OriginEntry, Offset: -1,
			What: "it is not JSON written by csdm"}
	}
	row := &StackRow{Case: i, Measurement: origin.Measurement, Verdict: origin.Verdict,
		Quantities: origin.Quantities}
	if row.Explained, err = ReadExplained(path); err != nil {
		return nil, identity.Identity{}, err
	}
	if c, err := ReadCertificate(path); err != nil {
		return nil, identity.Identity{}, err
	} else if c != nil {
		row.Certified = &c.Certified
	}
	return row, origin.Identity, s.common(path)
}

// common keeps those arrays that the result in path has, too.
//
// Only arrays of floating-point numbers are stacked. JSON texts have different
// lengths, and their content is in the rows.
func (s *stack) common(path string) error {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return err
	}
	defer z.Close()
	var here []stacked
	for _, name := range z.Names() {
		h, err := z.Header(name)
		if err != nil {
			return err
		}
		if h.DType == format.Float16 || h.DType == format.Float32 || h.DType == format.Float64 {
			here = append(here, stacked{name, h.DType, h.Shape})
		}
	}
	if s.cases == nil {
		s.arrays = here
		return nil
	}
	s.arrays = slices.DeleteFunc(s.arrays, func(a stacked) bool {
		return !slices.ContainsFunc(here, func(b stacked) bool {
			return a.name == b.name && a.dtype == b.dtype && slices.Equal(a.shape, b.shape)
		})
	})
	return nil
}

// write writes the arrays one after the other, each result by result, so that
// memory for one array of one result is enough.
func (s *stack) write(w io.Writer) error {
	z := format.NewNPZWriter(w, false)
	for _, a := range s.arrays {
		dst, err := z.Create(a.name, a.dtype, append([]int{len(s.cases)}, a.shape...)...)
		if err != nil {
			return err
		}
		for _, path := range s.paths {
			values, err := format.ReadArrayFile(path + ":" + a.name)
			if err != nil {
				return err
			}
			if err := dst.Float64(values.Float64()); err != nil {
				return err
			}
		}
	}
	if err := z.Write(caseEntry, format.ArrayInt64(s.cases, len(s.cases))); err != nil {
		return err
	}
	text, err := json.Marshal(s.rows)
	if err != nil {
		return err
	}
	if err := z.Write(IndexEntry, &format.Array{Shape: []int{len(text)}, DType: format.Uint8,
		U8: text}); err != nil {
		return err
	}
	return z.Close()
}
