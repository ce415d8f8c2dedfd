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
	"csdm/internal/shard"
	"csdm/problems"
)

// Shard is a part of the work; Generate deals out blocks in turn: part K of M
// has the blocks b with b mod M = K − 1. The zero value is the whole.
type Shard = shard.Shard

// defaultKeepFrom is the time per simulation from which losing the pairs of a
// block costs more than writing each pair twice.
const defaultKeepFrom = 100 * time.Millisecond

// Generated holds the numbers of pairs of the shard that Generate found and
// made.
type Generated struct {
	Found  int // finished or stored before
	Made   int // made by this call, in finished blocks or stored for them
	Failed int // failed in this call or before, and left out
}

// Generate gives up after maxFailures failures more than are accepted. It also
// gives up when every simulation so far has failed, if there were at least
// maxFirstFailures and this has a probability below chance at the accepted rate
// of failures.
const (
	maxFailures      = 100
	maxFirstFailures = 3
	chance           = 1e-4
)

// Generate makes the missing blocks of the shard in dir, and creates dir if
// necessary. It returns a *MismatchError if dir holds anything other than the
// same dataset. When ctx ends, Generate stops within one simulation per thread
// and returns ctx's error. All pairs made by then are stored, and the same call
// resumes from them. If another process makes the same shard in dir, Generate
// waits for it to end.
//
// A pair at which the forward model fails, or which has a number that is not
// finite or is out of range (*ValueError), does not stop the others. If at most
// Settings.MaxFailed percent of the shard's pairs fail, they are left out (see
// Store.Failed). Once their block is finished they are not tried again. To make
// such a block again, remove its record, block-NNNNN.json.
//
// If more pairs fail, Generate returns a *FailedError that lists them, and
// finishes no block that contains one of them. All pairs that were made are
// stored. The same call tries the failed pairs again; a call that accepts more
// failures leaves them out without solving anything again. Errors of the
// machine, such as a full disk, do not count as failures of a pair.
func Generate(
	ctx context.Context, dir string, p problems.Problem, s Settings,
) (_ Generated, err error) {
	m, err := NewManifest(p.Spec(), s)
	if err != nil {
		return Generated{}, err
	}
	if s.Threads < 1 {
		return Generated{}, fmt.Errorf("dataset: %d threads; at least 1 is needed", s.Threads)
	}
	if !(s.MaxFailed >= 0 && s.MaxFailed <= 100) {
		return Generated{}, fmt.Errorf("dataset: %v percent of the pairs may fail; it must be at "+
			"least 0 and at most 100", s.MaxFailed)
	}
	if err := s.Shard.Validate(); err != nil {
		return Generated{}, fmt.Errorf("dataset: %w", err)
	}
	if idle := s.Shard.Idle(m.blocks(), m.blockName()); idle != "" && s.Note != nil {
		s.Note(idle + "; smaller ones are possible (block_pairs)")
	}
	if d, ok := p.(problems.Defined); ok {
		m.Definition = d.Definition()
	}
	if err := begin(dir, m); err != nil {
		return Generated{}, err
	}
	defer func() { err = errors.Join(err, s.Shard.Record(dir, err)) }()
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
	lock := filepath.Join(dir, s.Shard.LockName())
	// A call that was killed may have left the file of its lock.
	if len(g.simulations)+len(g.whole) > 0 || atomicfile.Exists(lock) {
		release, held := filelock.Hold(ctx, lock, func(line string) {
			if s.Note != nil {
				s.Note(line)
			}
		})
		if held != nil {
			return g.result, held
		}
		defer func() { err = errors.Join(err, release()) }()
		if err := g.plan(s.Shard); err != nil { // the former holder of the lock may have made all
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

// plan lists the simulations to be made. In unfinished blocks, stored pairs
// count as made. Stored failures count as failed if all failures together are
// accepted, and are tried again otherwise.
//
// It runs twice, before and after the lock, because another process may have
// made the same pairs in between.
func (g *generation) plan(part Shard) error {
	m := g.manifest
	var begun []int
	pairs := 0
	g.result, g.simulations, g.whole, g.missing, g.failedBefore = Generated{}, nil, nil, 0, 0
	g.states = make(map[int][]pairState)
	for b := range m.blocks() {
		if !part.Has(b) {
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

// planBlock lists the simulations of block b to be made, including those with
// failed pairs if again is set.
//
// A simulation is made as a whole: if one of its images is missing, all are
// made again.
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

// finishWhole writes the blocks whose pairs are all stored as made or failed.
// It returns a *FailedError if more pairs failed than are accepted.
func (g *generation) finishWhole(ctx context.Context, threads int) error {
	failures := g.result.Failed + g.failedBefore + len(g.failed)
	// Without new failures, the call that finished their blocks accepted them.
	within := failures <= g.accepted || failures == g.result.Failed
	err := parallel.For(ctx, threads, len(g.whole), func(_, k int) error {
		b := g.whole[k]
		if g.manifest.finished(g.dir, b) { // finished by a process that makes other shards
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

// lost returns an error about a stored pair that has disappeared, unless
// another process has finished its block.
func (g *generation) lost(blk *openBlock, pair int) error {
	if g.manifest.finished(g.dir, blk.kept.block) {
		return nil
	}
	return &CorruptError{Path: blk.kept.path,
		Reason: fmt.Sprintf("lost pair %d: run the same command to make it again", pair)}
}

// write writes block b, unless another process has written it.
//
// Two processes that make the same block write the same bytes, so that it does
// not matter which one wins.
func (g *generation) write(b int, blk *openBlock, failed []int) error {
	if !g.manifest.finished(g.dir, b) {
		// Another process may have finished the block in the meantime and
		// removed the files of this one. Then the block is complete.
		if err := g.manifest.writeBlock(g.dir, b, blk.x, blk.y, failed); err != nil &&
			!(errors.Is(err, fs.ErrNotExist) && g.manifest.finished(g.dir, b)) {
			return fmt.Errorf("dataset: %w", err)
		}
	}
	return removeKept(blk.kept)
}

// sweep removes temporary files of killed processes when no block is missing.
// It removes only files that are so old that no process can still use them.
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
	// The folder is gone: another shard removed it.
	if err := atomicfile.Sweep(g.dir, "*", leftBehind); err != nil &&
		!errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// leftBehind is the age from which a temporary file belongs to a killed
// process. No process needs that long to write a block.
const leftBehind = time.Hour

// NewManifest returns the manifest of the dataset that Generate makes with
// these settings.
//
// The noise of the problem's options is not part of it, because y is stored
// without noise.
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

// generation is the state of one call of Generate. Simulations are handed out
// in ascending order without a barrier between blocks, and the thread that
// finishes the last pair of a block writes it. So the number of open blocks is
// limited by the pairs in progress, which limits memory. A block with a failed
// pair is stored pair by pair, and is written at the end, when the number of
// failures is known.
type generation struct {
	dir      string
	manifest *Manifest
	problem  problems.Problem
	progress func(done, total int)
	keepFrom time.Duration
	share    float64 // fraction of the pairs that may fail
	accepted int     // number of the shard's pairs that may fail

	identity, earlier [sha256.Size]byte

	simulations []int               // first pair of each simulation to be made
	missing     int                 // number of pairs to be made
	states      map[int][]pairState // of the pairs of unfinished blocks
	// Pairs that earlier calls stored as failed, if they are not tried again.
	failedBefore int

	mu     sync.Mutex
	open   map[int]*openBlock
	free   []*openBlock // memory of written blocks, for reuse
	whole  []int        // blocks whose pairs are all stored
	done   int          // pairs made, including those in open blocks
	failed []FailedPair
	result Generated
}

// openBlock is a block whose pairs are being made: the memory of its pairs and
// the counts that decide when it is complete.
type openBlock struct {
	x, y   []float32
	kept   *keptFile
	made   int   // pairs made by this call
	left   int   // pairs neither made nor failed
	failed bool  // some pair failed, in this call or an earlier one
	unkept []int // pairs that are made but not stored
	lost   []int // pairs that failed but are not stored as failed
}

// maker holds the memory of one thread.
type maker struct {
	problems.Generator
	x, y []float64
}

// run makes the simulations. Each thread gets its own generator, which holds
// the memory of a forward solver or an external program.
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
//
// Numbers are checked after rounding to float32, as they will be stored.
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
	made := from // number of the first pair that is not made
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
		// Errors that are not the fault of the pair end the call: a stop (which
		// an external program may answer with an error), a full disk, a missing
		// program.
		switch code := cli.Code(failure); {
		case ctx.Err() != nil:
			return ctx.Err()
		case code != cli.ExitSoftware && code != cli.ExitData:
			return failure
		}
		for i := made; i < to; i++ { // the later images of a failed simulation are missing too
			if err := g.fail(FailedPair{i, failure}); err != nil {
				return errors.Join(g.give(b, blk, batch{from, made, to}, false), err)
			}
		}
	}
	return g.give(b, blk, batch{from, made, to}, time.Since(begin) >= g.keepFrom)
}

// pair returns x and y of pair number k of the block.
func (b *openBlock) pair(m *Manifest, k int) (x, y []float32) {
	nx, ny := m.Problem.XLen(), m.Problem.YLen()
	return b.x[k*nx : (k+1)*nx], b.y[k*ny : (k+1)*ny]
}

// fail records a failure, and returns an error if Generate must give up.
//
// With the share q of failures that are accepted, the first n pairs all fail
// with probability qⁿ at most. If that is below chance, the forward model
// itself is taken for broken, and trying all pairs would only cost time.
func (g *generation) fail(f FailedPair) error {
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
//
// The memory of a written block is used again, so that a dataset of any size
// needs memory for the open blocks only.
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

// take returns the open block b, and opens it if necessary.
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

// batch is some pairs of a block: the pairs from from up to made are made, and
// the pairs from made up to to have failed.
type batch struct{ from, made, to int }

// give ends the work on a batch of block b. After the last pair of
// the block, give writes the block, or stores it pair by pair if a pair failed.
//
// The lock is held for the bookkeeping and not for writing a finished block.
func (g *generation) give(b int, blk *openBlock, pairs batch, keep bool) error {
	from, made, to := pairs.from, pairs.made, pairs.to
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

// keep writes those pairs of the block that are not yet stored to the block's
// file. The caller holds the lock.
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

// close stores the pairs of the blocks that are still open, after all threads
// have ended. It also runs after a stop; without it, a block that takes longer
// than the time limit would never be finished.
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
//
// Stored pairs are float32: their rounding errors of 6·10⁻⁸ are far below the
// noise of any measurement.
func round(dst []float32, v []float64) {
	for i, value := range v {
		dst[i] = float32(value)
	}
}
