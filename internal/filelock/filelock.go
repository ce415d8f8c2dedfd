package filelock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"csdm/internal/disk"
)

// HeldError reports that another process holds a lock.
type HeldError struct {
	Path  string
	Owner string // such as "process 17 on node3 since 2026-01-02 15:04:05 UTC"; "" if unknown
	Sign  string // file that replaces a lock, or "" for a lock of the system
}

// Error names the process that holds the lock, if it is known, and the way out.
func (e *HeldError) Error() string {
	text := "another csdm process"
	if e.Owner != "" {
		text += ", " + e.Owner + ","
	}
	text += " is at work on it: wait for it to end, or stop it"
	if e.Sign != "" {
		text += ". If it has ended because its machine was switched off, remove " + e.Sign
	}
	return text
}

// Lock is a lock that this process holds on an open file.
type Lock struct {
	file *disk.File
	sign string // file that replaces a lock, or ""
}

// noLocks lists the errors with which a file system reports that it has no
// locks.
var noLocks = []error{syscall.ENOSYS, syscall.ENOTSUP, syscall.ENOLCK, errors.ErrUnsupported}

// Take takes the lock of the open file f. The error is a *HeldError if another
// process holds the lock. Take calls note if the file system has no locks.
func Take(f *disk.File, note func(line string)) (*Lock, error) {
	err := flock(f)
	switch {
	case err == nil:
		return &Lock{file: f}, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, &HeldError{Path: f.Name()}
	}
	for _, none := range noLocks {
		if errors.Is(err, none) {
			sign := f.Name() + ".owner"
			if err := takeSign(sign); err != nil {
				return nil, err
			}
			note(fmt.Sprintf("the file system of %s has no locks (%v): %s replaces one, and "+
				"must be removed by hand if this machine is switched off", f.Name(), err, sign))
			return &Lock{file: f, sign: sign}, nil
		}
	}
	return nil, os.NewSyscallError("flock", err)
}

// Release releases the lock. The file stays open. Closing the file also
// releases a lock of the system.
func (l *Lock) Release() error {
	if l.sign == "" {
		return funlock(l.file)
	}
	if err := disk.Remove(l.sign); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Open opens or creates the file at path for reading and writing, and takes its
// lock.
func Open(path string, note func(line string)) (*disk.File, *Lock, error) {
	for {
		file, err := disk.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, nil, err
		}
		lock, err := Take(file, note)
		if err != nil {
			return nil, nil, errors.Join(err, file.Close())
		}
		// The process that had the lock may have removed the file, which is
		// then no longer at its path.
		mine, err1 := file.Stat()
		there, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return file, lock, nil
		}
		if err := errors.Join(err1, lock.Release(), file.Close()); err != nil {
			return nil, nil, err
		}
		if err2 != nil && !errors.Is(err2, fs.ErrNotExist) {
			return nil, nil, err2
		}
	}
}

// Hold takes the lock of a lock file at path, and waits if another process
// holds it. It calls note with the owner that it waits for. release releases
// the lock and removes the file. The error is ctx's if ctx ends first.
func Hold(
	ctx context.Context, path string, note func(line string),
) (release func() error, err error) {
	const most = time.Second
	told := false
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, most) {
		file, lock, err := Open(path, note)
		if err == nil {
			if err := Sign(file); err != nil {
				return nil, errors.Join(err, disk.Remove(path), lock.Release(), file.Close())
			}
			return func() error {
				return errors.Join(disk.Remove(path), lock.Release(), file.Close())
			}, nil
		}
		held, ok := errors.AsType[*HeldError](err)
		if !ok {
			return nil, err
		}
		if !told {
			told = true
			owner := held.Owner
			if owner == "" {
				owner = Signer(path)
			}
			note(strings.TrimRight("waiting for another csdm process that makes the same: "+owner,
				": ") + sign(held))
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func sign(held *HeldError) string {
	if held.Sign == "" {
		return ""
	}
	return ". If it has ended, remove " + held.Sign
}

// owner is the text in a file about its creator.
type owner struct {
	Host string    `json:"host"`
	PID  int       `json:"pid"`
	Time time.Time `json:"time"`
}

func self() owner {
	host, _ := os.Hostname() // "" if it is not known
	return owner{Host: host, PID: os.Getpid(), Time: time.Now().UTC().Truncate(time.Second)}
}

// String names process, machine and time of the lock.
func (o owner) String() string {
	return fmt.Sprintf("process %d on %s since %s", o.PID, o.Host,
		o.Time.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// Sign writes the owner of a lock file to the locked file f.
func Sign(f *disk.File) error {
	text, err := json.Marshal(self())
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), 0)
	return err
}

// Signer returns the owner that is written in the file at path, or "" if it is
// not known.
func Signer(path string) string {
	if o := readOwner(path); o != nil {
		return o.String()
	}
	return ""
}

// readOwner returns the owner that is written in a file, or nil if there is
// none.
func readOwner(path string) *owner {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	o := new(owner)
	if err := json.NewDecoder(io.LimitReader(f, 4096)).Decode(o); err != nil || o.PID < 1 ||
		o.Time.IsZero() {
		return nil
	}
	return o
}

// unsigned is the age at which a sign without an owner counts as left by a
// process that was killed before it had signed.
const unsigned = time.Minute

// takeSign creates the file that replaces a lock. It takes over a file whose
// creator is known to have ended.
func takeSign(path string) error {
	for {
		f, err := disk.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			if err := Sign(f); err != nil {
				return errors.Join(err, f.Close(), disk.Remove(path))
			}
			return f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		held := &HeldError{Path: strings.TrimSuffix(path, ".owner"), Sign: path}
		there := readOwner(path)
		if there == nil {
			info, err := os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil || time.Since(info.ModTime()) < unsigned {
				return held
			}
		} else if held.Owner = there.String(); there.Host != self().Host || alive(there.PID) {
			return held
		}
		// The process that renames the file has it: if two processes find it
		// stale, one of them fails here and tries again.
		stale := fmt.Sprintf("%s.%d.stale", path, os.Getpid())
		if err := disk.Rename(path, stale); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		} else if err != nil {
			continue
		}
		now := readOwner(stale)
		// Another process was faster and has created a new file.
		if now != nil && (there == nil || *now != *there) {
			if err := disk.RenameNew(stale, path); err != nil {
				return err
			}
			continue
		}
		if err := disk.Remove(stale); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}
