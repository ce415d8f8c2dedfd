package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"

	"csdm/internal/disk"
	"csdm/internal/identity"
)

// keptFile stores pairs of an unfinished block. Where pairs take long to make,
// each is stored as soon as it is made, so that a signal or a crash does not
// lose it. All pairs of a block are stored when one of them fails. The file
// consists of records of equal size, in any order:
//
//	index of the pair (uint64), x and y (float32, little-endian), CRC-32C
//
// The checksum covers the dataset's identity and the record. A pair at which
// the forward model failed has the highest bit of its index set, and x and y
// are 0. A pair with a record of success is not failed, whatever the order of
// its records. A record that is cut off, damaged or of another dataset does not
// count. Several processes may append.
type keptFile struct {
	manifest *Manifest
	block    int
	path     string
	identity [sha256.Size]byte
	earlier  [sha256.Size]byte // the dataset's identity in earlier versions, also valid

	mu     sync.Mutex
	file   *disk.File // nil: not open for appending
	record []byte
}

// failedBit is the bit of an index that marks a failed pair. Older programs
// read such a record as a pair of another block.
const failedBit = 1 << 63

// pairState is the state of a pair of an unfinished block.
type pairState uint8

// The order matters: the state of a pair is the largest of its records, so that
// a success counts over a failure.
const (
	missingPair pairState = iota
	failedPair
	madePair
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// kept returns the file of block b, which may not exist.
func (g *generation) kept(b int) *keptFile {
	p := &g.manifest.Problem
	return &keptFile{
		manifest: g.manifest, block: b, path: filepath.Join(g.dir,
			fmt.Sprintf("block-%05d.partial", b)), identity: g.identity, earlier: g.earlier,
		record: make([]byte, 8+4*(p.XLen()+p.YLen())+crc32.Size),
	}
}

// earlierIdentity returns the hash that earlier versions used in the checksum
// of a record.
func earlierIdentity(m *Manifest) (sum [sha256.Size]byte) {
	same := *m
	same.Version, same.Definition = "", identity.Identity{}
	h := sha256.New()
	if err := writeJSON(h, &same); err != nil {
		panic("dataset: " + err.Error()) // plain data always encodes, hashing does not fail
	}
	h.Sum(sum[:0])
	return sum
}

// checksum returns the CRC-32C of the dataset's identity followed by the record
// without its checksum. A record of another dataset therefore does not count,
// even if it has the same size.
func (k *keptFile) checksum(identity [sha256.Size]byte) uint32 {
	n := len(k.record) - crc32.Size
	return crc32.Update(crc32.Checksum(identity[:], castagnoli), castagnoli, k.record[:n])
}

// whole reports whether the record belongs to this dataset and is undamaged.
func (k *keptFile) whole() bool {
	sum := binary.LittleEndian.Uint32(k.record[len(k.record)-crc32.Size:])
	return sum == k.checksum(k.identity) || sum == k.checksum(k.earlier)
}

// read calls do with each valid record: the pair's place in the block, its
// state, and the bytes of x and y. A missing file has no records.
func (k *keptFile) read(do func(place int, state pairState, x, y []byte)) error {
	f, err := os.Open(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	span := k.manifest.span(k.block)
	xEnd := 8 + 4*k.manifest.Problem.XLen()
	n := len(k.record) - crc32.Size
	for {
		if _, err := io.ReadFull(f, k.record); errors.Is(err, io.EOF) ||
			errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		} else if err != nil {
			return err
		}
		i, state := binary.LittleEndian.Uint64(k.record), madePair
		if i&failedBit != 0 {
			i, state = i&^failedBit, failedPair
		}
		if k.whole() && uint64(span.From) <= i && i < uint64(span.To) {
			do(int(i)-span.From, state, k.record[8:xEnd], k.record[xEnd:n])
		}
	}
}

// states returns the state of each pair of the block.
func (k *keptFile) states() ([]pairState, error) {
	span := k.manifest.span(k.block)
	states := make([]pairState, span.To-span.From)
	return states, k.read(func(place int, state pairState, _, _ []byte) {
		states[place] = max(states[place], state)
	})
}

// load sets the arrays of the block to the stored pairs, and returns the state
// of each pair.
func (k *keptFile) load(x, y []float32) ([]pairState, error) {
	p, span := &k.manifest.Problem, k.manifest.span(k.block)
	states := make([]pairState, span.To-span.From)
	return states, k.read(func(place int, state pairState, xs, ys []byte) {
		states[place] = max(states[place], state)
		if state == madePair {
			decode(x[place*p.XLen():][:p.XLen()], xs)
			decode(y[place*p.YLen():][:p.YLen()], ys)
		}
	})
}

// append stores a pair under index i, or under i with failedBit.
//
// Records are written by single calls in append mode, which do not interleave.
// A record that was cut off is filled up with zeros, so that later ones stay
// aligned; its checksum fails.
func (k *keptFile) append(i uint64, x, y []float32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file == nil {
		f, err := disk.OpenFile(k.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
		if err != nil {
			return err
		}
		info, err := f.Stat()
		if err == nil {
			// A process was killed while it wrote: complete its record.
			if cut := info.Size() % int64(len(k.record)); cut > 0 {
				_, err = f.Write(make([]byte, int64(len(k.record))-cut))
			}
		}
		if err != nil {
			return errors.Join(err, f.Close())
		}
		k.file = f
	}
	binary.LittleEndian.PutUint64(k.record, i)
	n := 8
	for _, values := range [][]float32{x, y} {
		for _, v := range values {
			binary.LittleEndian.PutUint32(k.record[n:], math.Float32bits(v))
			n += 4
		}
	}
	binary.LittleEndian.PutUint32(k.record[n:], k.checksum(k.identity))
	_, err := k.file.Write(k.record)
	return err
}

// close closes the file if it is open.
func (k *keptFile) close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file == nil {
		return nil
	}
	f := k.file
	k.file = nil
	return f.Close()
}

// removeKept removes the file of a finished block, if there is one.
func removeKept(k *keptFile) error {
	if err := disk.Remove(k.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// decode converts little-endian bytes to float32.
func decode(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
	}
}
