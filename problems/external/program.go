package external

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"csdm/internal/cli"
	"csdm/internal/disk"
)

const (
	maxAnswer = 64 << 10        // size of a line of the program
	maxBanner = 64 << 10        // size of the lines before its first answer
	grace     = 2 * time.Second // time for a program to end after its input has ended
	// for children that still hold the standard error of an ended program
	waitDelay = 500 * time.Millisecond
)

// ProgramError reports how a program failed.
type ProgramError struct {
	Command string
	What    string // such as "gave no answer within 1m0s and was killed"
	Stderr  string // the last lines of its standard error
}

// Error names the command and its fault, and repeats the end of its standard
// error.
func (e *ProgramError) Error() string {
	text := e.Command + " " + e.What
	if e.Stderr != "" {
		text += "; the last it printed to standard error:\n  " +
			strings.ReplaceAll(e.Stderr, "\n", "\n  ")
	}
	return text
}

// program manages the external program for one goroutine. At most one process
// runs at a time; a request starts it if none runs. Arrays are exchanged
// through two files in a separate folder.
type program struct {
	command    []string
	dir        string // working directory of the program
	timeout    time.Duration
	csv        bool
	rows, cols int

	folder  string     // "" until it is made
	lock    *disk.File // lock of folder, see makeFolder
	x, y    string     // paths in folder
	next    uint64     // id of the next request
	process *process   // nil if none runs
}

// process is a running program.
type process struct {
	cmd    *exec.Cmd
	in     *os.File
	out    *os.File
	reader *bufio.Reader // reads from out
	stderr *tail

	answered bool // the program has printed a line that may be an answer
}

// request is a line to the program; see the package documentation.
type request struct {
	ID    uint64  `json:"id"`
	Seed  *uint64 `json:"seed,omitempty"`
	Index *uint64 `json:"index,omitempty"`
	X     string  `json:"x"`
	Y     string  `json:"y"`
}

// answer is a line from the program.
type answer struct {
	ID    *uint64 `json:"id"`
	Error string  `json:"error"`
}

func newProgram(d *Definition, section *Program) *program {
	timeout, err := time.ParseDuration(section.Timeout)
	if err != nil {
		panic("external: " + err.Error()) // Read has checked it
	}
	command := append([]string(nil), section.Command...)
	if strings.ContainsRune(command[0], filepath.Separator) && !filepath.IsAbs(command[0]) {
		command[0] = filepath.Join(d.folder, command[0])
	}
	return &program{command: command, dir: d.folder, timeout: timeout,
		csv: section.Files == "csv", rows: d.Rows, cols: d.Cols}
}

// prepare makes the folder for the files.
func (p *program) prepare() (err error) {
	if p.folder != "" {
		return nil
	}
	if p.folder, p.lock, err = makeFolder(); err != nil {
		return err
	}
	ext := ".npy"
	if p.csv {
		ext = ".csv"
	}
	p.x, p.y = filepath.Join(p.folder, "x"+ext), filepath.Join(p.folder, "y"+ext)
	return nil
}

// call sends a request to the program and waits for the answer. It first
// removes the files that the program is to write.
func (p *program) call(r request) error {
	if err := p.prepare(); err != nil {
		return err
	}
	stale := []string{p.y}
	if r.Index != nil {
		stale = append(stale, p.x)
	}
	for _, path := range stale {
		if err := disk.RemoveAll(path); err != nil {
			return err
		}
	}
	r.ID, r.X, r.Y = p.next, p.x, p.y
	p.next++
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if p.process == nil {
		if err := p.start(); err != nil {
			return err
		}
	}
	q := p.process
	timer := time.AfterFunc(p.timeout, func() {
		kill(q.cmd)
		q.out.Close() // a child out of reach may hold the other end
	})
	// A program that does not read its input is killed in the end.
	_, writeErr := q.in.Write(append(line, '\n'))
	text, readErr := q.answer()
	inTime := timer.Stop()
	if err := stopped(); err != nil && readErr != nil {
		_ = p.fail("was ended", nil) // the caller gets the cause of the stop
		return err
	}
	switch {
	case !inTime:
		return p.fail(fmt.Sprintf("gave no answer within %v and was killed", p.timeout), nil)
	case errors.Is(readErr, bufio.ErrBufferFull):
		return p.fail(fmt.Sprintf("answers in a line of more than %d bytes", maxAnswer), nil)
	case errors.Is(readErr, errBanner):
		last := strings.TrimSpace(string(text))
		return p.fail(fmt.Sprintf("printed %d bytes to standard output that are not JSON before "+
			"its first answer; the last of them: %.200q", maxBanner, last), nil)
	case errors.Is(readErr, io.EOF):
		if cut := strings.TrimSpace(string(text)); cut != "" {
			return p.fail(fmt.Sprintf("ended within its answer %.200q", cut), nil)
		}
		return p.ended()
	case readErr != nil:
		return p.fail("cannot be read from: "+readErr.Error(), nil)
	}
	var a answer
	switch err := json.Unmarshal(text, &a); {
	case err != nil:
		return p.fail(fmt.Sprintf("answers %.200q, which is not a JSON object with id (and "+
			"error): %v", strings.TrimSpace(string(text)), err), nil)
	case a.ID == nil || *a.ID != r.ID:
		return p.fail(fmt.Sprintf("answers %.200q to request %d, whose id it must repeat",
			strings.TrimSpace(string(text)), r.ID), nil)
	case writeErr != nil:
		return p.fail("does not read its requests: "+writeErr.Error(), nil)
	case a.Error != "":
		return &ProgramError{Command: p.String(),
			What: fmt.Sprintf("answers: %.1000s", printable(a.Error)), Stderr: q.stderr.lines()}
	}
	return nil
}

// errBanner reports that a program prints too much before its first answer.
var errBanner = errors.New("external: too much before the first answer")

// answer reads the next line. Before the first answer it skips lines that are
// not JSON objects, up to maxBanner bytes, because many programs print a
// banner.
func (q *process) answer() ([]byte, error) {
	for skipped := 0; ; {
		text, err := q.reader.ReadSlice('\n')
		if err != nil || q.answered {
			return text, err
		}
		if json.Valid(text) || bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
			q.answered = true
			return text, nil
		}
		if skipped += len(text); skipped > maxBanner {
			return text, errBanner
		}
	}
}

// start starts the program.
func (p *program) start() error {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, theirIn.Close(), in.Close())
	}
	q := &process{cmd: exec.Command(p.command[0], p.command[1:]...), in: in, out: out,
		reader: bufio.NewReaderSize(out, maxAnswer), stderr: &tail{}}
	q.cmd.Dir, q.cmd.Stdin, q.cmd.Stdout, q.cmd.Stderr, q.cmd.WaitDelay = p.dir, theirIn, theirOut,
		q.stderr, waitDelay
	group(q.cmd)
	startErr := q.begin()
	err = errors.Join(theirIn.Close(), theirOut.Close())
	if startErr != nil && stopped() != nil {
		return errors.Join(startErr, err, in.Close(), out.Close())
	} else if startErr != nil {
		return cli.Config(fmt.Errorf("external: program.command: %w",
			errors.Join(startErr, err, in.Close(), out.Close())))
	}
	p.process = q
	return err
}

// fail ends the process, if one runs, and returns a *ProgramError about it.
func (p *program) fail(what string, cause error) error {
	if cause != nil {
		what += ": " + cause.Error()
	}
	e := &ProgramError{Command: p.String(), What: what}
	if q := p.process; q != nil {
		kill(q.cmd)
		q.end(0)
		p.process, e.Stderr = nil, q.stderr.lines()
	}
	return e
}

// ended returns an error that states how the process, which has closed its
// output, ended.
func (p *program) ended() error {
	q := p.process
	how := "ended before it answered"
	if err := q.end(grace); err != nil {
		how += ": " + err.Error()
	}
	p.process = nil
	return &ProgramError{Command: p.String(), What: how, Stderr: q.stderr.lines()}
}

// end closes the process's input and waits for its end. It kills a process that
// takes longer than patience, if patience is positive.
func (q *process) end(patience time.Duration) error {
	q.in.Close()
	if patience > 0 {
		timer := time.AfterFunc(patience, func() { kill(q.cmd) })
		defer timer.Stop()
	}
	err := q.cmd.Wait()
	q.forget()
	q.out.Close()
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}

// close ends the process and removes the files.
func (p *program) close() error {
	if p.process != nil {
		_ = p.process.end(grace) // no more requests follow
		p.process = nil
	}
	if p.folder == "" {
		return nil
	}
	folder, lock := p.folder, p.lock
	p.folder, p.lock = "", nil
	return errors.Join(disk.RemoveAll(folder), lock.Close())
}

// String returns the command line.
func (p *program) String() string { return strings.Join(p.command, " ") }
