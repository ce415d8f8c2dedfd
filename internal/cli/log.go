package cli

import (
	"bytes"
	"io"
	"os"
	"sync"
	"time"
)

// Log returns a writer that puts time and place before each line on f, such as
// stderr of a job. If f is a terminal, it returns f itself.
func Log(f *os.File, place string) io.Writer {
	if isTerminal(f) {
		return f
	}
	return &logWriter{w: f, place: place, now: time.Now}
}

// logWriter writes the lines of each call of Write at once, so that processes
// that share a log file do not mix their lines.
type logWriter struct {
	w     io.Writer
	place string
	now   func() time.Time

	mu     sync.Mutex
	inLine bool // the last write ended within a line
}

// Write puts time and place in front of each line. A line that comes in several
// parts gets them once.
func (l *logWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stamp := l.now().Format(time.RFC3339) + " " + l.place + " "
	var out bytes.Buffer
	for line := range bytes.Lines(p) {
		if !l.inLine {
			out.WriteString(stamp)
		}
		out.Write(line)
		l.inLine = line[len(line)-1] != '\n'
	}
	if _, err := l.w.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Place names this process in a log: the node of the scheduler or else the
// host, and behind a colon the rank, if Slurm started several tasks. getenv is
// os.Getenv.
func Place(getenv func(string) string) string {
	place := getenv("SLURMD_NODENAME")
	if place == "" {
		place, _ = os.Hostname() // an unknown name is empty
	}
	if tasks := getenv("SLURM_STEP_NUM_TASKS"); tasks != "" && tasks != "1" {
		place += ":" + getenv("SLURM_PROCID")
	}
	return place
}
