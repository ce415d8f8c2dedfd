package cli

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// ticking is a clock that tests set by hand.
type ticking struct{ t time.Time }

func (c *ticking) now() time.Time          { return c.t }
func (c *ticking) advance(d time.Duration) { c.t = c.t.Add(d) }

func TestLines(t *testing.T) {
	clk := &ticking{time.Unix(1e9, 0)}
	var b bytes.Buffer
	l := &lines{w: &b, title: "training", clock: clock{now: clk.now}}
	for step := 200; step <= 1000; step++ { // resumed at 200; half a second per step
		l.Set(step, 1000, "loss 0.5")
		if step < 1000 {
			clk.advance(500 * time.Millisecond)
		}
	}
	l.Done()
	l.Done()
	want := `training: 200/1000 (20 %), loss 0.5
training: 300/1000 (30 %), 50s, 5m50s left, loss 0.5
training: 400/1000 (40 %), 1m40s, 5m0s left, loss 0.5
training: 500/1000 (50 %), 2m30s, 4m10s left, loss 0.5
training: 600/1000 (60 %), 3m20s, 3m20s left, loss 0.5
training: 700/1000 (70 %), 4m10s, 2m30s left, loss 0.5
training: 800/1000 (80 %), 5m0s, 1m40s left, loss 0.5
training: 900/1000 (90 %), 5m50s, 50s left, loss 0.5
training: 1000/1000 (100 %), 6m40s, loss 0.5
`
	if b.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", b.String(), want)
	}

	// A fast loop prints at most one line every ten seconds, and a slow one at
	// least one every minute.
	for _, c := range []struct {
		step  time.Duration
		lines int
	}{{time.Second / 4, 4}, {30 * time.Second, 51}} {
		// 0 s, 10 s, 20 s, end; or start, then every second step.
		b.Reset()
		l := &lines{w: &b, title: "x", clock: clock{now: clk.now}}
		for i := range 100 {
			l.Set(i, 100, "")
			clk.advance(c.step)
		}
		l.Set(100, 100, "")
		l.Done()
		if n := strings.Count(b.String(), "\n"); n != c.lines {
			t.Errorf("%v a step: %d lines, want %d:\n%s", c.step, n, c.lines, b.String())
		}
	}
	if strings.Contains(b.String(), "\r") {
		t.Error("a carriage return in a log")
	}
}

func TestUnknownTotal(t *testing.T) {
	clk := &ticking{time.Unix(1e9, 0)}
	var b bytes.Buffer
	l := &lines{w: &b, title: "solves", clock: clock{now: clk.now}}
	l.Set(0, 0, "")
	clk.advance(time.Minute)
	l.Set(70, 0, "")
	l.Done()
	if want := "solves: 0\nsolves: 70, 1m0s\n"; b.String() != want {
		t.Errorf("printed %q, want %q", b.String(), want)
	}
}

func TestNewProgressChooses(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, w := range []*os.File{null, file} {
		if _, ok := NewProgress(w, "x", false).(*lines); !ok {
			t.Errorf("%s is regarded as a terminal", w.Name())
		}
	}
	var b bytes.Buffer
	p := NewProgress(&b, "x", true)
	p.Set(1, 2, "note")
	p.Done()
	if b.Len() > 0 {
		t.Errorf("quiet printed %q", b.String())
	}
}

// TestBar checks that the bar shows title, count, note and our own estimate,
// stays on one line, and ends the line.
func TestBar(t *testing.T) {
	clk := &ticking{time.Unix(1e9, 0)}
	var b bytes.Buffer
	p := &bar{w: &b, title: "sampling", clock: clock{now: clk.now}}
	p.Set(50, 100, "") // resumed halfway
	clk.advance(20 * time.Second)
	p.Set(60, 100, "level 3")
	if !strings.Contains(b.String(), "sampling 1m20s left level 3") ||
		!strings.Contains(b.String(), "60/100") {
		t.Errorf("drew %q", b.String())
	}
	n := b.Len()
	clk.advance(time.Millisecond)
	p.Set(61, 100, "")
	if b.Len() != n {
		t.Error("drew again after a millisecond")
	}
	p.Set(100, 100, "")
	p.Done()
	p.Done()
	if !strings.Contains(b.String(), "100/100") || strings.Count(b.String(), "\n") != 1 ||
		!strings.HasSuffix(b.String(), "\n") {
		t.Errorf("drew %q", b.String())
	}
}

func TestProgressIsConcurrent(t *testing.T) {
	var b bytes.Buffer
	for _, p := range []Progress{
		&lines{w: &b, clock: clock{now: time.Now}},
		&bar{w: &b, clock: clock{now: time.Now}},
	} {
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for i := range 100 {
					p.Set(i, 100, "")
				}
			})
		}
		workers.Wait()
		p.Done()
	}
}
