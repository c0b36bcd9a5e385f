package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/fault"
)

// NewPlainProducer returns a producer without transactions, for one generation of records after the other: Flush, the
// offsets by Member.CommitOffsets, Confirmed. It is idempotent, so that a batch which is sent again is there once; what it has
// sent stays. After an error it is of no use. Name is what its errors call it, and tracked as for NewProducer.
//
// One that holds sends the tracked topics' records with Flush, and all others only with Confirmed. Until then it has them in
// memory, and refuses more than it may hold.
func NewPlainProducer(ctx context.Context, o Options, name string, tracked []string, holds bool) (*Producer, error) {
	p, err := NewProducer(ctx, o, name, tracked)
	if err != nil {
		return nil, err
	}
	p.sender.plain, p.holds = true, holds
	return p, nil
}

// claim asks for a producer id of our own. It fences nobody.
func (p *Producer) claim(ctx context.Context) error {
	p.sender.client = p.client
	return patiently(ctx, func() error {
		req := kmsg.NewPtrInitProducerIDRequest()
		req.ProducerID, req.ProducerEpoch = -1, -1
		resp, err := req.RequestWith(ctx, p.client)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err == nil {
			p.sender.become(resp.ProducerID, resp.ProducerEpoch)
		}
		return err
	})
}

// dispatch sends closed batches, or keeps those that are held back.
func (p *Producer) dispatch(parcels ...*parcel) {
	kept := parcels[:0]
	for _, parcel := range parcels {
		if p.holds && !parcel.box.tracked {
			p.held = append(p.held, parcel)
			p.heldBytes += parcel.bytes
			continue
		}
		kept = append(kept, parcel)
	}
	if len(kept) > 0 {
		p.sender.send(kept...)
	}
}

// full is the error of a producer that may hold no more.
func (p *Producer) full() error {
	if p.heldBytes+p.opened <= DefaultSendingBytes {
		return nil
	}
	return fault.New(fault.User, fault.Place{}, "one step of the job writes more than the %d MiB that are held back until its offsets are committed", DefaultSendingBytes>>20).
		Do("let the job deliver exactly once or at least once: then nothing is held back")
}

// Confirmed begins the next generation of a plain producer, once the offsets of this one are committed. What was held is
// sent, and Confirmed returns when it is written, one record is not, or patience has run out. The rest is then lost.
func (p *Producer) Confirmed(ctx context.Context, patience time.Duration) error {
	if p.holds {
		p.shipAll()
		held := p.held
		p.held, p.heldBytes = nil, 0
		if len(held) > 0 {
			p.sender.send(held...)
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := p.sender.wait(ctx, 0); err != nil {
			return err
		}
	}
	p.begin()
	return nil
}
