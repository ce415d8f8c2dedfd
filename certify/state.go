package certify

import (
	"csdm/bench"
	"csdm/explain"
	"csdm/internal/identity"
	"csdm/problems"
)

// State is what a search has found so far.
//
// It is what Save receives. Descents come first, then rounds.
type State struct {
	Fingerprint string // identity of the search
	// results of the descents
	Ends   explain.Ends
	Rounds []bench.SolveState // of adaptive importance sampling
}

// Solves returns the number of forward solves in the state.
func (s *State) Solves() int {
	n := s.Ends.Solves
	for _, r := range s.Rounds {
		n += len(r.LogL)
	}
	return n
}

// searchState is the State of a search under way.
type searchState struct {
	State
	// Settings.Save
	save func(*State) error
}

// newSearchState returns the state from which a search begins.
//
// A state with another fingerprint is refused with the names of the inputs that
// differ.
func newSearchState(problem problems.Problem, y, draws []float64, s Settings) (*searchState,
	error) {
	id := problems.Identify("search", 1, problem).AddFloats("measurement", y).
		AddFloats("network", draws).Add("seed", s.Seed).Add("ess", s.ESS).
		Add("max_solves", s.MaxSolves).Identity()
	if s.Resume == nil {
		return &searchState{State{Fingerprint: id.JSON()}, s.Save}, nil
	}
	if s.Resume.Fingerprint != id.JSON() {
		there, err := identity.Parse([]byte(s.Resume.Fingerprint))
		if err != nil {
			return nil, &bench.StateError{Reason: "has no identity; begin without it"}
		}
		return nil, &bench.StateError{Reason: "is of another search (" +
			identity.Compare(there, id).String() + ")"}
	}
	return &searchState{*s.Resume, s.Save}, nil
}

// descents returns the record of the descents.
func (s *searchState) descents() explain.EndsRecord {
	return explain.EndsRecord{Resume: s.Ends, Save: func(e explain.Ends) error {
		s.Ends = e
		return s.keep()
	}}
}

// round returns the record of a round of adaptive importance sampling.
//
// Round k is new if k is the number of rounds so far. An earlier round is
// resumed and costs no solve.
func (s *searchState) round(k int) (r bench.SolveRecord) {
	if k < len(s.Rounds) {
		first := s.Rounds[k]
		r.Resume = &first
	}
	r.Save = func(solves *bench.SolveState) error {
		if k == len(s.Rounds) {
			s.Rounds = append(s.Rounds, bench.SolveState{})
		}
		s.Rounds[k] = *solves
		return s.keep()
	}
	return r
}

// keep stores the state, if the settings have a Save.
func (s *searchState) keep() error {
	if s.save == nil {
		return nil
	}
	return s.save(&s.State)
}
