package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/filelock"
	"csdm/internal/parallel"
	"csdm/problems"
)

// Settings say which dataset to generate and how.
type Settings struct {
	Pairs int    // how many pairs the whole dataset has; at least 1
	Seed  uint64 // of the pairs
	// pairs per block, a multiple of the images per simulation; 0: by the size
	// of a pair, at most 256
	BlockPairs int

	Shard   Shard  // which blocks to make; zero: all
	Threads int    // at least 1
	Version string // of the program, for the manifest

	// MaxFailed is how many of the shard's pairs may fail, in percent: they are
	// then left out. 0: none.
	MaxFailed float64

	// KeepFrom is how long a simulation must take for its pairs to be kept at
	// once, not with their block: 0 is 100 ms. The dataset is the same for any.
	KeepFrom time.Duration

	// Note, if not nil, is told what the user should know, a line at a time.
	Note func(line string)
	// Progress, if not nil, is told how many of this shard's pairs are there,
	// those found included. Calls don't overlap, and done never falls.
	Progress func(done, total int)
}

// Shard is part K of M, 1 ≤ K ≤ M: the blocks b with b mod M = K − 1. The zero
// value is the whole.
type Shard struct{ K, M int }

func (s Shard) validate() error {
	if s != (Shard{}) && !(1 <= s.K && s.K <= s.M) {
		return fmt.Errorf("dataset: shard %d/%d", s.K, s.M)
	}
	return nil
}

// lockName is the file that the process which makes the shard holds.
func (s Shard) lockName() string {
	if s.M <= 1 {
		return ".lock"
	}
	return fmt.Sprintf(".lock-%d-of-%d", s.K, s.M)
}

func (s Shard) has(b int) bool { return s.M == 0 || b%s.M == s.K-1 }

// defaultKeepFrom is where the loss of a block's pairs begins to hurt more than
// writing each twice.
const defaultKeepFrom = 100 * time.Millisecond

// Generated says what Generate found and did, in pairs of the shard.
type Generated struct {
	Found  int // finished or kept before
	Made   int // by this call, in finished blocks or kept for them
	Failed int // that the forward model failed at, in this call or before, and that are left out
}

// Where Generate gives up: at so many more failures than are accepted, or when
// from the first simulation on there were only failures, at least so many, and
// more than a forward model that fails at the accepted share does by chance.
const (
	maxFailures      = 100
	maxFirstFailures = 3
	chance           = 1e-4
)

// Generate makes the blocks of the shard that are not there yet, in dir, which
// is created if need be. It returns a *MismatchError if dir holds anything but
// the same dataset. When ctx ends it stops within one simulation a thread and
// returns ctx's error. All pairs that were made by then stay, and the same call
// resumes from them. If another process makes the same shard in dir, Generate
// waits for that to end.
//
// A pair that the forward model fails at, or makes with a number that is not
// finite or out of range (*ValueError), does not stop the others. If no more
// than Settings.MaxFailed percent of the shard's pairs fail, they are left out
// (see Store.Failed). Once their block is finished they are not tried again,
// unless its record, block-NNNNN.json, is removed: then the block is made
// anew. Else a *FailedError names them, and no block with one of
// them is finished: all pairs that were made are kept, the same call tries the
// failed ones again, and a call that accepts more of them takes them as failed
// and solves nothing again. Errors of the machine, such as a full disk, are no
// failures of a pair.
func Generate(
	ctx context.Context, dir string, p problems.Problem, s Settings,
) (_ Generated, err error) {
	m, err := NewManifest(p.Spec(), s)
	if err != nil {
		return Generated{}, err
	}
	if s.Threads < 1 {
		return Generated{}, fmt.Errorf("dataset: %d threads", s.Threads)
	}
	if !(s.MaxFailed >= 0 && s.MaxFailed <= 100) {
		return Generated{}, fmt.Errorf("dataset: %v percent of the pairs may fail", s.MaxFailed)
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
		dir: dir, manifest: m, problem: p, progress: s.Progress, keepFrom: s.KeepFrom,
		identity: m.Identity().Sum(), earlier: earlierIdentity(m),
		share: s.MaxFailed / 100, open: make(map[int]*openBlock),
	}
	if g.keepFrom == 0 {
		g.keepFrom = defaultKeepFrom
	}
	if err := g.plan(s.Shard); err != nil {
		return g.result, err
	}
	if len(g.simulations)+len(g.whole) > 0 {
		release, held := filelock.Hold(ctx, filepath.Join(dir, s.Shard.lockName()),
			func(line string) {
				if s.Note != nil {
					s.Note(line)
				}
			})
		if held != nil {
			return g.result, held
		}
		defer func() { err = errors.Join(err, release()) }()
		if err := g.plan(s.Shard); err != nil { // whoever had the lock may have made it all
			return g.result, err
		}
	}
	if g.progress != nil {
		g.progress(g.result.Found, g.result.Found+g.missing)
	}
	err = g.run(ctx, s.Threads)
	if err = errors.Join(err, g.close()); err != nil {
		return g.result, err
	}
	if err := g.finishWhole(ctx, s.Threads); err != nil {
		return g.result, err
	}
	return g.result, g.sweep()
}

// plan lists the simulations that are to be made. Of blocks that are not
// finished, pairs that were kept count as made; those that failed count as
// failed if all failures together are accepted, and are tried again if not.
func (g *generation) plan(shard Shard) error {
	m := g.manifest
	var begun []int
	pairs := 0
	g.result, g.simulations, g.whole, g.missing, g.failedBefore = Generated{}, nil, nil, 0, 0
	g.states = make(map[int][]pairState)
	for b := range m.blocks() {
		if !shard.has(b) {
			continue
		}
		span := m.span(b)
		pairs += span.To - span.From
		if m.finished(g.dir, b) {
			record, err := m.readRecord(g.dir, b)
			if err != nil {
				return err
			}
			g.result.Failed += len(record.Failed)
			g.result.Found += record.Count - len(record.Failed)
			continue
		}
		states, err := g.kept(b).states()
		if err != nil {
			return err
		}
		g.states[b] = states
		for _, state := range states {
			if state == failedPair {
				g.failedBefore++
			}
		}
		begun = append(begun, b)
	}
	g.accepted = int(g.share*float64(pairs) + 1e-9)
	again := g.result.Failed+g.failedBefore > g.accepted
	if again {
		g.failedBefore = 0
	}
	for _, b := range begun {
		g.planBlock(b, again)
	}
	return nil
}

// planBlock lists the simulations of block b that are to be made, those with
// failed pairs too if again is set.
func (g *generation) planBlock(b int, again bool) {
	span, states, images := g.manifest.span(b), g.states[b], g.manifest.Problem.ImagesPerSimulation
	whole := true
	for from := span.From; from < span.To; from += images {
		to := min(from+images, span.To)
		part := states[from-span.From : to-span.From]
		if !slices.Contains(part, missingPair) && !(again && slices.Contains(part, failedPair)) {
			for _, state := range part {
				if state == madePair {
					g.result.Found++
				}
			}
			continue
		}
		for k := range part {
			part[k] = missingPair
		}
		whole = false
		g.simulations = append(g.simulations, from)
		g.missing += to - from
	}
	if whole {
		g.whole = append(g.whole, b)
	}
}

// finishWhole writes the blocks of which each pair is kept as made or failed.
// It returns a *FailedError if more failed than are accepted.
func (g *generation) finishWhole(ctx context.Context, threads int) error {
	failures := g.result.Failed + g.failedBefore + len(g.failed)
	// no new ones: they were accepted by the call that finished their blocks
	within := failures <= g.accepted || failures == g.result.Failed
	err := parallel.For(ctx, threads, len(g.whole), func(_, k int) error {
		b := g.whole[k]
		if g.manifest.finished(g.dir, b) { // by a process that makes other shards
			return nil
		}
		g.mu.Lock()
		blk := g.newBlock(b)
		g.mu.Unlock()
		defer func() {
			g.mu.Lock()
			g.free = append(g.free, blk)
			g.mu.Unlock()
		}()
		var failed []int
		states, err := blk.kept.load(blk.x, blk.y)
		if err != nil {
			return err
		}
		span := g.manifest.span(b)
		for k, state := range states {
			switch state {
			case failedPair:
				failed = append(failed, span.From+k)
			case missingPair:
				return g.lost(blk, span.From+k)
			}
		}
		if failed != nil && !within {
			return nil
		}
		return g.write(b, blk, failed)
	})
	if err != nil {
		return err
	}
	if !within {
		return &FailedError{Failed: g.failed, Before: g.failedBefore + g.result.Failed,
			Accepted: g.accepted}
	}
	g.result.Failed = failures
	return nil
}

// lost returns an error for a pair that was kept and is not there any more,
// unless another process has finished its block by now.
func (g *generation) lost(blk *openBlock, pair int) error {
	if g.manifest.finished(g.dir, blk.kept.block) {
		return nil
	}
	return &CorruptError{Path: blk.kept.path,
		Reason: fmt.Sprintf("lost pair %d: the same command makes it again", pair)}
}

// write writes block b, unless another process has by now.
func (g *generation) write(b int, blk *openBlock, failed []int) error {
	if !g.manifest.finished(g.dir, b) {
		// Another process may have finished it meanwhile, and swept what this
		// one wrote: then the block is there.
		if err := g.manifest.writeBlock(g.dir, b, blk.x, blk.y, failed); err != nil &&
			!(errors.Is(err, fs.ErrNotExist) && g.manifest.finished(g.dir, b)) {
			return fmt.Errorf("dataset: %w", err)
		}
	}
	return removeKept(blk.kept)
}

// sweep removes what killed processes left half-written, once no block is
// missing: temporaries that are so old that nobody is at work on them.
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
	// gone: another shard swept
	if err := atomicfile.Sweep(g.dir, "*", leftBehind); err != nil &&
		!errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// leftBehind is from which age on a temporary belongs to a process that was
// killed: none takes that long to write a block.
const leftBehind = time.Hour

// NewManifest returns the manifest of the dataset that Generate makes of these
// settings.
func NewManifest(spec *problems.Spec, s Settings) (*Manifest, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	m := &Manifest{Format: formatVersion, Problem: *spec, Seed: s.Seed, Pairs: s.Pairs,
		BlockPairs: s.BlockPairs, Version: s.Version}
	m.Problem.Options.NoisePercent = 0
	if m.BlockPairs == 0 {
		m.BlockPairs = defaultBlock(spec)
	}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return m, nil
}

// generation is a Generate at work. Simulations are handed out in ascending
// order without a barrier between blocks; whoever finishes the last pair of a
// block writes it. So no more blocks are open than the pairs in hand span,
// which bounds memory. A block with a failed pair is kept pair by pair, and
// written at the end, when it is known how many failed.
type generation struct {
	dir      string
	manifest *Manifest
	problem  problems.Problem
	progress func(done, total int)
	keepFrom time.Duration
	share    float64 // of the pairs that may fail
	accepted int     // of the shard's pairs

	identity, earlier [sha256.Size]byte

	simulations []int               // first pair of each simulation to be made
	missing     int                 // pairs to be made
	states      map[int][]pairState // of the pairs of blocks that are not finished
	// pairs that earlier calls kept as failed, if they are not tried again
	failedBefore int

	mu     sync.Mutex
	open   map[int]*openBlock
	free   []*openBlock // of written blocks, for reuse
	whole  []int        // blocks whose pairs are all kept
	done   int          // pairs made, some of them in blocks that are still open
	failed []Failure
	result Generated
}

type openBlock struct {
	x, y   []float32
	kept   *keptFile
	made   int   // by this call
	left   int   // pairs neither made nor failed
	failed bool  // some pair, by this call or an earlier one
	unkept []int // pairs that are made and stand in no file
	lost   []int // pairs that failed, and stand in no file as such
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
				return fmt.Errorf("dataset: preparing the forward model of %s: %w",
					g.manifest.Problem.Name, err)
			}
			p := &g.manifest.Problem
			makers[worker] = &maker{generator, make([]float64, p.XLen()), make([]float64, p.YLen())}
		}
		return g.simulate(ctx, makers[worker], g.simulations[k])
	})
}

// simulate makes the pairs of the simulation that begins with pair from.
func (g *generation) simulate(ctx context.Context, mk *maker, from int) error {
	m := g.manifest
	b := from / m.BlockPairs
	span := m.span(b)
	blk, err := g.take(b)
	if err != nil {
		return err
	}
	to := min(from+m.Problem.ImagesPerSimulation, span.To)
	begin := time.Now()
	made := from // pairs before it
	var failure error
	for ; made < to && failure == nil; made++ {
		x, y := blk.pair(m, made-span.From)
		failure = mk.Pair(mk.x, mk.y, m.Seed, uint64(made))
		if failure == nil {
			round(x, mk.x)
			round(y, mk.y)
			failure = m.checkPair(made, x, y)
		}
		if failure != nil {
			break
		}
	}
	if failure != nil {
		// What is no fault of the pair ends it all: a stop, which a program may
		// answer by an error, a full disk, a program that is not there.
		switch code := cli.Code(failure); {
		case ctx.Err() != nil:
			return ctx.Err()
		case code != cli.ExitSoftware && code != cli.ExitData:
			return failure
		}
		for i := made; i < to; i++ { // a simulation that failed has no more images
			if err := g.fail(Failure{i, failure}); err != nil {
				return errors.Join(g.give(b, blk, from, made, to, false), err)
			}
		}
	}
	return g.give(b, blk, from, made, to, time.Since(begin) >= g.keepFrom)
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
	n := len(g.failed)
	none := g.done+g.result.Found == 0 && n >= maxFirstFailures &&
		math.Pow(g.share, float64(n)) < chance
	if none || n+g.failedBefore+g.result.Failed >= g.accepted+maxFailures {
		return &FailedError{Failed: g.failed[:n:n], Before: g.failedBefore + g.result.Failed,
			Accepted: g.accepted, GaveUp: true}
	}
	return nil
}

// newBlock returns block b with room for its pairs.
func (g *generation) newBlock(b int) *openBlock {
	blk := new(openBlock)
	if n := len(g.free); n > 0 {
		blk, g.free = g.free[n-1], g.free[:n-1]
	}
	span, p := g.manifest.span(b), &g.manifest.Problem
	count := span.To - span.From
	blk.x = slices.Grow(blk.x[:0], count*p.XLen())[:count*p.XLen()]
	blk.y = slices.Grow(blk.y[:0], count*p.YLen())[:count*p.YLen()]
	*blk = openBlock{x: blk.x, y: blk.y, kept: g.kept(b), unkept: blk.unkept[:0],
		lost: blk.lost[:0]}
	return blk
}

// take returns the open block b, opening it if need be.
func (g *generation) take(b int) (*openBlock, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if blk := g.open[b]; blk != nil {
		return blk, nil
	}
	blk := g.newBlock(b)
	loaded, err := blk.kept.load(blk.x, blk.y)
	if err != nil {
		return nil, err
	}
	for k, state := range g.states[b] {
		if state > loaded[k] {
			if err := g.lost(blk, g.manifest.span(b).From+k); err != nil {
				return nil, err
			}
		}
		switch state {
		case missingPair:
			blk.left++
		case failedPair:
			blk.failed = true
		}
	}
	g.open[b] = blk
	return blk, nil
}

// give ends work on the pairs of block b from one on: those before made were
// made, and those from there up to to failed. With the last pair of the block
// it is written, or kept pair by pair if one failed.
func (g *generation) give(b int, blk *openBlock, from, made, to int, keep bool) error {
	g.mu.Lock()
	for i := from; i < to; i++ {
		if i < made {
			blk.unkept = append(blk.unkept, i)
		} else {
			blk.lost, blk.failed = append(blk.lost, i), true
		}
	}
	blk.left -= to - from
	blk.made += made - from
	g.done += made - from
	if g.progress != nil {
		g.progress(g.result.Found+g.done+len(g.failed), g.result.Found+g.missing)
	}
	last := blk.left == 0
	var err error
	if keep || last && blk.failed {
		err = g.keep(b, blk)
	}
	if last {
		delete(g.open, b)
	}
	g.mu.Unlock()
	if !last || err != nil {
		return err
	}
	if err = blk.kept.close(); !blk.failed {
		err = errors.Join(err, g.write(b, blk, nil))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if blk.failed {
		g.whole = append(g.whole, b)
	}
	g.result.Made += blk.made
	g.free = append(g.free, blk)
	return err
}

// keep writes to the block's file what of its pairs stands in none. The caller
// holds the lock.
func (g *generation) keep(b int, blk *openBlock) error {
	span := g.manifest.span(b)
	for _, i := range blk.unkept {
		x, y := blk.pair(g.manifest, i-span.From)
		if err := blk.kept.append(uint64(i), x, y); err != nil {
			return err
		}
	}
	for _, i := range blk.lost {
		x, y := blk.pair(g.manifest, i-span.From)
		fill(x, 0)
		fill(y, 0)
		if err := blk.kept.append(uint64(i)|failedBit, x, y); err != nil {
			return err
		}
	}
	blk.unkept, blk.lost = blk.unkept[:0], blk.lost[:0]
	return nil
}

// close keeps the pairs of blocks that are still open, when nobody is at work
// on them any more: after a stop, too, or a time limit that is shorter than a
// block would never let it be finished.
func (g *generation) close() (err error) {
	for b, blk := range g.open {
		failed := g.keep(b, blk)
		if failed == nil {
			g.result.Made += blk.made
		}
		err = errors.Join(err, failed, blk.kept.close())
	}
	return err
}

// round sets dst to v in float32.
func round(dst []float32, v []float64) {
	for i, value := range v {
		dst[i] = float32(value)
	}
}
