package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// heap is what every JVM may take.
const heap = "-Xmx2g"

// build runs bench/peers/build.sh, which prints the folder.
func build(ctx context.Context, e *Engine, p Paths, peer string) error {
	script := exec.CommandContext(ctx, filepath.Join(p.Peers, "build.sh"), peer) //nolint:gosec // a script of this project
	script.Stderr = os.Stderr
	out, err := script.Output()
	if err != nil {
		return fmt.Errorf("%s: build.sh: %w", peer, err)
	}
	e.folder = string(bytes.TrimSpace(out))
	e.Version = strings.Split(filepath.Base(e.folder), "-")[1]
	return nil
}

// java returns the command line of a peer: what the run asks for goes into system properties.
func java(e *Engine, r Run, main, state string, options ...string) []string {
	command := append([]string{"java", heap, "-XX:+UseParallelGC"}, options...)
	for _, property := range []struct{ name, value string }{
		{"query", r.Query.Name},
		{"brokers", r.Brokers},
		{"topic", r.Topic},
		{"out", r.Output},
		{"group", r.Group},
		{"commit", strconv.FormatInt(r.CommitInterval.Milliseconds(), 10)},
		{"watermark", strconv.FormatInt(r.Watermark.Milliseconds(), 10)},
		{"parallelism", strconv.Itoa(r.Parallelism)},
		{"compression", r.Compression},
		{"state", state},
		{"folder", r.Folder},
	} {
		command = append(command, "-Dbench."+property.name+"="+property.value)
	}
	classes := strings.Join([]string{filepath.Join(e.folder, "classes"), filepath.Join(e.folder, "conf"), filepath.Join(e.folder, "lib", "*")}, ":")
	return append(command, "-Djava.io.tmpdir="+r.Folder, "-cp", classes, "dev.millrace.bench."+main)
}

func open(packages ...string) []string {
	var options []string
	for _, p := range packages {
		options = append(options, "--add-opens=java.base/"+p+"=ALL-UNNAMED")
	}
	return options
}
