package sim

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// call is a request on its way.
type call struct {
	frame  []byte // as read, with its length
	head   int    // where the body starts in frame
	key    int16
	corr   uint32
	client string
	req    kmsg.Request // nil: of no interest here
	up     net.Conn
	line   *Line // nil: of no process
}

// crash ends the process that sent the request.
func (c *call) crash() {
	if c.line != nil {
		c.line.Kill()
	}
}

func parse(frame []byte) (*call, error) {
	r := kbin.Reader{Src: frame[4:]}
	c := &call{frame: frame, key: r.Int16()}
	version := r.Int16()
	c.corr = uint32(r.Int32())
	if s := r.NullableString(); s != nil {
		c.client = *s
	}
	switch kmsg.Key(c.key) {
	default:
		return c, nil
	case kmsg.Produce, kmsg.Fetch, kmsg.ListOffsets, kmsg.Metadata, kmsg.OffsetFetch, kmsg.InitProducerID,
		kmsg.AddPartitionsToTxn, kmsg.AddOffsetsToTxn, kmsg.EndTxn, kmsg.TxnOffsetCommit, kmsg.OffsetCommit:
	}
	c.req = kmsg.RequestForKey(c.key)
	c.req.SetVersion(version)
	if c.req.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	c.head = len(frame) - len(r.Src)
	if err := c.req.ReadFrom(r.Src); err != nil {
		return nil, fmt.Errorf("request %s v%d: %w", kmsg.Key(c.key).Name(), version, err)
	}
	return c, nil
}

func (c *call) forward() ([]byte, error) { return roundTrip(c.up, c.frame) }

// encodeRequest is the frame with the changed request as its body.
func (c *call) encodeRequest() []byte {
	b := c.req.AppendTo(c.frame[:c.head:c.head])
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

func (c *call) decode(raw []byte) (kmsg.Response, error) {
	resp := c.req.ResponseKind()
	r := kbin.Reader{Src: raw[8:]}
	if resp.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	if err := resp.ReadFrom(r.Src); err != nil {
		return nil, fmt.Errorf("answer to %s: %w", kmsg.Key(c.key).Name(), err)
	}
	return resp, nil
}

func (c *call) encode(resp kmsg.Response) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 4, 512), c.corr)
	if resp.IsFlexible() {
		b = append(b, 0)
	}
	b = resp.AppendTo(b)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// rewrite forwards c and lets fn see and change the answer.
func rewrite[R kmsg.Response](c *call, fn func(R)) ([]byte, error) {
	raw, err := c.forward()
	if err != nil {
		return nil, err
	}
	resp, err := c.decode(raw)
	if err != nil {
		return nil, err
	}
	fn(resp.(R))
	return c.encode(resp), nil
}

func roundTrip(up net.Conn, frame []byte) ([]byte, error) {
	if _, err := up.Write(frame); err != nil {
		return nil, err
	}
	return readFrame(up)
}

func readFrame(r io.Reader) ([]byte, error) {
	frame := make([]byte, 4)
	if _, err := io.ReadFull(r, frame); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(frame)
	if n < 4 || n > 256<<20 {
		return nil, fmt.Errorf("frame of %d bytes", n)
	}
	frame = append(frame[:4:4], make([]byte, n)...)
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}
