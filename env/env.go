package env

import (
	"fmt"

	"csdm/internal/cli"
	"csdm/internal/report"
)

// Call is one invocation of the program. Run folders and result files store it
// as their origin.
type Call struct {
	// command line
	Command string `json:"command"`
	// number of threads
	Threads int `json:"threads"`
	cli.Provenance
}

// Machine describes in one line the machine that the call ran on.
func (c *Call) Machine() string {
	return fmt.Sprintf("%s, %d cores, %s", c.CPU, c.Cores, c.Platform)
}

// Program names the program and its version.
func (c *Call) Program() string { return "csdm " + c.Source() }

// Rows lists the call for the provenance table of a report.
func (c *Call) Rows() []report.KeyValue {
	return []report.KeyValue{
		{Key: "program", Value: c.Program()}, {Key: "toolchain", Value: c.Go},
		{Key: "kernel", Value: c.Kernel}, {Key: "machine", Value: c.Machine()},
		{Key: "threads", Value: fmt.Sprint(c.Threads)}, {Key: "time", Value: c.Time},
	}
}

// Env is the environment of a computation. Time limits belong to the context.
type Env struct {
	Call

	// MaxFailed is the largest share of a dataset's pairs, in percent, for
	// which the forward model may fail.
	MaxFailed float64

	// Progress receives the state of the named stage: done of total, and a
	// short note. It is never nil.
	Progress func(stage string, done, total int, note string)
	// Note receives remarks for the user, one line per call. It is never nil.
	Note func(line string)
	// Saved, if not nil, is called when the work on disk is enough for the same
	// call to resume from it.
	Saved func()
}

// ReportSaved calls Saved if it is set.
func (e *Env) ReportSaved() {
	if e.Saved != nil {
		e.Saved()
	}
}

// Quiet returns an Env with the given number of threads that reports nothing.
func Quiet(threads int) Env {
	return Env{Call: Call{Threads: threads}, Progress: func(string, int, int, string) {},
		Note: func(string) {}}
}
