package shard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
)

// Failure is the error with which the last call for a shard ended.
type Failure struct {
	// shard as K/M
	Shard string `json:"shard"`
	// machine of the process
	Host string `json:"host"`
	// end of the process, UTC
	Time time.Time `json:"time"`
	// error with which the shard ended
	Error string `json:"error"`
}

const failedPrefix = ".failed"

func (s Shard) failedPath(dir string) string {
	return filepath.Join(dir, strings.Replace(s.LockName(), lockPrefix, failedPrefix, 1)+".json")
}

// Record writes the error of a call for shard s to dir, or removes the error of
// an earlier call if err is nil. A stop and a wrong command line are no
// failures, and a call for the whole needs no record: its user sees the error.
func (s Shard) Record(dir string, err error) error {
	if s.M == 0 {
		return nil
	}
	switch code := cli.Code(err); {
	case err == nil:
		path := s.failedPath(dir)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return disk.Remove(path)
	case code == cli.ExitUsage || code == cli.ExitStopped || code == cli.ExitTimeLimit ||
		code >= cli.ExitSignal:
		return nil
	}
	host, _ := os.Hostname() // "" if it is not known
	text, err := json.MarshalIndent(Failure{Shard: s.String(), Host: host,
		Time: time.Now().UTC().Truncate(time.Second), Error: err.Error()}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(s.failedPath(dir), true, append(text, '\n'))
}

// failures returns the failures that are recorded in dir.
func failures(dir string) (found []Failure, err error) {
	names, err := matching(dir, func(name string) bool {
		return strings.HasPrefix(name, failedPrefix) && strings.HasSuffix(name, ".json")
	})
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the shard has been run again
		} else if err != nil {
			return nil, err
		}
		var f Failure
		if err := json.Unmarshal(text, &f); err != nil {
			return nil, cli.Data(fmt.Errorf("%s: %w; remove it", name, err))
		}
		found = append(found, f)
	}
	return found, nil
}
