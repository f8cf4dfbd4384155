package s3test

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel end the server when the test is killed, where no cleanup
// runs.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
