package measured

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"csdm/internal/cli"
)

// PickCase returns the number of the thing that the text of a flag picks, such
// as "3" of --case. A file holds count things, numbered from 0. An empty text
// is accepted only if count is 1. Errors are usage errors that name the count.
//
// There is no default among several: the first map of a file is as likely to be
// wrong as any other.
func PickCase(flag, text string, count int, what string) (int, error) {
	if text == "" {
		if count == 1 {
			return 0, nil
		}
		return 0, cli.Usage(fmt.Errorf("holds %d %ss, numbered from 0 to %d: pick one with %s K",
			count, what, count-1, flag))
	}
	k, err := strconv.Atoi(text)
	if err != nil || k < 0 {
		return 0, cli.Usage(fmt.Errorf("%s %q: an index of at least 0 is expected", flag, text))
	}
	return k, inRange(flag, text, k, count, what)
}

// inRange returns a usage error unless k < count.
//
// text is the number as the user wrote it, for the message.
func inRange(flag, text string, k, count int, what string) error {
	switch {
	case k < count:
		return nil
	case count == 1:
		return cli.Usage(fmt.Errorf("%s %s: there is only one %s, number 0", flag, text, what))
	}
	return cli.Usage(fmt.Errorf("%s %s: there are %d %ss, numbered from 0 to %d", flag, text, count,
		what, count-1))
}

// PickCases returns the numbers from ≤ k < to that a range A:B picks of count
// things. As in NumPy, B is not in the range, and either end may be left out.
// Errors are usage errors.
//
// Negative numbers, which count from the end in NumPy, are refused.
func PickCases(flag, text string, count int, what string) (from, to int, err error) {
	a, b, ok := strings.Cut(text, ":")
	ends := [2]int{0, count}
	for i, end := range []string{a, b} {
		if end == "" {
			continue
		}
		var bad error
		ends[i], bad = strconv.Atoi(end)
		err = errors.Join(err, bad)
	}
	if !ok || err != nil || ends[0] < 0 || ends[0] >= ends[1] {
		return 0, 0, cli.Usage(
			fmt.Errorf("%s %q: a range A:B of numbers A to B−1, counted from 0, is expected", flag,
				text))
	}
	return ends[0], ends[1], inRange(flag, text, ends[1]-1, count, what)
}
