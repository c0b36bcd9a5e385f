package measure

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is an engine that runs.
type Process struct {
	command *exec.Cmd
	ended   chan struct{}
	err     error // of Wait; read once ended is closed
}

// Start runs a command line with its output going to out. Where the system can, it dies with this process, however that ends.
func Start(args []string, out io.Writer) (*Process, error) {
	command := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // the engine's own command line; Stop ends it
	command.Stdout, command.Stderr = out, out
	command.SysProcAttr = attributes()
	p := &Process{command: command, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel ties the child to the thread that made it, so that thread stays until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			p.err = command.Wait()
		}
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	return p, nil
}

// ID is the operating system's number of the process.
func (p *Process) ID() int { return p.command.Process.Pid }

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Stop asks the process to end, waits, and kills it when it takes longer than patience.
func (p *Process) Stop(patience time.Duration) {
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// Signal sends the process a signal. One that has ended gets none.
func (p *Process) Signal(s os.Signal) error { return p.command.Process.Signal(s) }

// Status says how the process ended.
func (p *Process) Status() string { return p.command.ProcessState.String() }

const ticksPerSecond = 100 // USER_HZ, which Linux promises

// CPUSeconds returns what the process has used, all its threads, user and system.
func CPUSeconds(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// the name, in parentheses, may hold anything
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const user, system = 11, 12
	if len(fields) <= system {
		return 0, errors.New("/proc has no processor time")
	}
	total := 0.0
	for _, field := range []string{fields[user], fields[system]} {
		ticks, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return 0, err
		}
		total += ticks / ticksPerSecond
	}
	return total, nil
}

// PeakRSSBytes returns the most memory that the process has had resident.
func PeakRSSBytes(pid int) (int64, error) { return resident(pid, "VmHWM:") }

// RSSBytes returns the memory that the process has resident now.
func RSSBytes(pid int) (int64, error) { return resident(pid, "VmRSS:") }

func resident(pid int, which string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if size, ok := strings.CutPrefix(line, which); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(size), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, nil // it is ending, and has no memory any more
}
