package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"time"

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

	// KeepFrom is how long a simulation must take for its pairs to be kept at once, not with their block: 0 is 100 ms. The dataset is the
	// same for any.
	KeepFrom time.Duration

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

// defaultKeepFrom is where the loss of a block's pairs begins to hurt more than writing each twice.
const defaultKeepFrom = 100 * time.Millisecond

// Generated says what Generate found and did, in pairs of the shard.
type Generated struct {
	Found int // finished or kept before
	Made  int // in finished blocks
}

// Where Generate gives up: at so many failures in a row from the first simulation on, or at so many in all.
const (
	maxFirstFailures = 3
	maxFailures      = 100
)

// Generate makes the blocks of the shard that are not there yet, in dir, which is created if need be. It returns a
// *MismatchError if dir holds anything but the same dataset. When ctx ends it stops within one simulation a thread and
// returns ctx's error; what is finished by then stays, blocks and pairs that took long, and the same call goes on from it.
// A pair that the forward model fails at, or makes with a number that is not finite (*ValueError), does not stop the others, unless there
// are many: in the end a *FailedError names it, and the same call tries it again.
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
	if d, ok := p.(problems.Defined); ok {
		m.Definition = d.Definition()
	}
	if err := begin(dir, m); err != nil {
		return Generated{}, err
	}
	g := &generation{
		dir: dir, manifest: m, problem: p, progress: s.Progress, keepFrom: s.KeepFrom, identity: m.Identity().Sum(), earlier: earlierIdentity(m),
		places: make(map[int][]bool), open: make(map[int]*openBlock),
	}
	if g.keepFrom == 0 {
		g.keepFrom = defaultKeepFrom
	}
	for b := range m.blocks() {
		if !s.Shard.has(b) {
			continue
		}
		span := m.span(b)
		if m.finished(dir, b) {
			g.result.Found += span.To - span.From
			continue
		}
		if err := g.plan(b, span); err != nil {
			return g.result, err
		}
	}
	if g.progress != nil {
		g.progress(g.result.Found, g.result.Found+g.missing)
	}
	if err := errors.Join(g.run(ctx, s.Threads), g.close()); err != nil {
		return g.result, err
	}
	if g.failed != nil {
		return g.result, &FailedError{Failed: g.failed}
	}
	return g.result, g.sweep()
}

// plan lists the simulations of block b that are to be made. If all pairs are kept, the last simulation is made again, for the block to
// be written.
func (g *generation) plan(b int, span Span) error {
	there, err := g.kept(b).places()
	if err != nil {
		return err
	}
	images := g.manifest.Problem.ImagesPerSimulation
	for from := span.From; from < span.To; from += images {
		to := min(from+images, span.To)
		if there != nil {
			part := there[from-span.From : to-span.From]
			done := !slices.Contains(part, false)
			if done && to == span.To && !slices.Contains(there[:from-span.From], false) {
				done = false
			}
			for i := range part {
				part[i] = done
			}
			if done {
				g.result.Found += to - from
				continue
			}
		}
		g.simulations = append(g.simulations, from)
		g.missing += to - from
	}
	if there != nil {
		g.places[b] = there
	}
	return nil
}

// sweep removes what killed processes left half-written, once no block is missing and so nobody can be at work.
func (g *generation) sweep() error {
	for b := range g.manifest.blocks() {
		if !g.manifest.finished(g.dir, b) {
			return nil
		}
	}
	for b := range g.manifest.blocks() {
		if err := removeKept(g.kept(b)); err != nil {
			return err
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
// hand span, which bounds memory. A block with a failed pair is not written; what took long is kept beside it.
type generation struct {
	dir      string
	manifest *Manifest
	problem  problems.Problem
	progress func(done, total int)
	keepFrom time.Duration

	identity, earlier [sha256.Size]byte

	simulations []int          // first pair of each simulation to be made
	missing     int            // pairs to be made
	places      map[int][]bool // of blocks with kept pairs that need not be made, which these are

	mu     sync.Mutex
	open   map[int]*openBlock
	free   []*openBlock // of written blocks, for reuse
	done   int          // pairs made, some of them in blocks that are still open
	failed []Failure
	result Generated
}

type openBlock struct {
	x, y   []float32
	kept   *keptFile
	toMake int
	left   int // pairs neither set nor failed
	failed bool
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
	blk, err := g.take(b)
	if err != nil {
		return err
	}
	to := min(from+m.Problem.ImagesPerSimulation, span.To)
	begin := time.Now()
	for i := from; i < to; i++ {
		x, y := blk.pair(m, i-span.From)
		err := mk.Pair(mk.x, mk.y, m.Seed, uint64(i))
		if err == nil {
			round(x, mk.x)
			round(y, mk.y)
			err = m.checkFinite(i, x, y)
		}
		if err != nil {
			if err := g.fail(Failure{i, err}); err != nil {
				return err
			}
			return g.give(b, blk, to-from, true)
		}
	}
	if time.Since(begin) >= g.keepFrom {
		for i := from; i < to; i++ {
			x, y := blk.pair(m, i-span.From)
			if err := blk.kept.append(i, x, y); err != nil {
				return err
			}
		}
	}
	return g.give(b, blk, to-from, false)
}

// pair returns the place in the block of x and y of its pair number k.
func (b *openBlock) pair(m *Manifest, k int) (x, y []float32) {
	nx, ny := m.Problem.XLen(), m.Problem.YLen()
	return b.x[k*nx : (k+1)*nx], b.y[k*ny : (k+1)*ny]
}

// fail records a failure, and returns an error if it is time to give up.
func (g *generation) fail(f Failure) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed = append(g.failed, f)
	if n := len(g.failed); n >= maxFailures || g.done == 0 && n >= maxFirstFailures {
		return &FailedError{Failed: g.failed[:n:n], GaveUp: true}
	}
	return nil
}

// take returns the open block b, opening it if need be.
func (g *generation) take(b int) (*openBlock, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if blk := g.open[b]; blk != nil {
		return blk, nil
	}
	blk := new(openBlock)
	if n := len(g.free); n > 0 {
		blk, g.free = g.free[n-1], g.free[:n-1]
	}
	span, p := g.manifest.span(b), &g.manifest.Problem
	count := span.To - span.From
	blk.x = slices.Grow(blk.x[:0], count*p.XLen())[:count*p.XLen()]
	blk.y = slices.Grow(blk.y[:0], count*p.YLen())[:count*p.YLen()]
	blk.kept, blk.toMake, blk.failed = g.kept(b), count, false
	if there := g.places[b]; there != nil {
		if err := blk.kept.load(blk.x, blk.y); err != nil {
			return nil, err
		}
		for _, is := range there {
			if is {
				blk.toMake--
			}
		}
	}
	blk.left = blk.toMake
	g.open[b] = blk
	return blk, nil
}

// give ends work on n pairs of block b, which were made or failed. With the last of them the block is written, unless one failed.
func (g *generation) give(b int, blk *openBlock, n int, failed bool) error {
	g.mu.Lock()
	blk.left -= n
	blk.failed = blk.failed || failed
	if !failed {
		g.done += n
	}
	if g.progress != nil {
		g.progress(g.result.Found+g.done, g.result.Found+g.missing)
	}
	last := blk.left == 0
	g.mu.Unlock()
	if !last {
		return nil
	}
	err := blk.kept.close()
	if !blk.failed {
		if err := g.manifest.writeBlock(g.dir, b, blk.x, blk.y); err != nil {
			return fmt.Errorf("dataset: %w", err)
		}
		err = errors.Join(err, removeKept(blk.kept))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, b)
	g.free = append(g.free, blk)
	if !blk.failed {
		g.result.Made += blk.toMake
	}
	return err
}

// close closes the files of blocks that are still open, when nobody is at work on them any more.
func (g *generation) close() (err error) {
	for _, blk := range g.open {
		err = errors.Join(err, blk.kept.close())
	}
	return err
}

// round sets dst to v in float32.
func round(dst []float32, v []float64) {
	for i, value := range v {
		dst[i] = float32(value)
	}
}
