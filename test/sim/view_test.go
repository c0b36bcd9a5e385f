package sim

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// The leader of the group calls InitProducerId for a worker that is away, on a connection of its own: its answer can be here
// before that to the worker's EndTxn, which the broker has handled first.
func TestMarkersArriveWhenAFenceWasAnsweredBeforeTheEndOfTheTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const id = "w0"
		v := newView(Plan{Marker: func(Txn, string, int32) time.Duration { return time.Second }})
		produce, end, initialise := kmsg.NewPtrProduceRequest(), kmsg.NewPtrEndTxnRequest(), kmsg.NewPtrInitProducerIDRequest()
		v.arrive(id, produce)
		v.after(id, produce, &kmsg.ProduceResponse{Topics: []kmsg.ProduceResponseTopic{{Topic: "t", Partitions: []kmsg.ProduceResponseTopicPartition{{}}}}}, nil)

		v.arrive(id, end)
		v.arrive(id, initialise)
		hs := v.before(id, end)
		v.before(id, initialise)
		v.after(id, initialise, &kmsg.InitProducerIDResponse{}, nil)
		v.after(id, end, &kmsg.EndTxnResponse{}, hs)

		if !v.anyHold() {
			t.Fatal("no marker was held back: the test shows nothing")
		}
		time.Sleep(2 * time.Second)
		if v.anyHold() {
			t.Error("the marker never arrives")
		}
	})
}
