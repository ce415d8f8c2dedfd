package shard

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"csdm/internal/filelock"
)

// Status is the state of a divided computation.
type Status struct {
	Items string `json:"items"` // kind of the items, such as "draws"
	// number of items of the whole computation
	Count   int         `json:"count"`
	Done    int         `json:"done"`    // items in finished parts
	Begun   int         `json:"begun"`   // finished items of unfinished parts
	Missing []ItemRange `json:"missing"` // items that no finished part has
	// Running lists the processes at work, such as "shard 2/8: process 17 on
	// node3 since …".
	Running []string  `json:"running"`
	Failed  []Failure `json:"failed"` // shards that ended with an error, not at work since
	// FailedItems lists pairs at which the forward model failed, and
	// measurements that were refused.
	FailedItems []int `json:"failed_items"`
}

// ItemRange is the items From up to To, without To.
type ItemRange struct {
	// first item
	From int `json:"from"`
	// one past the last item
	To int `json:"to"`
}

// String returns the items, such as "0 to 31".
func (r ItemRange) String() string { return fmt.Sprintf("%d to %d", r.From, r.To-1) }

// Whole reports whether no item is missing.
func (s *Status) Whole() bool { return len(s.Missing) == 0 }

// Look adds the processes at work in dir, and the failures of the others.
func (s *Status) Look(dir string) error {
	s.Running, s.Failed = []string{}, []Failure{}
	names, err := matching(dir, func(name string) bool {
		return strings.HasPrefix(name, lockPrefix)
	})
	if err != nil {
		return err
	}
	atWork := map[string]bool{}
	for _, name := range names {
		owner, held, err := filelock.Held(name)
		if err != nil {
			return err
		}
		if !held {
			continue
		}
		what := Shard{}.String()
		if k, m, ok := strings.Cut(strings.TrimPrefix(filepath.Base(name), lockPrefix+"-"),
			"-of-"); ok {
			what = k + "/" + m
		}
		atWork[what] = true
		s.Running = append(s.Running, strings.TrimSuffix("shard "+what+": "+owner, ": "))
	}
	failed, err := failures(dir)
	for _, f := range failed {
		if !atWork[f.Shard] {
			s.Failed = append(s.Failed, f)
		}
	}
	return err
}

// Status returns the state of the parts in dir. It compares the sizes of the
// files, not their content.
func (p *Plan) Status(dir string) (*Status, error) {
	if p.Values == 0 {
		return p.caseStatus(dir)
	}
	s := &Status{Items: p.Items, Count: p.Count, FailedItems: []int{}}
	done, begun, err := p.Parts(dir)
	if err != nil {
		return nil, err
	}
	sound := done[:0]
	for _, part := range done {
		if p.sized(part) {
			sound = append(sound, part)
		}
	}
	s.Missing, s.Done = gaps(sound, p.Count), p.Count
	for _, missing := range s.Missing {
		s.Done -= missing.To - missing.From
	}
	for _, part := range begun {
		s.Begun += p.stored(part)
	}
	return s, s.Look(dir)
}

// sized reports whether the file of a part has the size of a whole part.
func (p *Plan) sized(part Part) bool {
	info, err := os.Stat(part.Path)
	return err == nil && info.Size() == p.size(part.From, part.To)
}
