package external

import "syscall"

// endWithParent makes the kernel kill a child when the thread that started it
// ends, for instance when csdm is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
