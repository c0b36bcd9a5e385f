package blobstore

import (
	"net/url"
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
)

// schemes are what the library has drivers for here.
func schemes() []string { return []string{"s3", "gs", "azblob", "file", "mem"} }

// location is a store's URL, taken apart for the library, which knows buckets, and prefixes only beside them.
type location struct {
	bucket string // URL
	prefix string // of names; empty, or ends in "/"
	shown  string // in messages
}

// parse reads SCHEME://BUCKET/PREFIX?OPTIONS, or file:///FOLDER.
func parse(text string) (location, error) {
	u, err := url.Parse(text)
	if err != nil {
		return location{}, refused("it can't be read") // the library's error would repeat it, and what secrets it may hold
	}
	if !slices.Contains(schemes(), u.Scheme) {
		return location{}, refused("its scheme is none of " + strings.Join(schemes(), ", "))
	}
	if u.User != nil {
		return location{}, refused("it holds a user or a password")
	}
	shown := u.Scheme + "://" + u.Host + u.Path
	query := u.Query()
	if u.Scheme == "file" {
		if u.Host != "" || !strings.HasPrefix(u.Path, "/") {
			return location{}, refused("a folder is written file:///folder")
		}
		// A temporary file elsewhere could be on another disk; the sidecar files with attributes are of no use here.
		query.Set("create_dir", "true")
		query.Set("no_tmp_dir", "true")
		query.Set("metadata", "skip")
		u.RawQuery = query.Encode()
		return location{bucket: u.String(), shown: shown}, nil
	}
	if u.Host == "" && u.Scheme != "mem" {
		return location{}, refused("it names no bucket")
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	u.Path = ""
	return location{bucket: u.String(), prefix: prefix, shown: shown}, nil
}

func refused(why string) error {
	return fault.New(fault.User, fault.Place{}, "the URL of a blob store is refused: %s", why).
		Do("write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or file:///FOLDER; credentials come from the environment or the pod's identity")
}
