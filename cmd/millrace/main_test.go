package main

import (
	"bytes"
	"strings"
	"testing"
)

// The same program is millrace and kubectl's plugin; the help says what was typed.
func TestTheHelpSaysHowTheProgramIsCalled(t *testing.T) {
	for program, want := range map[string][2]string{
		"/usr/bin/millrace":               {"  millrace lag JOB [flags]", "  millrace lag delays"},
		"/usr/local/bin/kubectl-millrace": {"  kubectl millrace lag JOB [flags]", "  kubectl millrace lag delays"},
	} {
		c := root(program)
		var out bytes.Buffer
		c.SetOut(&out)
		c.SetArgs([]string{"lag", "--help"})
		if err := c.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, line := range want {
			if !strings.Contains(out.String(), "\n"+line+"\n") {
				t.Errorf("%s: no line %q in\n%s", program, line, &out)
			}
		}
	}
}

// A name that is no subcommand is that of a StreamJob, and every command takes kubectl's flags.
func TestCommandsAboutACluster(t *testing.T) {
	c := root("millrace")
	for _, name := range []string{"status", "logs", "plan", "scale", "lag", "report", "savepoint", "savepoints"} {
		sub, _, err := c.Find([]string{name, "delays"})
		if err != nil || sub.Name() != name {
			t.Fatalf("%s: %v", name, err)
		}
		for _, flag := range []string{"namespace", "context", "kubeconfig"} {
			if sub.Flags().Lookup(flag) == nil {
				t.Errorf("%s has no --%s", name, flag)
			}
		}
	}
	for _, args := range [][]string{{"scale", "delays"}, {"scale", "delays", "many"}, {"status", "a", "b"}, {"status", "a", "-A"}, {"lag", "delays", "--nothing"}, {"savepoint", "a", "b"}} {
		c := root("millrace")
		c.SetArgs(append(args, "--server", "http://127.0.0.1:1"))
		if err := c.ExecuteContext(t.Context()); status(err) != exitUser {
			t.Errorf("%v: %v", args, err)
		}
	}
}
