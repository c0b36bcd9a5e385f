package savepoints

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/blobstore"
)

// Layout is how results are printed.
type Layout string

// The layouts.
const (
	Table Layout = "table"
	JSON  Layout = "json"
)

// Options say where savepoints are and which is meant.
type Options struct {
	// URL is that of the blob store.
	URL string
	// Job is the prefix of the job's names on Kafka; empty is all jobs.
	Job string
	// ID is the savepoint's; List does not look at it.
	ID string
	// Layout is how the result is printed.
	Layout Layout
	// Files shows the files of each operator, too.
	Files bool
	// Stdout takes the result, Stderr what goes on.
	Stdout, Stderr io.Writer
}

// with opens the store for a function.
func (o *Options) with(ctx context.Context, do func(blobs snapshot.Blobs) error) error {
	if err := o.check(); err != nil {
		return err
	}
	store, err := blobstore.Open(ctx, o.URL)
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}

// check looks at what was written on the command line. A folder that is not there is a mistake: a store would make it.
func (o *Options) check() error {
	if o.URL == "" {
		return fault.New(fault.User, fault.InField("--url"), "says where the savepoints are, and is missing").
			Do("write --url s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or file:///FOLDER")
	}
	if o.Layout != Table && o.Layout != JSON {
		return fault.New(fault.User, fault.InField("--output"), "is table or json, not %q", o.Layout)
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "file" {
		return nil //nolint:nilerr // the store says what is wrong with it
	}
	if _, err := os.Stat(u.Path); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.User, fault.InField("--url"), "there is no folder %s", u.Path)
	}
	return nil
}

// find returns the savepoint that is meant. Without a job it is looked for in all of them.
func (o *Options) find(ctx context.Context, blobs snapshot.Blobs) (*savepoint.Manifest, error) {
	if o.Job != "" {
		return savepoint.ReadManifest(ctx, blobs, o.Job, o.ID)
	}
	if err := savepoint.CheckID(o.ID); err != nil {
		return nil, err
	}
	list, err := savepoint.List(ctx, blobs, "")
	if err != nil {
		return nil, err
	}
	var jobs []string
	var found savepoint.Entry
	for _, e := range list {
		if e.ID == o.ID {
			jobs, found = append(jobs, e.Job), e
		}
	}
	switch len(jobs) {
	case 0:
		return nil, fault.New(fault.User, fault.Place{}, "there is no savepoint %s", o.ID).Do("`millrace savepoint list --url %s` shows those there are", shown(o.URL))
	case 1:
		return found.Manifest, found.Err
	default:
		return nil, fault.New(fault.User, fault.Place{}, "savepoint %s is there for several jobs: %s", o.ID, strings.Join(jobs, ", ")).Do("say which by --job")
	}
}

// shown is a URL without what is behind a question mark, which may be secret.
func shown(text string) string {
	text, _, _ = strings.Cut(text, "?")
	return text
}

func (o *Options) printJSON(v any) error {
	e := json.NewEncoder(o.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
