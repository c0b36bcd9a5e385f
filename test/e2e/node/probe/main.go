// Command probe is what the test cluster runs where it needs a container that is not Millrace's: one static program in an image without a shell.
//
//	probe pause            waits for the end: the process that holds a pod's namespaces, and any pod that only has to be there
//	probe serve            HTTP on :8080: / says the host's name, /count keeps a counter in $DATA/count, /healthz fails after /die
//	probe get URL          prints status and body; api PATH: the same from the API server, as the pod's service account
//	probe dns NAME         prints the addresses
//	probe kill CONTAINER   SIGKILL to process 1 of the container with that id; needs a pod with hostPID
//	probe stop CONTAINER   SIGSTOP to it: it is there and does nothing, until it is killed
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	command, argument := "", ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	if len(os.Args) > 2 {
		argument = os.Args[2]
	}
	if err := run(command, argument, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func run(command, argument string, out io.Writer) error {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	switch command {
	case "pause":
		<-ended
		return nil
	case "serve":
		return serve(ended, out)
	case "get":
		return get(argument, out)
	case "api":
		return api(argument, out)
	case "dns":
		addresses, err := net.LookupHost(argument)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, strings.Join(addresses, " "))
		return err
	case "kill":
		return send(syscall.SIGKILL, "/proc", argument, out)
	case "stop":
		return send(syscall.SIGSTOP, "/proc", argument, out)
	default:
		return fmt.Errorf("unknown command %q: pause, serve, get, api, dns, kill, stop", command)
	}
}
