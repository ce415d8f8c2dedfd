package main

import (
	"fmt"
	"io"
	"sync"

	"csdm/internal/cli"
)

// console is stderr: remarks, and a progress bar for each stage of the work.
// With -q it prints nothing.
type console struct {
	w     io.Writer
	quiet bool

	mu    sync.Mutex
	bar   cli.Progress // nil between stages
	stage string
}

func newConsole(w io.Writer) *console { return &console{w: w} }

// Write prints messages of the signal handler and of the command library.
func (c *console) Write(p []byte) (int, error) {
	if c.quiet {
		return len(p), nil
	}
	c.end()
	return c.w.Write(p)
}

// note prints a line.
func (c *console) note(line string) { fmt.Fprintln(c, line) }

// progress shows that done of total pieces of a stage are finished.
func (c *console) progress(stage string, done, total int, note string) {
	if c.quiet {
		return
	}
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

// end finishes the line of a bar.
func (c *console) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil {
		c.bar.Done()
		c.bar = nil
	}
}
