package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress shows a person the progress of a long loop. Its methods may be
// called from many goroutines.
type Progress interface {
	// Set reports that done of total steps are finished, with a note such as
	// the present loss. It is cheap enough for every step. The first call sets
	// where the loop starts: steps before a resumption do not count towards its
	// speed. A total of zero or less means that the total is unknown.
	Set(done, total int, note string)
	// Done ends the report. Do not call Set after it.
	Done()
}

// NewProgress returns a Progress named title on w, usually os.Stderr. It is a
// bar with the remaining time if w is a terminal, plain lines without carriage
// returns if not, and nothing if quiet.
func NewProgress(w io.Writer, title string, quiet bool) Progress {
	switch {
	case quiet:
		return silent{}
	case isTerminal(w):
		return &bar{w: w, title: title, clock: clock{now: time.Now}}
	}
	return &lines{w: w, title: title, clock: clock{now: time.Now}}
}

// isTerminal reports whether w is a character device other than the null
// device, and can move its cursor.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && !os.SameFile(info, null)
}

type silent struct{}

// Set does nothing.
func (silent) Set(int, int, string) {}

// Done does nothing.
func (silent) Done() {}

// clock measures the time of the steps since the first Set.
type clock struct {
	now   func() time.Time
	begun time.Time
	first int
}

func (c *clock) start(done int) bool {
	if !c.begun.IsZero() {
		return false
	}
	c.begun, c.first = c.now(), done
	return true
}

func (c *clock) elapsed() time.Duration { return c.now().Sub(c.begun) }

// left estimates the remaining time at the mean speed so far; ok is false while
// it is unknown.
func (c *clock) left(done, total int) (left time.Duration, ok bool) {
	if done <= c.first || total <= 0 {
		return 0, false
	}
	perStep := c.elapsed().Seconds() / float64(done-c.first)
	return time.Duration(perStep * float64(max(total-done, 0)) * float64(time.Second)), true
}

// short formats a duration with at most two units.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
}

const (
	redraw = 100 * time.Millisecond // shortest time between two states of the bar
	// Shortest time between lines, except for the first and the last.
	interval = 10 * time.Second
	longest  = time.Minute // longest time between lines while steps are made
)

// lines is the Progress for logs. It prints a line at the start, one for each
// tenth but at most one per interval, at least one per longest, and one at the
// end.
type lines struct {
	mu    sync.Mutex
	w     io.Writer
	title string
	clock
	done, total         int
	note                string
	printed             time.Time
	printedAt, lastLine int // tenths and steps at the last line
}

// Set prints a line at each tenth of the work, but not more often than
// interval, and at least once in longest.
func (l *lines) Set(done, total int, note string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done, l.total, l.note = done, total, note
	if l.start(done) {
		l.print()
		return
	}
	since := l.now().Sub(l.printed)
	if since >= longest || since >= interval && l.tenths() > l.printedAt {
		l.print()
	}
}

// Done prints the last state, unless Set has printed it.
func (l *lines) Done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun.IsZero() && l.done != l.lastLine {
		l.print()
	}
}

func (l *lines) tenths() int {
	if l.total <= 0 {
		return 0
	}
	return int(10 * float64(l.done) / float64(l.total))
}

func (l *lines) print() {
	l.printed, l.printedAt, l.lastLine = l.now(), l.tenths(), l.done
	text := fmt.Sprintf("%s: %d", l.title, l.done)
	if l.total > 0 {
		text += fmt.Sprintf("/%d (%.0f %%)", l.total, 100*float64(l.done)/float64(l.total))
	}
	if l.done > l.first {
		text += ", " + short(l.elapsed())
	}
	if left, ok := l.left(l.done, l.total); ok && l.done < l.total {
		text += ", " + short(left) + " left"
	}
	if l.note != "" {
		text += ", " + l.note
	}
	fmt.Fprintln(l.w, text)
}

// bar is the Progress for terminals.
type bar struct {
	mu    sync.Mutex
	w     io.Writer
	title string
	clock
	bar   *progressbar.ProgressBar
	drawn time.Time
}

// Set draws the bar. The first call begins the clock of the estimate.
func (b *bar) Set(done, total int, note string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.start(done) {
		// The library's own estimate counts resumed steps as work of this run,
		// so the text has our estimate.
		b.bar = progressbar.NewOptions(max(total, -1), progressbar.OptionSetWriter(b.w),
			progressbar.OptionFullWidth(),
			progressbar.OptionThrottle(0), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(false), progressbar.OptionUseANSICodes(true))
	} else if now.Sub(b.drawn) < redraw && done < total {
		return
	}
	b.drawn = now
	text := b.title
	if left, ok := b.left(done, total); ok && done < total {
		text += " " + short(left) + " left"
	} else if ok {
		text += " " + short(b.elapsed())
	}
	if note != "" {
		text += " " + note
	}
	b.bar.Describe(text)
	if done < total || total <= 0 {
		_ = b.bar.Set(done) // a bar that cannot be drawn is not an error
	} else {
		_ = b.bar.Finish()
	}
}

// Done ends the line of the bar.
func (b *bar) Done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		fmt.Fprintln(b.w)
		b.bar = nil
	}
}
