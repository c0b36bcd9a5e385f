// Command blobs has a blob store for a worker, which starts it where snapshots are on and asks it over standard input and output. It
// is a program of its own because of its size; nobody else runs it.
//
//	blobs s3://BUCKET/PREFIX
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	_ "golang.org/x/crypto/x509roots/fallback" // the public authorities, where the system names none: images hold nothing but programs

	"github.com/millrace/millrace/runtime/snapshot/blobstore"
	"github.com/millrace/millrace/runtime/snapshot/remote"
)

// stream is standard input and output.
type stream struct{}

// Read reads what the worker asks.
func (stream) Read(b []byte) (int, error) { return os.Stdin.Read(b) }

// Write answers.
func (stream) Write(b []byte) (int, error) { return os.Stdout.Write(b) }

// Close ends both.
func (stream) Close() error { return errors.Join(os.Stdin.Close(), os.Stdout.Close()) }

func main() {
	const statusUser, statusWorld = 2, 1
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: blobs URL; a worker starts it, see worker --help")
		os.Exit(statusUser)
	}
	ctx, stop := context.WithCancel(context.Background())
	store, failed := blobstore.Open(ctx, os.Args[1])
	err := remote.Serve(ctx, store, failed, stream{})
	stop()
	if failed == nil {
		err = errors.Join(err, store.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "blobs:", err)
		os.Exit(statusWorld)
	}
}
