//go:build unix

package external

import (
	"os/exec"
	"syscall"
)

// group puts a command into a process group of its own: kill reaches its children, and what a terminal sends to csdm, which then ends
// in order, does not reach the program.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill kills the group of a started command that has not been waited for.
func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // gone already: as wanted
}
