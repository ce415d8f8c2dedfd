package env_test

import (
	"fmt"

	"csdm/env"
)

// An Env that reports nothing, with a hook for saved work.
func ExampleQuiet() {
	e := env.Quiet(2)
	saved := 0
	e.Saved = func() { saved++ }
	e.Progress("training", 1, 10, "loss 0.5") // prints nothing
	e.ReportSaved()
	fmt.Println(e.Threads, "threads,", saved, "state saved")
	// Output: 2 threads, 1 state saved
}

// One line on the machine, as reports show it.
func ExampleCall_Machine() {
	var c env.Call
	c.CPU, c.Cores, c.Platform = "a processor", 4, "linux/amd64"
	fmt.Println(c.Machine())
	// Output: a processor, 4 cores, linux/amd64
}
