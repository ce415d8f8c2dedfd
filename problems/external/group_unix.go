//go:build unix

package external

import (
	"os/exec"
	"syscall"
)

// group puts a command into a process group of its own: terminate and kill
// reach its children, and what a terminal sends to csdm, which then ends in
// order, does not reach the program. Where the system can, the program is
// killed when csdm is.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

// terminate asks the group of a started command that has not been waited for to
// end.
func terminate(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // gone already: as wanted
}

// kill kills the group of a started command that has not been waited for.
func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // gone already: as wanted
}
