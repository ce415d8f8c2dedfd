package run

import (
	"fmt"

	"csdm/internal/cli"
)

// Call is one invocation of the program: what run.json and result files say of
// their origin.
type Call struct {
	Command string `json:"command"`
	Threads int    `json:"threads"`
	cli.Provenance
}

// machine describes what the call ran on, in a line.
func (c *Call) machine() string {
	return fmt.Sprintf("%s, %d cores, %s", c.CPU, c.Cores, c.Platform)
}

// program names what was called.
func (c *Call) program() string { return "csdm " + c.Source() }

// Env is what work has at hand and what its results do not depend on. Time
// limits are the context's.
type Env struct {
	Call

	// MaxFailed is how many pairs of a dataset the forward model may fail at,
	// in percent.
	MaxFailed float64

	// Progress is told of work under way: done of total of the named stage,
	// with a short note. Never nil.
	Progress func(stage string, done, total int, note string)
	// Note is told what the user should know, a line at a time. Never nil.
	Note func(line string)
	// Saved, if not nil, is told when work is safe on disk that the same call
	// resumes from.
	Saved func()
}

// saved says that work is safe.
func (e *Env) saved() {
	if e.Saved != nil {
		e.Saved()
	}
}

// Quiet returns an Env with that many threads that reports nothing.
func Quiet(threads int) Env {
	return Env{Call: Call{Threads: threads}, Progress: func(string, int, int, string) {},
		Note: func(string) {}}
}
