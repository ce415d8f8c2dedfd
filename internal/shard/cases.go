package shard

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"csdm/internal/atomicfile"
	"csdm/internal/format"
	"csdm/internal/identity"
)

// Cases is the name of items that have a file each: results of measurements.
// Such a plan has no values.
const Cases = "cases"

// ItemFile returns the name of the file of item i.
func ItemFile(i int) string { return fmt.Sprintf("case-%04d.npz", i) }

// CasesIdentity returns the identity of a plan whose items have a file each.
// The identity of the settings is in each file.
func CasesIdentity(p *Plan) identity.Identity {
	return identity.New("cases", 1).Add("verb", p.Verb).Add("first", p.First).
		Add("count", p.Count).Identity()
}

// Refusal is the reason why an item has no result.
type Refusal struct {
	Item   int    `json:"case"`
	Reason string `json:"refused"`
}

// RefusalFile returns the path of the file in dir that replaces the result of
// item i if it is refused.
func RefusalFile(dir string, i int) string {
	return filepath.Join(dir, fmt.Sprintf("case-%04d.json", i))
}

// Refuse records in dir that item i was refused.
func Refuse(dir string, i int, reason error) error {
	text, err := json.MarshalIndent(Refusal{i, reason.Error()}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(RefusalFile(dir, i), true, format.SealJSON(append(text, '\n')))
}

// ReadRefusal reads the refusal of item i in dir.
func ReadRefusal(dir string, i int) (*Refusal, error) {
	path := RefusalFile(dir, i)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(Refusal)
	text, sealed, err := format.UnsealJSON(text)
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	if err != nil || !sealed || r.Item != i {
		return nil, &format.Error{Path: path, Offset: -1,
			What: "is damaged; remove it, and run its shard again", Err: err}
	}
	return r, nil
}

// caseStatus returns the state of the items in dir, which have a file each.
func (p *Plan) caseStatus(dir string) (*Status, error) {
	s := &Status{Items: p.Items, Count: p.Count, Missing: []ItemRange{}, FailedItems: []int{}}
	for i := p.First; i < p.First+p.Count; i++ {
		_, result := os.Stat(filepath.Join(dir, ItemFile(i)))
		_, refusal := os.Stat(RefusalFile(dir, i))
		switch n := len(s.Missing); {
		case result == nil:
			s.Done++
		case refusal == nil:
			s.Done++
			s.FailedItems = append(s.FailedItems, i)
		case n > 0 && s.Missing[n-1].To == i:
			s.Missing[n-1].To = i + 1
		default:
			s.Missing = append(s.Missing, ItemRange{i, i + 1})
		}
	}
	return s, s.Look(dir)
}
