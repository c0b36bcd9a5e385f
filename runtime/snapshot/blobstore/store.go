package blobstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // a driver: it registers its scheme with the library
	_ "gocloud.dev/blob/fileblob"  // a driver
	_ "gocloud.dev/blob/gcsblob"   // a driver
	_ "gocloud.dev/blob/memblob"   // a driver
	_ "gocloud.dev/blob/s3blob"    // a driver
	"gocloud.dev/gcerrors"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// Store is a snapshot.Blobs in a bucket or a folder. It is safe for concurrent use.
type Store struct {
	bucket *blob.Bucket
	shown  string
}

// Open returns the store of a URL. Nothing is read or written yet, but for a folder, which is made.
func Open(ctx context.Context, url string) (*Store, error) {
	at, err := parse(url)
	if err != nil {
		return nil, err
	}
	bucket, err := blob.OpenBucket(ctx, at.bucket)
	if err != nil {
		why := strings.ReplaceAll(err.Error(), at.bucket, at.shown) // what was written behind a question mark is not for logs
		return nil, fault.New(fault.User, fault.Place{}, "open the blob store %s: %s", at.shown, why)
	}
	if at.prefix != "" {
		bucket = blob.PrefixedBucket(bucket, at.prefix)
	}
	return &Store{bucket, at.shown}, nil
}

// Close closes its connections.
func (s *Store) Close() error { return s.wrap(s.bucket.Close(), "close", "") }

// Put writes a blob, whole or not at all.
func (s *Store) Put(ctx context.Context, name string, content []byte) error {
	o := &blob.WriterOptions{ContentType: "application/octet-stream", DisableContentTypeDetection: true}
	return s.wrap(s.bucket.WriteAll(ctx, name, content, o), "write", name)
}

// Get reads a blob of at most maxBytes.
func (s *Store) Get(ctx context.Context, name string, maxBytes int64) ([]byte, error) {
	r, err := s.bucket.NewReader(ctx, name, nil)
	if err != nil {
		return nil, s.wrap(err, "read", name)
	}
	var b bytes.Buffer
	b.Grow(int(min(max(r.Size(), 0), maxBytes)))
	_, err = io.Copy(&b, io.LimitReader(r, maxBytes+1))
	if e := r.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, s.wrap(err, "read", name)
	}
	if int64(b.Len()) > maxBytes {
		return nil, fault.New(fault.Corrupt, fault.InText(name, 0, 0), "it has %d bytes, at most %d were expected", r.Size(), maxBytes)
	}
	return b.Bytes(), nil
}

// List visits the blobs whose names begin with prefix.
func (s *Store) List(ctx context.Context, prefix string, visit func(o snapshot.Object) error) error {
	it := s.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return s.wrap(err, "list", prefix)
		}
		if err := visit(snapshot.Object{Name: o.Key, Size: o.Size, Modified: o.ModTime}); err != nil {
			return err
		}
	}
}

// Delete removes a blob.
func (s *Store) Delete(ctx context.Context, name string) error {
	err := s.bucket.Delete(ctx, name)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return s.wrap(err, "delete", name)
}

// wrap gives an error its kind. The library's messages hold names and answers of the store, and no credentials.
func (s *Store) wrap(err error, doing, name string) error {
	if err == nil {
		return nil
	}
	kind, remedy := fault.Transient, ""
	switch gcerrors.Code(err) { //nolint:exhaustive // the others are the world's
	case gcerrors.NotFound:
		err = errors.Join(fs.ErrNotExist, err)
	case gcerrors.PermissionDenied:
		kind, remedy = fault.User, "allow the worker to read, write, list and delete below the prefix"
	case gcerrors.InvalidArgument:
		kind = fault.User
	}
	f := fault.Wrap(kind, err, "%s %s in %s", doing, name, s.shown)
	if remedy != "" {
		f = f.Do("%s", remedy)
	}
	return f
}
