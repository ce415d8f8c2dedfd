package dataset

import (
	_ "embed"
	"time"

	"csdm/problems"
)

// Settings choose the pairs and what a training uses of them (the section
// [data] of a recipe), and how Generate and NewSource work.
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
	// whether training draws again, at each use of a pair, all that needs no
	// forward solve
	//
	// duallayer: the model error, whose mean also becomes the target of
	// training; spheroid: the displacement of the top, and a turn by 180
	// degrees; quasistatic and phantom: that turn. Other problems have nothing
	// to draw again.
	Redraw bool `toml:"redraw"`
	// least share of a measurement's values that training shows to the network;
	// 0: it shows all of them
	//
	// Each use of a pair hides other values: none, single ones, rectangles, or
	// rows and columns. The shares are log-uniform from this one to all. The
	// network then takes any measurement with gaps. 0.01 is for sensors.
	Masks float64 `toml:"masks" range:"[0, 1]"`

	// Problem is the problem of the pairs, which Redraw needs.
	Problem problems.Problem `toml:"-"`

	Seed uint64 `toml:"-"` // seed of the pairs, of their order and of their noise
	// Pairs per block, a multiple of the images per simulation; 0: chosen by
	// the size of a pair, at most 256.
	BlockPairs int `toml:"-"`

	Shard   Shard  `toml:"-"` // blocks to make; zero: all
	Threads int    `toml:"-"` // at least 1
	Version string `toml:"-"` // version of the program, for the manifest

	// MaxFailed is the largest percentage of the shard's pairs that may fail
	// and are then left out; 0: none.
	MaxFailed float64 `toml:"-"`

	// KeepFrom is the time per simulation from which pairs are stored at once,
	// not with their block; 0 is 100 ms. It does not affect the dataset.
	KeepFrom time.Duration `toml:"-"`

	// Note, if not nil, receives remarks for the user, one line each.
	Note func(line string) `toml:"-"`
	// Progress, if not nil, receives the number of this shard's pairs that
	// exist, including existing ones. Calls do not overlap, and done never
	// decreases.
	Progress func(done, total int) `toml:"-"`
}

//go:embed settings.go
var source string

// Source returns the file whose comments describe the settings.
func (*Settings) Source() string { return source }
