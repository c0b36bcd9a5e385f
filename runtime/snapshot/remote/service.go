package remote

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/rpc"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// name is what the calls are registered under.
const name = "Blobs"

// Service answers the calls of a Client. Its methods have the form that net/rpc asks for. It is safe for concurrent use, as the
// store is.
type Service struct {
	ctx    context.Context //nolint:containedctx // net/rpc hands none on
	blobs  snapshot.Blobs
	failed error
}

// Request is what a call asks for; each uses what it needs.
type Request struct {
	Name     string
	Content  []byte
	MaxBytes int64
}

// Reply is the answer. Failure is nil where all went well: an error of net/rpc would lose its kind.
type Reply struct {
	Content []byte
	Objects []snapshot.Object
	Failure *Failure
}

// Failure is an error on its way.
type Failure struct {
	Kind    fault.Kind
	Text    string
	Missing bool // it is fs.ErrNotExist
}

func failureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	return &Failure{fault.KindOf(err), err.Error(), errors.Is(err, fs.ErrNotExist)}
}

// err is the error again.
func (f *Failure) err() error {
	if f == nil {
		return nil
	}
	if f.Missing {
		return fault.Wrap(f.Kind, missing{f.Text}, "blob store")
	}
	return fault.New(f.Kind, fault.Place{}, "%s", f.Text)
}

// missing is fs.ErrNotExist with the words of the one who said it.
type missing struct{ text string }

func (m missing) Error() string { return m.text }

// Is makes it fs.ErrNotExist.
func (m missing) Is(target error) bool { return target == fs.ErrNotExist }

// Serve answers calls on conn until it ends. Failed is why there is no store, nil when there is one: every call is answered with
// it. Ctx bounds what the calls do.
func Serve(ctx context.Context, blobs snapshot.Blobs, failed error, conn io.ReadWriteCloser) error {
	server := rpc.NewServer()
	if err := server.RegisterName(name, &Service{ctx, blobs, failed}); err != nil {
		return fault.Wrap(fault.Bug, err, "register the calls of a blob store")
	}
	server.ServeConn(conn)
	return nil
}

// Hello says whether there is a store.
func (s *Service) Hello(_ Request, r *Reply) error {
	r.Failure = failureOf(s.failed)
	return nil
}

// Put is snapshot.Blobs'.
func (s *Service) Put(q Request, r *Reply) error {
	return s.do(r, func() error { return s.blobs.Put(s.ctx, q.Name, q.Content) })
}

// Get is snapshot.Blobs'.
func (s *Service) Get(q Request, r *Reply) error {
	return s.do(r, func() (err error) {
		r.Content, err = s.blobs.Get(s.ctx, q.Name, q.MaxBytes)
		return err
	})
}

// List is snapshot.Blobs', all at once.
func (s *Service) List(q Request, r *Reply) error {
	return s.do(r, func() error {
		return s.blobs.List(s.ctx, q.Name, func(o snapshot.Object) error {
			r.Objects = append(r.Objects, o)
			return nil
		})
	})
}

// Delete is snapshot.Blobs'.
func (s *Service) Delete(q Request, r *Reply) error {
	return s.do(r, func() error { return s.blobs.Delete(s.ctx, q.Name) })
}

func (s *Service) do(r *Reply, what func() error) error {
	err := s.failed
	if err == nil {
		err = what()
	}
	r.Failure = failureOf(err)
	return nil
}
