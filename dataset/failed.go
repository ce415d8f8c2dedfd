package dataset

import (
	"errors"
	"slices"
	"sort"
)

// Pairs keep their index whatever happens to others. A pair that the forward
// model failed at stays in its place, as NaN, and its block's record names it.
// All that reads pairs by number, training, statistics and export, leaves these
// out and counts the others: with no failed pair, number and index are the
// same.

// errLeftOut is the cause of a pair that is not there.
var errLeftOut = errors.New("the forward model failed at it when the dataset was made, and it is " +
	"left out")

// Failed returns the pairs that the forward model failed at, ascending. The
// caller must not change it.
func (s *Store) Failed() []int { return s.failed }

// Has reports whether pair i was made.
func (s *Store) Has(i int) bool {
	_, failed := slices.BinarySearch(s.failed, i)
	return !failed
}

// Count returns how many pairs of the span were made.
func (s *Store) Count(span Span) int {
	return max(0, span.To-span.From) - len(failedOf(s.failed, span))
}

// failedOf returns the part of failed, ascending, that lies in the span.
func failedOf(failed []int, span Span) []int {
	from, _ := slices.BinarySearch(failed, span.From)
	to, _ := slices.BinarySearch(failed, max(span.From, span.To))
	return failed[from:to]
}

// index returns the pair of number k, counted from 0, among those from one on
// that were made.
func (s *Store) index(from, k int) int {
	at, _ := slices.BinarySearch(s.failed, from)
	later := s.failed[at:]
	// later[j] − j is how many pairs before it were made, plus from: it never
	// falls.
	return from + k + sort.Search(len(later), func(j int) bool { return later[j]-j > from+k })
}
