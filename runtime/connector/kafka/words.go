package kafka

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/millrace/millrace/runtime/balance"
)

// What a member says of tasks when it joins, behind an empty piece of what cooperative-sticky would say there:
//
//	0000 | generation (4 bytes) | "mill" | version | flags | number of words | words
//	word: index of the topic among the member's, partition, bits, position
//
// Numbers are varints. bits are 3 of the step, 1 of heavy, 2 of the warmth, 1 of next.
//
// What a member is told of tasks, in its assignment:
//
//	"mill" | version | number of notices | notices
//	notice: length of the topic's name, the name, partition, bits
//
// bits are 3 of the step, 1 of the warm-up, 1 of next.
//
// What is not of a known version, or broken, says nothing: it comes from another version's worker, and without it the group works
// as well.
const (
	userDataMagic   = "mill"
	userDataVersion = 1

	emptySticky = 8 // bytes

	warmsFlag = 1

	stepBits    = 7
	heavyBit    = 1 << 3
	warmthShift = 4
	warmthBits  = 3
	saysNextBit = 1 << 6

	warmUpBit = 1 << 3
	nextBit   = 1 << 4

	// mostWords bounds what is read: more tasks than a job may have.
	mostWords = 1 << 16
)

func encodeWords(topics []string, generation int32, says map[Partition]balance.Word, warms bool) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, emptySticky/2), uint32(generation)) //nolint:gosec // its bits
	b = append(b, userDataMagic...)
	flags := byte(0)
	if warms {
		flags = warmsFlag
	}
	b = append(b, userDataVersion, flags)
	var list []Partition
	for _, p := range slices.SortedFunc(maps.Keys(says), Partition.Compare) {
		if slices.Contains(topics, p.Topic) && len(list) < mostWords {
			list = append(list, p)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, p := range list {
		w := says[p]
		bits := w.Step&stepBits | byte(w.Warmth&warmthBits)<<warmthShift
		if w.Heavy {
			bits |= heavyBit
		}
		if w.Next {
			bits |= saysNextBit
		}
		b = binary.AppendUvarint(b, uint64(slices.Index(topics, p.Topic))) //nolint:gosec // it is there
		b = binary.AppendUvarint(b, uint64(p.Number))                      //nolint:gosec // it is not negative
		b = append(b, bits)
		b = binary.AppendUvarint(b, uint64(max(0, w.Position)))
	}
	return b
}

// decodeWords returns what a member says of tasks of its topics, and whether it warms up. It says nothing if it is of a version
// that has no words.
func decodeWords(topics []string, data []byte) (says map[balance.Task]balance.Word, warms bool) {
	if len(data) < emptySticky || binary.BigEndian.Uint32(data) != 0 {
		return nil, false
	}
	r, ok := openUserData(data[emptySticky:])
	if !ok {
		return nil, false
	}
	flags, n := r.byte(), r.number(mostWords)
	says = make(map[balance.Task]balance.Word, min(n, uint64(len(r.left))))
	for range n {
		topic, partition, bits := r.number(uint64(max(0, len(topics)-1))), r.number(1<<31-1), r.byte()
		position := r.number(1<<63 - 1)
		if r.broken || len(topics) == 0 {
			return nil, false
		}
		says[balance.Task{Topic: topics[topic], Partition: int32(partition)}] = balance.Word{ //nolint:gosec // bounded above
			Step: bits & stepBits, Heavy: bits&heavyBit != 0, Warmth: balance.Warmth(bits >> warmthShift & warmthBits), Next: bits&saysNextBit != 0,
			Position: int64(position), //nolint:gosec // bounded above
		}
	}
	if r.broken {
		return nil, false
	}
	return says, flags&warmsFlag != 0
}

func encodeNotices(told map[balance.Task]balance.Notice) []byte {
	if len(told) == 0 {
		return nil
	}
	b := append([]byte(userDataMagic), userDataVersion)
	b = binary.AppendUvarint(b, uint64(len(told)))
	for _, t := range slices.SortedFunc(maps.Keys(told), balance.Task.Compare) {
		bits := told[t].Step & stepBits
		if told[t].WarmUp {
			bits |= warmUpBit
		}
		if told[t].Next {
			bits |= nextBit
		}
		b = binary.AppendUvarint(b, uint64(len(t.Topic)))
		b = append(b, t.Topic...)
		b = binary.AppendUvarint(b, uint64(t.Partition)) //nolint:gosec // it is not negative
		b = append(b, bits)
	}
	return b
}

// decodeNotices returns what the member is told of tasks, by the partitions that they read. An assignment may say nothing.
func decodeNotices(data []byte) map[Partition]balance.Notice {
	r, ok := openUserData(data)
	if !ok {
		return nil
	}
	told := map[Partition]balance.Notice{}
	for range r.number(mostWords) {
		topic := string(r.bytes(r.number(uint64(len(r.left)))))
		number, bits := r.number(1<<31-1), r.byte()
		if r.broken {
			return nil
		}
		told[Partition{topic, int32(number)}] = balance.Notice{Step: bits & stepBits, WarmUp: bits&warmUpBit != 0, Next: bits&nextBit != 0} //nolint:gosec // bounded above
	}
	if r.broken {
		return nil
	}
	return told
}

// userData reads ours. Once it is broken, all that it reads is zero.
type userData struct {
	left   []byte
	broken bool
}

// openUserData reads up to the version, and says whether that is known.
func openUserData(data []byte) (*userData, bool) {
	r := &userData{left: data}
	magic, version := string(r.bytes(uint64(len(userDataMagic)))), r.byte()
	return r, magic == userDataMagic && version == userDataVersion && !r.broken
}

func (r *userData) bytes(n uint64) []byte {
	if r.broken || n > uint64(len(r.left)) {
		r.broken = true
		return nil
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

func (r *userData) byte() byte {
	b := r.bytes(1)
	if r.broken {
		return 0
	}
	return b[0]
}

// number reads one that is at most what is given.
func (r *userData) number(most uint64) uint64 {
	v, n := binary.Uvarint(r.left)
	if r.broken || n <= 0 || v > most {
		r.broken = true
		return 0
	}
	r.left = r.left[n:]
	return v
}
