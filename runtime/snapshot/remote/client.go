package remote

import (
	"context"
	"io"
	"net/rpc"
	"sync"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
)

// Client is a snapshot.Blobs whose store another process has. It starts that process, and another one when it has died. It is safe
// for concurrent use.
//
// A call whose context ends returns at once; what it asked for may still happen. Snapshots allow for that: no blob's name is
// written twice.
type Client struct {
	// start starts the process. What it returns ends it when it is closed, and waits for its end.
	start func() (io.ReadWriteCloser, error)

	mu     sync.Mutex
	conn   *rpc.Client // nil while there is none
	closed bool
}

// Open starts the process, and returns the error that it has with its store.
func Open(ctx context.Context, start func() (io.ReadWriteCloser, error)) (*Client, error) {
	c := &Client{start: start}
	if _, err := c.call(ctx, "Hello", Request{}); err != nil {
		_ = c.Close() // there is an error on its way already
		return nil, err
	}
	return c, nil
}

// Close ends the process.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.conn == nil {
		return nil
	}
	conn := c.conn
	c.conn = nil
	if err := conn.Close(); err != nil {
		return fault.Wrap(fault.Transient, err, "end the process of the blob store")
	}
	return nil
}

// connection is to the process that runs, or to a new one.
func (c *Client) connection() (*rpc.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fault.New(fault.Bug, fault.Place{}, "the blob store is used after it was closed")
	}
	if c.conn == nil {
		stream, err := c.start()
		if err != nil {
			return nil, err
		}
		c.conn = rpc.NewClient(stream)
	}
	return c.conn, nil
}

// broken forgets a process that does not answer any more.
func (c *Client) broken(conn *rpc.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == conn {
		c.conn = nil
	}
	_ = conn.Close() // it is broken
}

func (c *Client) call(ctx context.Context, method string, q Request) (*Reply, error) {
	conn, err := c.connection()
	if err != nil {
		return nil, err
	}
	reply := &Reply{}
	call := conn.Go(name+"."+method, q, reply, make(chan *rpc.Call, 1))
	select {
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Transient, context.Cause(ctx), "ask the blob store")
	case <-call.Done:
	}
	if call.Error != nil {
		c.broken(conn)
		return nil, fault.Wrap(fault.Transient, call.Error, "the process of the blob store has ended")
	}
	return reply, reply.Failure.err()
}

// Put writes a blob, whole or not at all.
func (c *Client) Put(ctx context.Context, name string, content []byte) error {
	_, err := c.call(ctx, "Put", Request{Name: name, Content: content})
	return err
}

// Get reads a blob of at most maxBytes.
func (c *Client) Get(ctx context.Context, name string, maxBytes int64) ([]byte, error) {
	reply, err := c.call(ctx, "Get", Request{Name: name, MaxBytes: maxBytes})
	if err != nil {
		return nil, err
	}
	return reply.Content, nil
}

// List visits the blobs whose names begin with prefix.
func (c *Client) List(ctx context.Context, prefix string, visit func(o snapshot.Object) error) error {
	reply, err := c.call(ctx, "List", Request{Name: prefix})
	if err != nil {
		return err
	}
	for _, o := range reply.Objects {
		if err := visit(o); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a blob.
func (c *Client) Delete(ctx context.Context, name string) error {
	_, err := c.call(ctx, "Delete", Request{Name: name})
	return err
}
