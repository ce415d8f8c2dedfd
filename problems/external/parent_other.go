//go:build unix && !linux

package external

import "syscall"

func endWithParent(*syscall.SysProcAttr) {}
