package postgresstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// batchBytes bounds what is sent before answers are read.
	batchBytes = 4 << 20
	// answerTimeout bounds the wait for them.
	answerTimeout = 15 * time.Second

	inMemory = `SET LOCAL synchronous_commit = off`
)

// notMoved is that the task's row is not as it should be.
type notMoved string

func (e notMoved) Error() string { return string(e) }

const errNotMoved = notMoved("the task stands elsewhere")

// outgoing is a transaction whose statements go out many at a time. One goroutine uses it.
type outgoing struct {
	tx    pgx.Tx
	batch *pgx.Batch
	bytes int
	moved bool
}

// begin begins a transaction that does not wait for the disk.
func (b *Backend) begin(ctx context.Context) (*outgoing, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	tx, err := b.pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	o := &outgoing{tx: tx, batch: &pgx.Batch{}}
	o.batch.Queue(inMemory)
	return o, nil
}

// moving queues the statement that must change one row, else nothing is committed.
func (o *outgoing) moving(sql string, args ...any) {
	o.batch.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
		if o.moved = tag.RowsAffected() == 1; !o.moved {
			return errNotMoved
		}
		return nil
	})
}

// queue adds a statement of about so many bytes. What it is given must stay as it is until flush.
func (o *outgoing) queue(ctx context.Context, bytes int, sql string, args ...any) error {
	o.batch.Queue(sql, args...)
	if o.bytes += bytes; o.bytes < batchBytes {
		return nil
	}
	return o.flush(ctx)
}

// flush sends what is queued and reads the answers.
func (o *outgoing) flush(ctx context.Context) error {
	if o.batch.Len() == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	err := o.tx.SendBatch(ctx, o.batch).Close()
	o.batch, o.bytes = &pgx.Batch{}, 0
	return err
}

// commit sends the rest and ends the transaction.
func (o *outgoing) commit(ctx context.Context) error {
	if err := o.flush(ctx); err != nil {
		o.rollback(ctx)
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return o.tx.Commit(ctx)
}

// rollback ends the transaction without a trace.
func (o *outgoing) rollback(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	_ = o.tx.Rollback(ctx) // an error is on its way already; where the connection is gone the server does it
}
