package main

import (
	"fmt"
	"io"
	"sync"

	"csdm/internal/cli"
)

// console is stderr: remarks, and a bar of progress for each stage of the work.
// With -q it says nothing.
type console struct {
	w     io.Writer
	quiet bool

	mu    sync.Mutex
	bar   cli.Progress // nil between stages
	stage string
}

func newConsole(w io.Writer) *console { return &console{w: w} }

// Write writes what others have to say: the handler of signals, the command
// library.
func (c *console) Write(p []byte) (int, error) {
	if c.quiet {
		return len(p), nil
	}
	c.end()
	return c.w.Write(p)
}

// note prints a line.
func (c *console) note(line string) { fmt.Fprintln(c, line) }

// progress shows that done of total of a stage are behind.
func (c *console) progress(stage string, done, total int, note string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil && stage != c.stage {
		c.bar.Done()
		c.bar = nil
	}
	if c.bar == nil {
		c.bar, c.stage = cli.NewProgress(c.w, stage, c.quiet), stage
	}
	c.bar.Set(done, total, note)
	if done == total {
		c.bar.Done()
		c.bar = nil
	}
}

// end finishes the line of a bar, whatever comes next.
func (c *console) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil {
		c.bar.Done()
		c.bar = nil
	}
}
