package external

import (
	"strings"
	"sync"
	"unicode"
)

// Limits for the part of standard error that is kept and shown.
const (
	maxTail  = 8 << 10 // bytes
	maxLines = 12
	maxWidth = 400 // bytes per line
)

// tail is a writer that keeps the end of its input.
type tail struct {
	mu   sync.Mutex
	data []byte
	cut  bool // something before data has been dropped
}

// Write implements io.Writer. It never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if n > maxTail {
		p, t.data, t.cut = p[n-maxTail:], t.data[:0], true
	}
	if over := len(t.data) + len(p) - maxTail; over > 0 {
		t.data, t.cut = append(t.data[:0], t.data[over:]...), true
	}
	t.data = append(t.data, p...)
	return n, nil
}

// lines returns the last lines, without control characters that could confuse a
// terminal.
func (t *tail) lines() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.data)), "\n")
	if t.cut && len(lines) > 1 {
		lines = lines[1:] // the first line is incomplete
	}
	lines = lines[max(0, len(lines)-maxLines):]
	for i, line := range lines {
		if len(line) > maxWidth {
			lines[i] = line[:maxWidth] + " …"
		}
	}
	return printable(strings.Join(lines, "\n"))
}

// printable drops control characters except line ends.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
