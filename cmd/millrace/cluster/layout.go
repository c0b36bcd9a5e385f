package cluster

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/runtime/fault"
)

// Layout is how a result is printed.
type Layout string

// The layouts. Table is for people; JSON and YAML are for programs, and have all there is.
const (
	Table Layout = ""
	Wide  Layout = "wide"
	JSON  Layout = "json"
	YAML  Layout = "yaml"
)

// none stands in a table for what is not known.
const none = "<none>"

// check refuses a layout that a command does not have.
func (l Layout) check(allowed ...Layout) error {
	names := make([]string, 0, len(allowed))
	for _, a := range allowed {
		if l == a {
			return nil
		}
		if a != Table {
			names = append(names, string(a))
		}
	}
	return fault.New(fault.User, fault.InField("--output"), "%q is none of %s", l, strings.Join(names, ", "))
}

// print writes a value as JSON or YAML.
func (l Layout) print(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "    ")
	if err != nil {
		return fault.Wrap(fault.Bug, err, "encode the result")
	}
	if l == YAML {
		if text, err = yaml.JSONToYAML(text); err != nil {
			return fault.Wrap(fault.Bug, err, "encode the result")
		}
	} else {
		text = append(text, '\n')
	}
	_, err = w.Write(text)
	return err
}

// table writes aligned columns, as kubectl does.
type table struct{ *tabwriter.Writer }

func newTable(w io.Writer, head ...string) table {
	t := table{tabwriter.NewWriter(w, 6, 4, 3, ' ', 0)}
	if len(head) > 0 {
		t.row(head...)
	}
	return t
}

func (t table) row(cells ...string) {
	for i := range cells {
		if cells[i] == "" {
			cells[i] = none
		}
	}
	_, _ = fmt.Fprintln(t.Writer, strings.Join(cells, "\t")) // an error comes with Flush
}

// field writes a name with its value, for the view of one thing.
func (t table) field(name, format string, args ...any) {
	_, _ = fmt.Fprintf(t.Writer, "%s:\t%s\n", name, fmt.Sprintf(format, args...))
}

// since is how long ago something was, in kubectl's form.
func since(now, then time.Time) string {
	if then.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(then))
}
