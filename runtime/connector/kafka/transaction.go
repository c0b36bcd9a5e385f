package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/fault"
)

// endTxnBumpVersion is the first version of EndTxn that answers with the epoch of the next transaction.
const endTxnBumpVersion = 5

// Commit ends the open transaction with the offsets, and begins the next one when it landed. It must be flushed. At least
// one record must have been emitted: a transaction that no partition is part of can't be ended everywhere.
//
// The client library sends the request for the end again when the connection is lost. That doesn't hide an outcome: a
// broker that has committed answers the repetition as it did the first time (since KIP-890 by the epoch before), and one that has aborted
// meanwhile, or has fenced us, refuses it. Whatever else comes, or doesn't, is Unknown.
func (p *Producer) Commit(ctx context.Context, m *Member, offsets []Committed) (Outcome, error) {
	unanswered, err := p.sender.load()
	switch {
	case err != nil:
		return NotEnded, err
	case p.records == 0:
		return NotEnded, fault.New(fault.Bug, fault.Place{}, "a transaction without a record")
	case p.opened > 0 || unanswered > 0:
		return NotEnded, fault.New(fault.Bug, fault.Place{}, "a commit before the flush: %d bytes are open, %d unanswered", p.opened, unanswered)
	}
	bounded, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	if !p.plants.skipOffsets() {
		if err := p.sendOffsets(bounded, m, offsets); err != nil {
			return NotEnded, err
		}
	}
	if err := p.end(bounded, true); err != nil {
		p.unknown = true
		return Unknown, wrap(err, "end the transaction of %s", p.id)
	}
	p.begin()
	return Landed, nil
}

// Abort ends a transaction that did not land, or one whose outcome is unknown: afterwards it is over, one way or the
// other. An error means that this producer is of no use any more.
func (p *Producer) Abort(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	for _, box := range p.open {
		p.sender.buffers.put(box.open.Memory())
	}
	for _, t := range p.topics {
		t.sticky = nil
	}
	clear(p.open)
	p.open, p.opened, p.refused = p.open[:0], 0, nil
	p.sender.halt(ctx)
	if p.sender.touched || p.unknown {
		if err := p.undo(ctx); err != nil {
			return wrap(err, "abort the transaction of %s", p.id)
		}
	}
	p.begin()
	return nil
}

// undo ends the transaction on the broker, and goes on under another epoch: then what may still be on its way of the old
// one is refused, and sequence numbers begin anew, whatever of the old ones was taken. The epoch that we have goes with
// each request, so that a successor is not fenced by us.
//
//	open               EndTxn(abort) aborts it
//	committed already  EndTxn(abort) is refused: INVALID_TXN_STATE
//	committing         as committed; InitProducerId is told CONCURRENT_TRANSACTIONS until the last marker is written
//	never begun        aborted with version 2, INVALID_TXN_STATE before
//	timed out, fenced  both are refused, and the producer is of no use
//
// With version 2 the answer to EndTxn has the next epoch. Before, and where EndTxn was refused, InitProducerId gives it,
// and takes the epoch before the broker's as a repetition (KIP-360).
func (p *Producer) undo(ctx context.Context) error {
	err := stubbornly(ctx, func() error { return p.end(ctx, false) })
	if err == nil && !p.sender.explicit {
		return nil
	}
	if err != nil && !errors.Is(err, kerr.InvalidTxnState) {
		return err
	}
	return stubbornly(ctx, func() error { return p.initialise(ctx, p.sender.producerID, p.sender.epoch) })
}

// end sends EndTxn until it is answered.
func (p *Producer) end(ctx context.Context, commit bool) error {
	return patiently(ctx, func() error {
		req := kmsg.NewPtrEndTxnRequest()
		req.TransactionalID, req.ProducerID, req.ProducerEpoch, req.Commit = p.id, p.sender.producerID, p.sender.epoch, commit
		resp, err := req.RequestWith(ctx, p.client)
		if err != nil {
			return err
		}
		if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
			return err
		}
		if resp.Version >= endTxnBumpVersion && resp.ProducerID >= 0 {
			p.sender.become(resp.ProducerID, resp.ProducerEpoch)
		}
		return nil
	})
}

// initialise asks for an epoch: for the one after ours, or with -1, -1 for one that fences whoever has the id.
func (p *Producer) initialise(ctx context.Context, producerID int64, epoch int16) error {
	return patiently(ctx, func() error {
		resp, err := initProducerID(ctx, p.client, p.id, producerID, epoch)
		if err == nil {
			p.sender.become(resp.ProducerID, resp.ProducerEpoch)
		}
		return err
	})
}

// patiently repeats a request while its transaction's coordinator is at work, moves, or comes up.
func patiently(ctx context.Context, do func() error) error {
	const slowest = 10 * retryPause
	for wait := retryPause; ; wait = min(2*wait, slowest) {
		err := do()
		code, ok := errors.AsType[*kerr.Error](err)
		if !ok || !retriable(code) || pause(ctx, wait) != nil {
			return err
		}
	}
}

// stubbornly repeats what may be applied twice until a broker answers.
func stubbornly(ctx context.Context, do func() error) error {
	for {
		err := do()
		_, answered := errors.AsType[*kerr.Error](err)
		if err == nil || answered || errors.Is(err, kgo.ErrClientClosed) || pause(ctx, retryPause) != nil {
			return err
		}
	}
}

// fenceTransactions calls InitProducerId for another producer: it is fenced, and its transaction is aborted, or, if its
// end was decided already, completed.
func fenceTransactions(ctx context.Context, client *kgo.Client, transactionalID string) error {
	for {
		_, err := initProducerID(ctx, client, transactionalID, -1, -1)
		if !errors.Is(err, kerr.ConcurrentTransactions) {
			return wrap(err, "fence the transactions of %s", transactionalID)
		}
		if pause(ctx, retryPause) != nil {
			return wrap(err, "fence the transactions of %s", transactionalID)
		}
	}
}
