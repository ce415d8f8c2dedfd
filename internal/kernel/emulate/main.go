//go:build linux

// Command emulate is the first and only program of an emulated machine. It runs
// the test programs in /tests, each in the folder of its name, with its own
// arguments, and then switches the machine off. run.sh builds the machine;
// README.md has the reasons.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

func main() {
	unix.Mount("dev", "/dev", "devtmpfs", 0, "")
	unix.Mount("proc", "/proc", "proc", 0, "")
	unix.Mount("tmp", "/tmp", "tmpfs", 0, "")
	var flags []string
	for _, arg := range os.Args[1:] { // the kernel also passes its unknown options
		if strings.HasPrefix(arg, "-test.") {
			flags = append(flags, arg)
		}
	}
	programs, _ := filepath.Glob("/tests/*.test")
	status := "ok"
	for _, program := range programs {
		test := exec.Command(program, flags...)
		test.Dir = strings.TrimSuffix(program, ".test")
		test.Stdout, test.Stderr = os.Stdout, os.Stderr
		fmt.Printf("%s %v\n", filepath.Base(program), flags)
		if err := test.Run(); err != nil {
			fmt.Printf("%s: %v\n", filepath.Base(program), err)
			status = "failed"
		}
	}
	fmt.Printf("emulated: %s\n", status)
	unix.IoctlSetInt(1, unix.TCSBRK, 1) // wait for all output
	unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}
