package program

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot/remote"
	"github.com/millrace/millrace/runtime/worker"
)

// blobsPatience is how long the process of the blob store has for what it is doing when it is told to end.
const blobsPatience = 5 * time.Second

// blobStores opens the stores of snapshots and of savepoints, those that there are. closeStores ends them, and may be called
// either way.
func (s *settings) blobStores(ctx context.Context) (copies worker.Snapshots, saves worker.Savepoints, closeStores func(log *slog.Logger), err error) {
	var open []*remote.Client
	closeStores = func(log *slog.Logger) {
		for _, store := range open {
			if err := store.Close(); err != nil {
				log.Warn("a blob store was not closed", "cause", err)
			}
		}
	}
	saves.RestoreFrom, saves.RestoreExactly, saves.DropRemoved = s.restoreFrom, s.restoreExactly, s.dropRemoved
	for _, one := range []struct {
		url string
		use func(store *remote.Client)
	}{
		{s.snapshots, func(store *remote.Client) {
			copies = worker.Snapshots{Blobs: store, Interval: s.snapshotInterval, LeastChangedBytes: s.snapshotLeastBytes}
		}},
		{s.savepoints, func(store *remote.Client) { saves.Blobs, saves.Files = store, s.links.Files }},
	} {
		if one.url == "" {
			continue
		}
		store, err := s.blobStore(ctx, one.url)
		if err != nil {
			return copies, saves, closeStores, err
		}
		open = append(open, store)
		one.use(store)
	}
	return copies, saves, closeStores, nil
}

// blobStore starts the process that has a store.
func (s *settings) blobStore(ctx context.Context, url string) (*remote.Client, error) {
	program := s.blobs
	if program == "" {
		own, err := os.Executable()
		if err != nil {
			return nil, fault.Wrap(fault.Transient, err, "find the worker's own file")
		}
		program = filepath.Join(filepath.Dir(own), "blobs")
	}
	life := context.WithoutCancel(ctx) // ctx ends before the last commit
	return remote.Open(ctx, func() (io.ReadWriteCloser, error) { return startBlobs(life, program, url) })
}

// blobsProcess is the process of the blob store, by its standard input and output.
type blobsProcess struct {
	io.Reader
	io.WriteCloser
	command *exec.Cmd
}

// startBlobs starts the program in a process group of its own: a Ctrl-C at a terminal is the worker's to answer.
func startBlobs(ctx context.Context, program, url string) (io.ReadWriteCloser, error) {
	p := &blobsProcess{command: exec.CommandContext(ctx, program, url)} //nolint:gosec // it is ours, or the user's to name
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.command.Stderr = os.Stderr
	p.command.WaitDelay = blobsPatience
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "start %s", program)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "start %s", program)
	}
	p.WriteCloser, p.Reader = in, out
	if err := p.command.Start(); err != nil {
		return nil, fault.Wrap(fault.User, err, "start the program of the blob store").Do("put %s where it is, or name it with --blobs", program)
	}
	return p, nil
}

// Close ends the process: at the end of its input it ends by itself, and after a while it is killed.
func (p *blobsProcess) Close() error {
	err := p.WriteCloser.Close()
	kill := time.AfterFunc(blobsPatience, func() { _ = p.command.Process.Kill() })
	defer kill.Stop()
	if _, e := io.Copy(io.Discard, p.Reader); e != nil && !errors.Is(e, os.ErrClosed) {
		err = errors.Join(err, e)
	}
	return errors.Join(err, p.command.Wait())
}
