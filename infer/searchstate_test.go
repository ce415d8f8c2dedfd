package infer

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
)

// TestSearchState writes states of a search and reads them back: before the
// first descent ended, between descents, and with two rounds of which one has
// unsolved points. A file of another kind is refused.
//
// A state that came back without its objective values, or with the rounds
// exchanged, would continue another search. Infinite and undefined
// log-likelihoods must survive, since they stand for impossible and for
// unsolved points.
func TestSearchState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answer.npz.partial")
	full := certify.State{Fingerprint: `{"kind":"search"}`,
		Ends: explain.Ends{Of: 3, U: [][]float64{{0.1, 0.2}, {0.3, 1}, {0, 0.5}},
			Objective: []float64{1.1, 0.9, 2}, Solves: 71},
		Rounds: []bench.SolveState{
			{Fingerprint: `{"kind":"a"}`, Theta: []float64{1, 2, 3, 4}, LogL: []float64{-1, -7}},
			{Fingerprint: `{"kind":"b"}`, Theta: []float64{5, 6}, LogL: []float64{math.Inf(-1)}}}}
	begun, between := full, full
	begun.Ends, begun.Rounds = explain.Ends{Of: 3, Solves: 9}, nil
	between.Ends.U, between.Ends.Objective = full.Ends.U[:1], full.Ends.Objective[:1]
	between.Rounds = nil
	for _, want := range []certify.State{begun, between, full} {
		if err := writeSearch(path, &want); err != nil {
			t.Fatal(err)
		}
		_, got, err := openSearch(t.Context(), path, env.Quiet(1))
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("got %+v, want %+v; %v", got, want, err)
		}
	}
	full.Rounds[1].LogL[0] = math.NaN()
	if err := writeSearch(path, &full); err != nil {
		t.Fatal(err)
	}
	if _, got, err := openSearch(t.Context(), path, env.Quiet(1)); err != nil ||
		!math.IsNaN(got.Rounds[1].LogL[0]) {
		t.Errorf("an unsolved point is read as %+v; %v", got, err)
	}
	if err := writeSolves(path, &full.Rounds[0]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openSearch(t.Context(), path, env.Quiet(1)); cli.Code(err) != cli.ExitExists {
		t.Errorf("the solves of a reference are read as a search: %v", err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openSearch(t.Context(), path, env.Quiet(1)); err == nil {
		t.Error("a text is read as a search")
	}
}
