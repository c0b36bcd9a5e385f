package killpoints

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// reads are the requests that change nothing on a broker. Any other one is an effect, also one that nobody has thought of.
var reads = map[kmsg.Key]bool{
	kmsg.ApiVersions: true, kmsg.Metadata: true, kmsg.FindCoordinator: true, kmsg.Fetch: true, kmsg.ListOffsets: true, kmsg.OffsetFetch: true,
	kmsg.DescribeGroups: true, kmsg.ListGroups: true, kmsg.DescribeConfigs: true, kmsg.DescribeCluster: true, kmsg.ListTransactions: true,
	kmsg.DescribeTransactions: true, kmsg.DescribeProducers: true, kmsg.OffsetForLeaderEpoch: true, kmsg.DescribeACLs: true,
	kmsg.SASLHandshake: true, kmsg.SASLAuthenticate: true, kmsg.DescribeTopicPartitions: true,
}

// dial connects an operator to a broker. A dead one finds out after a while: a client that asks again at once would let fake time stand still.
func (h *hand) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if h.isDead() {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
		return nil, errDead
	}
	up, err := h.dialer(ctx, network, address)
	if err != nil {
		return nil, err
	}
	client, down := net.Pipe()
	h.mu.Lock()
	if h.conns != nil {
		h.conns[down] = true
	}
	h.mu.Unlock()
	go func() {
		defer func() { _, _ = up.Close(), down.Close() }()
		for h.carry(down, up) == nil {
		}
		h.mu.Lock()
		delete(h.conns, down)
		h.mu.Unlock()
	}()
	return client, nil
}

// carry lets one request through, and its answer.
func (h *hand) carry(down, up net.Conn) error {
	frame, err := readFrame(down)
	if err != nil {
		return err
	}
	if h.isDead() {
		return errDead
	}
	var answer []byte
	forward := func() error {
		if _, err := up.Write(frame); err != nil {
			return err
		}
		answer, err = readFrame(up)
		return err
	}
	key, what, err := describe(frame)
	switch {
	case err != nil:
		return err
	case reads[key]:
		err = forward()
	default:
		h.mu.Lock()
		site := h.site
		h.mu.Unlock()
		err = h.do(site+": "+what, forward)
	}
	if err != nil {
		return err
	}
	_, err = down.Write(answer)
	return err
}

// describe names a request, and says what it is about where that tells it from others of its kind.
func describe(frame []byte) (kmsg.Key, string, error) {
	r := kbin.Reader{Src: frame[4:]}
	key := kmsg.Key(r.Int16())
	version := r.Int16()
	_, _ = r.Int32(), r.NullableString() // correlation, client
	name := key.Name()
	if key != kmsg.InitProducerID {
		return key, name, nil
	}
	request := kmsg.RequestForKey(int16(key))
	request.SetVersion(version)
	if request.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	if err := request.ReadFrom(r.Src); err != nil {
		return key, name, fmt.Errorf("%s: %w", name, err)
	}
	if init, ok := request.(*kmsg.InitProducerIDRequest); ok && init.TransactionalID != nil {
		name += " " + (*init.TransactionalID)[strings.LastIndexByte(*init.TransactionalID, '.')+1:]
	}
	return key, name, nil
}

func readFrame(r io.Reader) ([]byte, error) {
	const most = 64 << 20
	size := make([]byte, 4)
	if _, err := io.ReadFull(r, size); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size)
	if n < 4 || n > most {
		return nil, fmt.Errorf("a frame of %d bytes", n)
	}
	frame := make([]byte, 4+n)
	copy(frame, size)
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}
