package dataset

import (
	"errors"
	"slices"
	"sort"
)

// The index of a pair does not depend on other pairs. A pair at which the
// forward model failed stays in its place, as NaN, and the record of its block
// lists it. Code that reads pairs by number (training, statistics and export)
// leaves failed pairs out and counts the others. Without failed pairs, number
// and index are the same.

// errLeftOut is the cause of an error about a failed pair.
var errLeftOut = errors.New("the forward model failed at it when the dataset was made, and it is " +
	"left out")

// Failed returns the pairs at which the forward model failed, ascending. The
// caller must not change the slice.
func (s *Store) Failed() []int { return s.failed }

// Has reports whether pair i was made.
func (s *Store) Has(i int) bool {
	_, failed := slices.BinarySearch(s.failed, i)
	return !failed
}

// Count returns the number of pairs of the span that were made.
func (s *Store) Count(span Span) int {
	return max(0, span.To-span.From) - len(failedOf(s.failed, span))
}

// failedOf returns the part of failed, which is ascending, that lies in the
// span.
//
// It shares the memory of failed.
func failedOf(failed []int, span Span) []int {
	from, _ := slices.BinarySearch(failed, span.From)
	to, _ := slices.BinarySearch(failed, max(span.From, span.To))
	return failed[from:to]
}

// index returns the index of the made pair with number k, counted from 0 at
// pair from.
//
// The search finds the number of failed pairs before the result: among later
// failures, those with later[j] − j ≤ from + k lie before it.
func (s *Store) index(from, k int) int {
	at, _ := slices.BinarySearch(s.failed, from)
	later := s.failed[at:]
	// later[j] − j is from plus the number of pairs made before later[j]. It
	// never decreases.
	return from + k + sort.Search(len(later), func(j int) bool { return later[j]-j > from+k })
}
