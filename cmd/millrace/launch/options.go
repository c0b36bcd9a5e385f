package launch

import (
	"io"
	"log/slog"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
)

// Options is what the command line says.
type Options struct {
	// Manifests are files and folders with a StreamJob and what it names; SQL is a file with a query. Exactly one is
	// given.
	Manifests []string
	SQL       string
	// Kafka is a broker's host:port; empty runs the embedded broker.
	Kafka string
	// Inputs are read into topics, Outputs are written from topics. An output without a topic takes the rows of bare
	// SELECTs.
	Inputs, Outputs []Binding
	// StatePassword and StateCA are files with the password and the authorities of the server that the job's state is on;
	// empty means none. In a cluster they are the Secrets that the manifest names.
	StatePassword, StateCA string
	// Parallelism is the number of workers; 0 means what the manifest says, else 1.
	Parallelism int
	// Layout is how rows appear on the standard output; empty means LayoutJSON.
	Layout Layout
	// Changes writes change logs instead of final rows: the kind of each row beside it.
	Changes bool
	// Terminal says whether Stderr is a terminal, so that progress may be drawn.
	Terminal bool

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Logger takes what the workers say.
	Logger *slog.Logger
}

// Layout is how rows appear on the standard output.
type Layout string

// The layouts.
const (
	LayoutJSON  Layout = "json"  // lines of JSON
	LayoutCSV   Layout = "csv"   // under a line of column names
	LayoutTable Layout = "table" // aligned, for people
)

// Binding is TOPIC=FILE.
type Binding struct{ Topic, File string }

// ParseInput reads the value of --input.
func ParseInput(s string) (Binding, error) {
	topic, file, ok := strings.Cut(s, "=")
	if !ok || topic == "" || file == "" {
		return Binding{}, fault.New(fault.User, fault.InField("--input"), "%q is not TOPIC=FILE", s).Do("write --input bids=bids.jsonl")
	}
	return Binding{topic, file}, nil
}

// ParseOutput reads the value of --output; "-" alone is the standard output for bare SELECTs.
func ParseOutput(s string) (Binding, error) {
	topic, file, ok := strings.Cut(s, "=")
	if !ok && s == "-" {
		return Binding{File: "-"}, nil
	}
	if !ok || topic == "" || file == "" {
		return Binding{}, fault.New(fault.User, fault.InField("--output"), "%q is not TOPIC=FILE", s).Do("write --output counts=counts.jsonl, or --output counts=-")
	}
	return Binding{topic, file}, nil
}
