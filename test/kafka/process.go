package kafka

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// stopSignal asks a broker to close its logs and leave.
const stopSignal = syscall.SIGTERM

// process is a running JVM and the goroutine that waits for it.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

// launch runs java. It dies with this process, also when that is killed: see bindToParent.
func launch(ctx context.Context, arguments []string, log *os.File) (*process, error) {
	// the broker outlives the start's context, which bounds the waiting alone
	command := exec.CommandContext(context.WithoutCancel(ctx), "java", arguments...)
	command.Stdout, command.Stderr = log, log
	bindToParent(command)
	p := &process{command: command, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel ties the child to the thread that made it, so that thread stays until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait()
		}
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("test kafka: start java: %w (on Debian run test/setup.sh as root)", err)
	}
	return p, nil
}

// end signals the process and waits; one that is still there after patience is killed, and that is an error.
func (p *process) end(signal os.Signal, patience time.Duration) error {
	_ = p.command.Process.Signal(signal) // it may have ended by itself
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.ended:
		return nil
	case <-timer.C:
		_ = p.command.Process.Kill()
		<-p.ended
		return fmt.Errorf("test kafka: the broker had to be killed: it did not stop within %v", patience)
	}
}
