package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"csdm/problems"
)

// Span is the range of pairs From ≤ i < To.
type Span struct {
	From int // first pair
	To   int // one past the last pair
}

// String returns the pairs as "3–7", both included, or a single one as "3".
func (s Span) String() string {
	if s.To == s.From+1 {
		return fmt.Sprint(s.From)
	}
	return fmt.Sprintf("%d–%d", s.From, s.To-1)
}

// extend appends s to spans, and joins it with the last span where they touch.
func extend(spans []Span, s Span) []Span {
	if n := len(spans); n > 0 && spans[n-1].To == s.From {
		spans[n-1].To = s.To
		return spans
	}
	return append(spans, s)
}

// list returns the first spans as text, and the number of the remaining ones.
func list(spans []Span) string {
	const most = 8
	words := make([]string, 0, most+1)
	for i, s := range spans {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more ranges", len(spans)-most))
			break
		}
		words = append(words, s.String())
	}
	return strings.Join(words, ", ")
}

// MismatchError reports that a folder holds other data than those to be written
// to it or read from it.
type MismatchError struct {
	Dir         string
	Differences []string // such as "seed: 1 in the dataset, 2 in this call"
}

// Error lists the fields of the manifest that differ.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s holds something else (%s); nothing in it was changed", e.Dir,
		strings.Join(e.Differences, "; "))
}

// IncompleteError reports that some pairs of a dataset have not been made yet.
type IncompleteError struct {
	Dir     string
	Missing []Span
}

// Error lists the missing ranges of pairs.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("%s lacks pairs %s: run the command that made it again", e.Dir,
		list(e.Missing))
}

// CorruptError reports that the content of a file of a dataset is not valid.
type CorruptError struct {
	Path   string
	Reason string
	Err    error // cause, or nil
}

// Error names the damaged file, with the reason.
func (e *CorruptError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Path, e.Reason, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Path, e.Reason)
}

// Unwrap returns the cause, nil if the content is at fault.
func (e *CorruptError) Unwrap() error { return e.Err }

// ValueError reports that a pair holds a number that is not finite or is
// outside of the range of x.
type ValueError struct {
	Pair  int
	Array string // "x" or "y"
	Index int    // index within the pair's array
	Value float64
	Range problems.Range // Value is outside of it; the zero Range if Value is not finite
}

// Error names pair, array and index of the value, and the range that it leaves.
func (e *ValueError) Error() string {
	if e.Range != (problems.Range{}) {
		return fmt.Sprintf("pair %d: %s[%d] is %v, outside of its range from %v to %v", e.Pair,
			e.Array, e.Index, e.Value, e.Range.Min, e.Range.Max)
	}
	return fmt.Sprintf("pair %d: %s[%d] is %v", e.Pair, e.Array, e.Index, e.Value)
}

// FailedPair is a pair that the forward model could not make.
type FailedPair struct {
	Pair int
	Err  error
}

// FailedError lists the pairs that could not be made, if there are more than
// the settings accept. The other pairs have been made, unless Generate gave up.
type FailedError struct {
	Failed   []FailedPair // in the order of the failures
	Before   int          // failed in earlier calls, and were not tried again
	Accepted int          // number of failures that the settings accept
	GaveUp   bool
}

// Error names the first failed pairs with their errors, in the order of the
// indices whatever thread failed first, and lists the others.
func (e *FailedError) Error() string {
	failed := slices.SortedFunc(slices.Values(e.Failed), func(a, b FailedPair) int {
		return cmp.Compare(a.Pair, b.Pair)
	})
	if len(failed) == 1 && errors.Is(failed[0].Err, errLeftOut) {
		return fmt.Sprintf("dataset: pair %d: %v", failed[0].Pair, failed[0].Err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "dataset: %s could not be made", count(len(failed)+e.Before, "pair"))
	if e.Before > 0 {
		fmt.Fprintf(&b, " (%d in earlier calls)", e.Before)
	}
	fmt.Fprintf(&b, "; %d may fail", e.Accepted)
	if e.GaveUp {
		b.WriteString(". The call gave up")
	}
	b.WriteString(". The pairs made are kept. The same command tries the failed pairs again; " +
		"with a larger --max-failed they are left out")
	const most = 3 // listed in full
	var rest []Span
	for i, f := range failed {
		if i < most {
			fmt.Fprintf(&b, "\npair %d: %v", f.Pair, f.Err)
		} else {
			rest = extend(rest, Span{f.Pair, f.Pair + 1})
		}
	}
	if rest != nil {
		fmt.Fprintf(&b, "\nand pairs %s", list(rest))
	}
	return b.String()
}

// count returns a number with its noun.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Unwrap returns the errors of all pairs.
func (e *FailedError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f.Err
	}
	return errs
}
