package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"

	"csdm/internal/atomicfile"
	"csdm/internal/parallel"
	"csdm/problems"
)

// Settings say which dataset to generate and how.
type Settings struct {
	Pairs      int    // how many pairs the whole dataset has; at least 1
	Seed       uint64 // of the pairs
	BlockPairs int    // pairs per block, a multiple of the images per simulation; 0: by the size of a pair, at most 256

	Shard   Shard  // which blocks to make; zero: all
	Threads int    // at least 1
	Version string // of the program, for the manifest

	// Progress, if not nil, is told how many of this shard's pairs are there, those found included.
	// Calls don't overlap, and done never falls.
	Progress func(done, total int)
}

// Shard is part K of M, 1 ≤ K ≤ M: the blocks b with b mod M = K − 1. The zero value is the whole.
type Shard struct{ K, M int }

func (s Shard) validate() error {
	if s != (Shard{}) && !(1 <= s.K && s.K <= s.M) {
		return fmt.Errorf("dataset: shard %d/%d", s.K, s.M)
	}
	return nil
}

func (s Shard) has(b int) bool { return s.M == 0 || b%s.M == s.K-1 }

// Generated says what Generate found and did, in pairs of the shard.
type Generated struct {
	Found int // finished before
	Made  int
}

// Generate makes the blocks of the shard that are not there yet, in dir, which is created if need be. It returns a
// *MismatchError if dir holds anything but the same dataset. When ctx ends it stops within one simulation a thread and
// returns ctx's error; the blocks finished by then stay, and the same call goes on from them.
// An error of the forward model names its pair.
func Generate(ctx context.Context, dir string, p problems.Problem, s Settings) (Generated, error) {
	m, err := NewManifest(p.Spec(), s)
	if err != nil {
		return Generated{}, err
	}
	if s.Threads < 1 {
		return Generated{}, fmt.Errorf("dataset: %d threads", s.Threads)
	}
	if err := s.Shard.validate(); err != nil {
		return Generated{}, err
	}
	if err := begin(dir, m); err != nil {
		return Generated{}, err
	}
	g := &generation{dir: dir, manifest: m, problem: p, progress: s.Progress, open: make(map[int]*openBlock)}
	for b := range m.blocks() {
		if !s.Shard.has(b) {
			continue
		}
		span := m.span(b)
		if m.finished(dir, b) {
			g.result.Found += span.To - span.From
			continue
		}
		for from := span.From; from < span.To; from += m.Problem.ImagesPerSimulation {
			g.simulations = append(g.simulations, from)
		}
		g.missing += span.To - span.From
	}
	if g.progress != nil {
		g.progress(g.result.Found, g.result.Found+g.missing)
	}
	if err := g.run(ctx, s.Threads); err != nil {
		return g.result, err
	}
	return g.result, g.sweep()
}

// sweep removes what killed processes left half-written, once no block is missing and so nobody can be at work.
func (g *generation) sweep() error {
	for b := range g.manifest.blocks() {
		if !g.manifest.finished(g.dir, b) {
			return nil
		}
	}
	if err := atomicfile.Sweep(g.dir, "*"); err != nil && !errors.Is(err, fs.ErrNotExist) { // gone: another shard swept
		return err
	}
	return nil
}

// NewManifest returns the manifest of the dataset that Generate makes of these settings.
func NewManifest(spec *problems.Spec, s Settings) (*Manifest, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	m := &Manifest{Format: formatVersion, Problem: *spec, Seed: s.Seed, Pairs: s.Pairs, BlockPairs: s.BlockPairs, Version: s.Version}
	m.Problem.Options.NoisePercent = 0
	if m.BlockPairs == 0 {
		m.BlockPairs = defaultBlock(spec)
	}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return m, nil
}

// generation is a Generate at work. Simulations are handed out in ascending order without a barrier between blocks;
// whoever finishes the last pair of a block writes it. So no more blocks are open than the pairs in
// hand span, which bounds memory.
type generation struct {
	dir      string
	manifest *Manifest
	problem  problems.Problem
	progress func(done, total int)

	simulations []int // first pair of each simulation to be made
	missing     int   // pairs to be made

	mu     sync.Mutex
	open   map[int]*openBlock
	free   []*openBlock // of written blocks, for reuse
	done   int          // pairs made, some of them in blocks that are still open
	result Generated
}

type openBlock struct {
	x, y []float32
	left int // pairs not yet set
}

// maker is what one thread owns.
type maker struct {
	problems.Generator
	x, y []float64
}

func (g *generation) run(ctx context.Context, threads int) (err error) {
	makers := make([]*maker, threads)
	defer func() {
		for _, mk := range makers {
			if mk == nil {
				continue
			}
			if c, ok := mk.Generator.(io.Closer); ok {
				err = errors.Join(err, c.Close())
			}
		}
	}()
	return parallel.For(ctx, threads, len(g.simulations), func(worker, k int) error {
		if makers[worker] == nil {
			generator, err := g.problem.NewGenerator()
			if err != nil {
				return fmt.Errorf("dataset: preparing the forward model of %s: %w", g.manifest.Problem.Name, err)
			}
			p := &g.manifest.Problem
			makers[worker] = &maker{generator, make([]float64, p.XLen()), make([]float64, p.YLen())}
		}
		return g.simulate(makers[worker], g.simulations[k])
	})
}

// simulate makes the pairs of the simulation that begins with pair from.
func (g *generation) simulate(mk *maker, from int) error {
	m := g.manifest
	b := from / m.BlockPairs
	span := m.span(b)
	blk := g.take(b)
	to := min(from+m.Problem.ImagesPerSimulation, span.To)
	for i := from; i < to; i++ {
		if err := mk.Pair(mk.x, mk.y, m.Seed, uint64(i)); err != nil {
			return fmt.Errorf("dataset: pair %d: %w", i, err)
		}
		round(blk.x[(i-span.From)*len(mk.x):][:len(mk.x)], mk.x)
		round(blk.y[(i-span.From)*len(mk.y):][:len(mk.y)], mk.y)
	}
	if !g.give(blk, to-from) {
		return nil
	}
	if err := m.writeBlock(g.dir, b, blk.x, blk.y); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, b)
	g.free = append(g.free, blk)
	g.result.Made += span.To - span.From
	return nil
}

// take returns the open block b, opening it if need be.
func (g *generation) take(b int) *openBlock {
	g.mu.Lock()
	defer g.mu.Unlock()
	if blk := g.open[b]; blk != nil {
		return blk
	}
	blk := new(openBlock)
	if n := len(g.free); n > 0 {
		blk, g.free = g.free[n-1], g.free[:n-1]
	}
	span := g.manifest.span(b)
	blk.left = span.To - span.From
	blk.x = slices.Grow(blk.x[:0], blk.left*g.manifest.Problem.XLen())[:blk.left*g.manifest.Problem.XLen()]
	blk.y = slices.Grow(blk.y[:0], blk.left*g.manifest.Problem.YLen())[:blk.left*g.manifest.Problem.YLen()]
	g.open[b] = blk
	return blk
}

// give records n pairs made in blk, and says whether they were its last.
func (g *generation) give(blk *openBlock, n int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	blk.left -= n
	g.done += n
	if g.progress != nil {
		g.progress(g.result.Found+g.done, g.result.Found+g.missing)
	}
	return blk.left == 0
}

// round sets dst to v in float32.
func round(dst []float32, v []float64) {
	for i, value := range v {
		dst[i] = float32(value)
	}
}
