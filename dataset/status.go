package dataset

import "csdm/internal/shard"

// ReadStatus returns which pairs of the dataset in dir are made, missing and
// failed, and which processes make pairs. It reads no arrays (see Verify).
//
// It may run while other processes make pairs.
func ReadStatus(dir string) (*shard.Status, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	s := &shard.Status{Items: "pairs", Count: m.Pairs, Missing: []shard.ItemRange{},
		FailedItems: []int{}}
	g := &generation{dir: dir, manifest: m, identity: m.Identity().Sum(),
		earlier: earlierIdentity(m)}
	for b := range m.blocks() {
		span := m.span(b)
		if m.finished(dir, b) {
			record, err := m.readRecord(dir, b)
			if err != nil {
				return nil, err
			}
			s.Done += record.Count
			s.FailedItems = append(s.FailedItems, record.Failed...)
			continue
		}
		states, err := g.kept(b).states()
		if err != nil {
			return nil, err
		}
		for k, state := range states {
			switch state {
			case madePair:
				s.Begun++
			case failedPair:
				s.FailedItems = append(s.FailedItems, span.From+k)
			}
		}
		if n := len(s.Missing); n > 0 && s.Missing[n-1].To == span.From {
			s.Missing[n-1].To = span.To
		} else {
			s.Missing = append(s.Missing, shard.ItemRange{From: span.From, To: span.To})
		}
	}
	return s, s.Look(dir)
}
