package run

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

	"csdm/internal/cli"
	"csdm/internal/disk"
)

// drawStore keeps finished draws in a file while others are in the making: a SHA-256 of all that they depend on, then record
// after record, a draw as little-endian float64 with its CRC-32C. What follows a record that is cut off or damaged, by a
// killed process or by a power failure, does not count. One process at a time has the file. A store without a file keeps nothing.
type drawStore struct {
	file   *disk.File // nil: none
	path   string
	record []byte
	draws  int // in the file
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openDraws opens the store in a file, "" for none, reads the draws in it into samples, draw after draw of dim
// values, as far as there is room, and makes ready to append. A file of another id is refused.
func openDraws(path string, samples []float64, dim int, id [sha256.Size]byte) (_ *drawStore, err error) {
	s := &drawStore{path: path, record: make([]byte, 8*dim+crc32.Size)}
	if path == "" {
		return s, nil
	}
	if s.file, err = openLocked(path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.file.Close()
		}
	}()
	var there [sha256.Size]byte
	switch _, err := io.ReadFull(s.file, there[:]); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // new, or cut off at once
		there = id
		if _, err := s.file.WriteAt(id[:], 0); err != nil {
			return nil, errors.Join(err, disk.Remove(path))
		}
	case err != nil:
		return nil, err
	}
	if there != id {
		return nil, cli.Exists(fmt.Errorf("%s holds draws of another model, measurement, sampler or seed: move it away, or choose another output", path))
	}
	for (s.draws+1)*dim <= len(samples) {
		if _, err := s.file.ReadAt(s.record, s.end()); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if crc32.Checksum(s.record[:8*dim], castagnoli) != binary.LittleEndian.Uint32(s.record[8*dim:]) {
			break
		}
		for k := range dim {
			samples[s.draws*dim+k] = math.Float64frombits(binary.LittleEndian.Uint64(s.record[8*k:]))
		}
		s.draws++
	}
	return s, nil
}

// openLocked opens or makes a file and takes its lock.
func openLocked(path string) (*disk.File, error) {
	for {
		file, err := disk.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, err
		}
		if err := lock(file); err != nil {
			file.Close()
			return nil, cli.Exists(fmt.Errorf("%s: %w", path, err))
		}
		// The process that had the lock until now may have removed the file: then it is not at its path any more.
		mine, err1 := file.Stat()
		there, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return file, nil
		}
		if err := errors.Join(err1, file.Close()); err != nil {
			return nil, err
		}
		if err2 != nil && !errors.Is(err2, fs.ErrNotExist) {
			return nil, err2
		}
	}
}

// end is where the next record begins.
func (s *drawStore) end() int64 { return sha256.Size + int64(s.draws)*int64(len(s.record)) }

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

// countDraws returns how many draws a file of them holds, by its size: 0 if there is none.
func countDraws(path string, dim int) int {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return max(0, int((info.Size()-sha256.Size)/int64(8*dim+crc32.Size)))
}

// close lets go of the file, and removes it if there is nothing in it.
func (s *drawStore) close() {
	if s.file == nil {
		return
	}
	if s.draws == 0 {
		disk.Remove(s.path)
	}
	s.file.Close()
}

// RemovePartial removes a file of unfinished work, if there is one, once the result of that work is written.
func RemovePartial(path string) error {
	if err := disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
