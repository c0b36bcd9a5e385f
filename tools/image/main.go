// Command image makes an OCI image as a docker-archive tar, without a container engine, a registry or a base image:
//
//	image -o bin/worker.tar -name millrace/worker:dev -entrypoint /worker bin/worker:/worker
//
// Each argument SRC:DST is a layer of a file or a folder, so what changes least stands first. The same input gives the same bytes: times are zero,
// owners fixed, names sorted. `ctr images import`, `kind load image-archive` and `docker load` take the result.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "image:", err)
		}
		os.Exit(2)
	}
}

func run(arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	target := flags.String("o", "", "tar to write")
	reference := flags.String("name", "", "name:tag of the image")
	var c contents
	flags.Var((*list)(&c.entrypoint), "entrypoint", "one word of the entrypoint (repeat)")
	flags.Var((*list)(&c.environment), "env", "KEY=VALUE (repeat)")
	flags.Var((*list)(&c.labels), "label", "KEY=VALUE (repeat)")
	flags.StringVar(&c.user, "user", "65532:65532", "numeric user:group, so that runAsNonRoot can be checked")
	flags.StringVar(&c.architecture, "arch", runtime.GOARCH, "architecture of the contents")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	c.layers = flags.Args()
	if *target == "" || *reference == "" || len(c.layers) == 0 {
		return errors.New("needs -o, -name and at least one SRC:DST")
	}
	tag, err := name.NewTag(*reference)
	if err != nil {
		return err
	}
	image, err := c.build()
	if err != nil {
		return err
	}
	// a reader of the tar never sees half of one
	unfinished := *target + ".unfinished"
	if err := tarball.WriteToFile(unfinished, tag, image); err != nil {
		return err
	}
	if err := os.Rename(unfinished, *target); err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, *reference, digest, *target)
	return err
}

// list is a flag that may be given several times.
type list []string

// String shows the values given so far.
func (l *list) String() string { return strings.Join(*l, ",") }

// Set adds one value.
func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}
