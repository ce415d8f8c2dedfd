//go:build unix

package external

import (
	"os/exec"
	"syscall"
)

// group puts a command into its own process group. So terminate and kill reach
// its children, and a signal from the terminal to csdm, which then ends in
// order, does not reach the program. Where the system supports it, the program
// is killed together with csdm.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

// terminate sends SIGTERM to the group of a started command that has not been
// waited for.
func terminate(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // fails only if it has ended, as wanted
}

// kill kills the group of a started command that has not been waited for.
func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // fails only if it has ended, as wanted
}
