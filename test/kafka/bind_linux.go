package kafka

import (
	"os/exec"
	"syscall"
)

// bindToParent makes the kernel kill the child when its parent is gone, however it went: a test that times out leaves no broker behind.
func bindToParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
