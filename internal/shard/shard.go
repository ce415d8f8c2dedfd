package shard

import (
	"fmt"
	"strconv"
	"strings"

	"csdm/internal/cli"
)

// Shard is part K of M, 1 ≤ K ≤ M. The zero value is the whole.
type Shard struct{ K, M int }

// Auto is the text of a shard that the environment gives.
const Auto = "auto"

// Parse returns the shard of a text: K/M, auto, auto/M, or "" for the whole.
// The K of K/M runs from 1 to M or from 0 to M−1: part 0 is part M, so that
// both count each part once. auto reads the scheduler of this process (see
// detect); source then names the variables that gave the shard.
func Parse(text string, getenv func(string) string) (s Shard, source string, err error) {
	if text == "" {
		return Shard{}, "", nil
	}
	k, m, divided := strings.Cut(text, "/")
	if k == Auto {
		count := 0
		if divided {
			if count, err = strconv.Atoi(m); err != nil || count < 1 {
				return Shard{}, "", wrong(text)
			}
		}
		return detect(count, getenv)
	}
	s.K, err = strconv.Atoi(k)
	if err == nil {
		s.M, err = strconv.Atoi(m)
	}
	if err != nil || !divided || s.K < 0 || s.K > s.M || s.M < 1 {
		return Shard{}, "", wrong(text)
	}
	return of(s.K, s.M), "", nil
}

func wrong(text string) error {
	return cli.Usage(fmt.Errorf("--shard is %q; it must be K/M such as 2/8, with K from 1 to M or "+
		"from 0 to M−1, or auto, or auto/M", text))
}

// of returns part k of m, where k may be any number that is not negative.
func of(k, m int) Shard { return Shard{K: (k+m-1)%m + 1, M: m} }

// Validate returns an error unless the shard is the whole or a part of it.
func (s Shard) Validate() error {
	if s != (Shard{}) && !(1 <= s.K && s.K <= s.M) {
		return fmt.Errorf("shard %d/%d; it must be K/M with 1 ≤ K ≤ M", s.K, s.M)
	}
	return nil
}

// Whole reports whether the shard has all items.
func (s Shard) Whole() bool { return s.M <= 1 }

// String returns K/M, or "whole".
func (s Shard) String() string {
	if s == (Shard{}) {
		return "whole"
	}
	return fmt.Sprintf("%d/%d", s.K, s.M)
}

// Has reports whether item i belongs to the shard, if items are dealt out in
// turn.
func (s Shard) Has(i int) bool { return s.Whole() || i%s.M == s.K-1 }

// Range returns the items from up to to, without to, that belong to the shard
// if n items are divided into M ranges of almost equal length.
func (s Shard) Range(n int) (from, to int) {
	if s.Whole() {
		return 0, n
	}
	return (s.K - 1) * n / s.M, s.K * n / s.M
}

// LockName returns the name of the file that the process which makes the shard
// keeps locked.
func (s Shard) LockName() string {
	if s.Whole() {
		return lockPrefix
	}
	return fmt.Sprintf("%s-%d-of-%d", lockPrefix, s.K, s.M)
}

const lockPrefix = ".lock"

// Idle returns a remark if there are fewer items than shards, and "" otherwise.
// items names the n items.
func (s Shard) Idle(n int, items string) string {
	if n >= s.M {
		return ""
	}
	return fmt.Sprintf("%d of %d shards have work, because there are %d %s", n, s.M, n, items)
}
