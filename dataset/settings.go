package dataset

import (
	_ "embed"
	"time"
)

// Settings say which pairs there are and what a training takes from them: the
// section [data] of a recipe, and how Generate and NewSource work.
type Settings struct {
	// number of pairs of the whole dataset
	Pairs int `toml:"pairs" range:"[2, inf)"`
	// pairs at the end that are never trained on; 0: a tenth, at most 512
	//
	// A negative number is none.
	HeldOut int `toml:"held_out"`
	// whether the field is normalized by its mean and standard deviation; else
	// it is by its extremes
	//
	// More pairs widen the extremes, and leave mean and standard deviation as
	// they are: [0, 1] is then mean ± 2 std, so that SigmaData is ¼ whatever x
	// is.
	Spread bool `toml:"spread"`
	// pairs whose weighted mean takes the place of each sample's field as the
	// target of training; 0: the field itself
	//
	// The sample itself is one of those that Stabilize weighs; below 2 it does
	// nothing. They are searched for among 16 numbers of each channel of all
	// pairs trained on, which stay in memory, as do the pairs themselves if
	// they have at most 2 GiB.
	Neighbors int `toml:"neighbors" range:"[0, inf)"`

	Seed uint64 `toml:"-"` // of the pairs, of their order and of their noise
	// pairs per block, a multiple of the images per simulation; 0: by the size
	// of a pair, at most 256
	BlockPairs int `toml:"-"`

	Shard   Shard  `toml:"-"` // which blocks to make; zero: all
	Threads int    `toml:"-"` // at least 1
	Version string `toml:"-"` // of the program, for the manifest

	// MaxFailed is how many of the shard's pairs may fail, in percent: they are
	// then left out. 0: none.
	MaxFailed float64 `toml:"-"`

	// KeepFrom is how long a simulation must take for its pairs to be kept at
	// once, not with their block: 0 is 100 ms. The dataset is the same for any.
	KeepFrom time.Duration `toml:"-"`

	// Note, if not nil, is told what the user should know, a line at a time.
	Note func(line string) `toml:"-"`
	// Progress, if not nil, is told how many of this shard's pairs are there,
	// those found included. Calls don't overlap, and done never falls.
	Progress func(done, total int) `toml:"-"`
}

//go:embed settings.go
var source string

// Source returns the file whose comments say what the settings are.
func (*Settings) Source() string { return source }
