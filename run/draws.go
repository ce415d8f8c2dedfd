package run

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/filelock"
	"csdm/internal/identity"
)

// drawStore keeps finished draws in a file while others are in the making: a
// head with the identity of the draws, then record after record, a draw as
// little-endian float64 with its CRC-32C. What follows a record that is cut off
// or damaged, by a killed process or by a power failure, does not count. One
// process at a time has the file. A store without a file keeps nothing.
type drawStore struct {
	file   *disk.File // nil: none
	held   *filelock.Lock
	path   string
	record []byte
	head   int64 // bytes before the first record
	draws  int   // in the file
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// drawsMark begins the head of a file of draws. There follow the number of
// bytes of the identity's text, uint32, the text, and the CRC-32C of all this.
// Files of earlier versions begin with a SHA-256.
const drawsMark = "csdm draws 2\n"

// maxHead bounds the text of an identity in a file, which a damaged number must
// not make long.
const maxHead = 1 << 20

// drawsHead returns the head of a file of draws.
func drawsHead(id identity.Identity) []byte {
	text := id.JSON()
	head := append([]byte(drawsMark), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[len(drawsMark):], uint32(len(text)))
	head = append(head, text...)
	return binary.LittleEndian.AppendUint32(head, crc32.Checksum(head, castagnoli))
}

// readHead reads the identity in the head of a file of draws, and how many
// bytes the head has. The identity is zero if the head is cut off or damaged,
// so that nothing behind it counts. ours reports whether the file begins as
// such a file does, as far as it goes.
func readHead(file io.ReaderAt) (id identity.Identity, size int64, ours bool, err error) {
	fixed := make([]byte, len(drawsMark)+4)
	n, err := file.ReadAt(fixed, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return id, 0, false, err
	}
	// A power failure may leave zeros in place of what was not written yet.
	if mark := bytes.TrimRight(fixed[:min(n, len(drawsMark))], "\x00"); string(mark) != drawsMark {
		return id, 0, strings.HasPrefix(drawsMark, string(mark)), nil
	}
	length := binary.LittleEndian.Uint32(fixed[len(drawsMark):])
	if length > maxHead {
		return id, 0, true, nil
	}
	head := make([]byte, len(fixed)+int(length)+crc32.Size)
	if _, err := file.ReadAt(head, 0); errors.Is(err, io.EOF) {
		return id, 0, true, nil
	} else if err != nil {
		return id, 0, true, err
	}
	end := len(head) - crc32.Size
	if crc32.Checksum(head[:end], castagnoli) != binary.LittleEndian.Uint32(head[end:]) {
		return id, 0, true, nil
	}
	id, err = identity.Parse(head[len(fixed):end])
	return id, int64(len(head)), true, err
}

// openDraws opens the store in a file, "" for none, reads the draws in it into
// samples, draw after draw of dim values, as far as there is room, and makes
// ready to append. A file of another identity is refused, with the settings
// that differ, or begun again if overwrite is set. note is told if the file
// system has no locks.
func openDraws(path string, samples []float64, dim int, id identity.Identity, overwrite bool,
	note func(string)) (_ *drawStore, err error) {
	s := &drawStore{path: path, record: make([]byte, 8*dim+crc32.Size)}
	if path == "" {
		return s, nil
	}
	if s.file, s.held, err = filelock.Open(path, note); err != nil {
		if _, held := errors.AsType[*filelock.HeldError](err); held {
			err = cli.Exists(fmt.Errorf("%s: %w", path, err))
		}
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.held.Release(), s.file.Close())
		}
	}()
	there, size, ours, err := readHead(s.file)
	switch {
	case err != nil:
		return nil, err
	case there == id:
		s.head = size
	case !ours && !overwrite:
		return nil, cli.Exists(
			fmt.Errorf("%s is unfinished work of an earlier version of csdm, or no work of "+
				"csdm: move it away, choose another output, or give --overwrite", path))
	case !there.IsZero() && !overwrite:
		return nil, cli.Exists(
			fmt.Errorf("%s is unfinished work with other settings (%s): move it away, choose "+
				"another output, or give --overwrite", path, identity.Compare(there, id)))
	default:
		return s, s.begin(id)
	}
	for (s.draws+1)*dim <= len(samples) {
		if _, err := s.file.ReadAt(s.record, s.end()); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if crc32.Checksum(s.record[:8*dim],
			castagnoli) != binary.LittleEndian.Uint32(s.record[8*dim:]) {
			break
		}
		for k := range dim {
			samples[s.draws*dim+k] = math.Float64frombits(
				binary.LittleEndian.Uint64(s.record[8*k:]))
		}
		s.draws++
	}
	return s, nil
}

// begin makes the file one of that identity without draws.
func (s *drawStore) begin(id identity.Identity) error {
	head := drawsHead(id)
	err := s.file.Truncate(0)
	if err == nil {
		_, err = s.file.WriteAt(head, 0)
	}
	if err != nil {
		return errors.Join(err, disk.Remove(s.path))
	}
	s.head, s.draws = int64(len(head)), 0
	return nil
}

// end is where the next record begins.
func (s *drawStore) end() int64 { return s.head + int64(s.draws)*int64(len(s.record)) }

func (s *drawStore) append(x []float64) error {
	if s.file == nil {
		return nil
	}
	for k, v := range x {
		binary.LittleEndian.PutUint64(s.record[8*k:], math.Float64bits(v))
	}
	n := 8 * len(x)
	binary.LittleEndian.PutUint32(s.record[n:], crc32.Checksum(s.record[:n], castagnoli))
	if _, err := s.file.WriteAt(s.record, s.end()); err != nil {
		return err
	}
	s.draws++
	return nil
}

// countDraws returns how many draws a file of them holds, by its size: 0 if
// there is none.
func countDraws(path string, dim int) int {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	id, head, _, err := readHead(file)
	info, statErr := file.Stat()
	if err != nil || statErr != nil || id.IsZero() {
		return 0
	}
	return int((info.Size() - head) / int64(8*dim+crc32.Size))
}

// close lets go of the file, and removes it if there is nothing in it.
func (s *drawStore) close() {
	if s.file == nil {
		return
	}
	if s.draws == 0 {
		disk.Remove(s.path)
	}
	s.held.Release()
	s.file.Close()
}

// RemovePartial removes a file of unfinished work, if there is one, once the
// result of that work is written.
func RemovePartial(path string) error {
	if err := disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
