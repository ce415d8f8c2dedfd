package external

import "syscall"

// endWithParent makes the kernel kill a child when the thread that started it
// ends, as with a csdm that is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
