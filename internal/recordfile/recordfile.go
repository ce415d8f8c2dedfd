package recordfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"strings"

	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/filelock"
	"csdm/internal/identity"
)

// Records is an open file of records. The file begins with a head that holds
// the identity of the records. The records follow as little-endian float64,
// each with its CRC-32C. A killed process or a power failure can truncate or
// damage a record; then neither this record nor any record after it counts.
// Only one process at a time can open the file. Without a file it keeps
// nothing.
type Records struct {
	file   *disk.File // nil: none
	held   *filelock.Lock
	path   string
	record []byte
	head   int64 // bytes before the first record
	count  int   // records in the file
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// mark is the beginning of the head. The length of the identity's text in bytes
// follows as uint32, then the text, then the CRC-32C of the head so far. Files
// of earlier versions begin with a SHA-256.
const mark = "csdm draws 2\n"

// maxHead bounds the length of an identity's text in a file, so that a damaged
// length cannot allocate much memory.
const maxHead = 1 << 20

// headOf returns the head of a file whose records have the identity id.
func headOf(id identity.Identity) []byte {
	text := id.JSON()
	head := append([]byte(mark), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[len(mark):], uint32(len(text)))
	head = append(head, text...)
	return binary.LittleEndian.AppendUint32(head, crc32.Checksum(head, castagnoli))
}

// readHead returns the identity in the head of a file and the size of the head
// in bytes. The identity is zero if the head is truncated or damaged; then no
// record counts. ours reports whether the file begins with mark, or with a part
// of it if the file is shorter.
func readHead(file io.ReaderAt) (id identity.Identity, size int64, ours bool, err error) {
	fixed := make([]byte, len(mark)+4)
	n, err := file.ReadAt(fixed, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return id, 0, false, err
	}
	// A power failure may leave zeros instead of data.
	if begin := bytes.TrimRight(fixed[:min(n, len(mark))], "\x00"); string(begin) != mark {
		return id, 0, strings.HasPrefix(mark, string(begin)), nil
	}
	length := binary.LittleEndian.Uint32(fixed[len(mark):])
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

// Open opens the store in the file path, or a store that keeps nothing if path
// is "". It reads the records of the file, dim values each, into values until
// values is full, and prepares to append. A file of another identity is an
// error that names the settings that differ; with overwrite, Open empties the
// file instead. note receives a remark if the file system has no locks.
func Open(path string, values []float64, dim int, id identity.Identity, overwrite bool,
	note func(string)) (_ *Records, err error) {
	s := &Records{path: path, record: make([]byte, 8*dim+crc32.Size)}
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
			fmt.Errorf("%s is unfinished work of an earlier version of csdm, or not a file of "+
				"csdm: move it away, choose another output, or give --overwrite", path))
	case !there.IsZero() && !overwrite:
		return nil, cli.Exists(
			fmt.Errorf("%s is unfinished work with other settings (%s): move it away, choose "+
				"another output, or give --overwrite", path, identity.Compare(there, id)))
	default:
		return s, s.Reset(id)
	}
	return s, s.fill(s.file, values, dim)
}

// fill reads intact records from file into values, dim each, until values is
// full.
func (s *Records) fill(file io.ReaderAt, values []float64, dim int) error {
	for (s.count+1)*dim <= len(values) {
		if _, err := file.ReadAt(s.record, s.end()); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if crc32.Checksum(s.record[:8*dim],
			castagnoli) != binary.LittleEndian.Uint32(s.record[8*dim:]) {
			break
		}
		for k := range dim {
			values[s.count*dim+k] = math.Float64frombits(binary.LittleEndian.Uint64(s.record[8*k:]))
		}
		s.count++
	}
	return nil
}

// Reset empties the file and gives it the identity id.
func (s *Records) Reset(id identity.Identity) error {
	head := headOf(id)
	err := s.file.Truncate(0)
	if err == nil {
		_, err = s.file.WriteAt(head, 0)
	}
	if err != nil {
		return errors.Join(err, disk.Remove(s.path))
	}
	s.head, s.count = int64(len(head)), 0
	return nil
}

// Len returns the number of records in the file.
func (s *Records) Len() int { return s.count }

// Keeps reports whether records are kept in a file.
func (s *Records) Keeps() bool { return s.file != nil }

// end returns the offset of the next record in the file, in bytes.
func (s *Records) end() int64 { return s.head + int64(s.count)*int64(len(s.record)) }

// Append writes the record x of dim values at the end of the file.
func (s *Records) Append(x []float64) error {
	if s.file == nil {
		return nil
	}
	encode(s.record, x)
	if _, err := s.file.WriteAt(s.record, s.end()); err != nil {
		return err
	}
	s.count++
	return nil
}

// encode sets record to the values x and their checksum.
func encode(record []byte, x []float64) {
	for k, v := range x {
		binary.LittleEndian.PutUint64(record[8*k:], math.Float64bits(v))
	}
	n := 8 * len(x)
	binary.LittleEndian.PutUint32(record[n:], crc32.Checksum(record[:n], castagnoli))
}

// Count returns the number of records of dim values in the file path, from its
// size. It returns 0 if there is no file.
func Count(path string, dim int) int {
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

// Sync waits until the records are on the disk, so that the file can be renamed
// to a finished one.
func (s *Records) Sync() error {
	if s.file == nil {
		return nil
	}
	return s.file.Sync()
}

// Close releases the file, and removes it if it holds no record.
func (s *Records) Close() {
	if s.file == nil {
		return
	}
	if s.count == 0 {
		disk.Remove(s.path)
	}
	s.held.Release()
	s.file.Close()
}
