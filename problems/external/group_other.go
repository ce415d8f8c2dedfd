//go:build !unix

package external

import "os/exec"

func group(*exec.Cmd) {}

func terminate(cmd *exec.Cmd) { kill(cmd) } // no gentle way

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // fails only if it has ended, as wanted
}
