//go:build linux

// Command emulate is the first and only program of an emulated machine: it runs the test programs in /tests, each in the folder of its
// name, with the arguments it was given, and switches the machine off. run.sh builds the machine; README.md says why.
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
	for _, arg := range os.Args[1:] { // what the kernel doesn't know comes along
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
	unix.IoctlSetInt(1, unix.TCSBRK, 1) // wait until all of it is out
	unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}
