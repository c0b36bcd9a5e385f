package task_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/watermark"
)

// logged makes changelog records of a line of words:
//
//	+5.2:a=x   owner 5, in its commit 2, puts x at a        !5.2   its meta record
//	+:a=x      a transaction puts x at a                    !2     the meta record of its commit 2
func logged(t *testing.T, line string) [][]byte {
	t.Helper()
	var records [][]byte
	for word := range strings.FieldsSeq(line) {
		whose, change, puts := strings.Cut(word[1:], ":")
		owner, commit := int64(0), int64(0)
		if strings.Contains(whose, ".") {
			if _, err := fmt.Sscanf(whose, "%d.%d", &owner, &commit); err != nil {
				t.Fatal(word, err)
			}
		} else if _, err := fmt.Sscanf(whose, "%d", &commit); !puts && err != nil {
			t.Fatal(word, err)
		}
		if !puts {
			kind := byte(2)
			if owner > 0 {
				kind = 4
			}
			records = append(records, append([]byte{kind}, metaBody(owner, commit)...))
			continue
		}
		key, value, _ := strings.Cut(change, "=")
		var changes state.Changes
		must(t, changes.Put([]byte(key), []byte(value)))
		head := []byte{1}
		if owner > 0 {
			head = binary.AppendUvarint(binary.AppendUvarint([]byte{3}, uint64(owner)), uint64(commit))
		}
		record, _ := changes.EncodeFrom(head, 0, 1<<20)
		records = append(records, record)
	}
	return records
}

// metaBody is a meta record without its first byte; the offset of a commit is ten times its number.
func metaBody(owner, commit int64) []byte {
	text := task.Meta{JobEpoch: 1, Owner: owner, Seq: commit, Offset: 10 * commit}.Encode()
	body := binary.AppendUvarint([]byte{1}, uint64(len(text)))
	body = append(body, text...)
	body = (&watermark.Channels{}).Append(body)
	return binary.LittleEndian.AppendUint32(body, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

// replayed plays a log and returns the state, and the position's commit and offset.
func replayed(t *testing.T, store state.Store, from int, line string, offset task.Meta) (string, error) {
	t.Helper()
	r := task.NewReplay(store)
	for i, record := range logged(t, line)[from:] {
		if err := r.Add(int64(from+i), record); err != nil {
			return "", err
		}
	}
	if err := r.Settle(offset); err != nil {
		return "", err
	}
	if err := r.Done(); err != nil {
		return "", err
	}
	var text strings.Builder
	must(t, store.Scan(nil, nil, func(key, value []byte) error {
		fmt.Fprintf(&text, "%s=%s ", key, value)
		return nil
	}))
	at := store.Position()
	fmt.Fprintf(&text, "commit %d to %d", at.Commit, at.Offset)
	return text.String(), nil
}

// TestReplayTakesTheCommitsThatCount plays logs whose last committed offset is by owner.commit, from their beginning and, where
// that leaves a store at an earlier commit, from there on.
func TestReplayTakesTheCommitsThatCount(t *testing.T) {
	cases := map[string]struct {
		log           string
		owner, commit int64
		want          string
	}{
		"the next commit shows that one counts":             {"+1.1:a=1 !1.1 +1.2:b=2 !1.2", 1, 2, "a=1 b=2 commit 2 to 4"},
		"the offset shows that the last one counts":         {"+1.1:a=1 !1.1", 1, 1, "a=1 commit 1 to 2"},
		"a task that was opened since says the same":        {"+1.1:a=1 !1.1", 4, 1, "a=1 commit 1 to 2"},
		"the last one does not count without its offset":    {"+1.1:a=1 !1.1 +1.2:a=2 !1.2", 1, 1, "a=1 commit 1 to 2"},
		"nothing was ever committed":                        {"+1.1:a=1 !1.1", 1, 0, "commit 0 to 0"},
		"half a commit at the end is nothing":               {"+1.1:a=1 !1.1 +1.2:a=2 +1.2:b=2", 1, 1, "a=1 commit 1 to 2"},
		"the next owner does it again":                      {"+1.1:a=1 !1.1 +1.2:x=1 !1.2 +2.2:b=2 !2.2 +2.3:c=3 !2.3", 2, 3, "a=1 b=2 c=3 commit 3 to 8"},
		"the next owner does it again, and that is the end": {"+1.1:a=1 !1.1 +1.2:x=1 !1.2 +2.2:b=2 !2.2", 2, 2, "a=1 b=2 commit 2 to 6"},
		"the next owner does it again, and not to the end":  {"+1.1:a=1 !1.1 +1.2:x=1 !1.2 +2.2:b=2 !2.2", 3, 1, "a=1 commit 1 to 2"},
		"the next owner dies half way":                      {"+1.1:a=1 !1.1 +1.2:x=1 !1.2 +2.2:y=2", 3, 1, "a=1 commit 1 to 2"},
		"three owners try":                                  {"+1.1:x=1 !1.1 +2.1:x=2 +3.1:a=3 !3.1 +3.2:b=4 !3.2", 3, 2, "a=3 b=4 commit 2 to 7"},
		"the next owner goes on where one was":              {"+1.1:a=1 !1.1 +2.2:b=2 !2.2", 2, 2, "a=1 b=2 commit 2 to 4"},
		"a zombie's commit comes after its successor's":     {"+1.1:a=1 !1.1 +2.2:b=2 !2.2 +1.2:x=1 !1.2", 2, 2, "a=1 b=2 commit 2 to 4"},
		"and after that one's next":                         {"+1.1:a=1 !1.1 +2.2:b=2 !2.2 +2.3:c=3 !2.3 +1.2:x=1 !1.2", 2, 3, "a=1 b=2 c=3 commit 3 to 6"},
		"a zombie's commit lies between the records":        {"+1.1:a=1 !1.1 +1.2:x=1 +2.2:b=2 +1.2:y=1 +2.2:c=3 !1.2 !2.2 +1.2:z=1 +2.3:d=4 !2.3", 2, 3, "a=1 b=2 c=3 d=4 commit 3 to 11"},
		"a zombie's meta record is late":                    {"+1.1:a=1 !1.1 +1.2:x=1 +2.2:b=2 !2.2 !1.2", 2, 2, "a=1 b=2 commit 2 to 5"},
		"a commit without changes":                          {"!1.1 !1.2 +1.3:a=1 !1.3", 1, 3, "a=1 commit 3 to 4"},
		"a commit without changes behind half a one":        {"!1.1 +1.2:x=1 !2.2 +2.3:a=1 !2.3", 2, 3, "a=1 commit 3 to 5"},
		"transactions":             {"+:a=1 !1 +:b=2 !2", 0, 2, "a=1 b=2 commit 2 to 4"},
		"transactions from now on": {"+1.1:a=1 !1.1 +:b=2 !2", 0, 2, "a=1 b=2 commit 2 to 4"},
		"transactions from now on, behind one for nothing": {"+1.1:a=1 !1.1 +1.2:x=2 !1.2 +:b=2 !2", 1, 2, "a=1 b=2 commit 2 to 6"},
		"a zombie between the records of a transaction":    {"+1.1:a=1 !1.1 +:b=2 +1.2:x=1 +:c=3 !1.2 !2 +1.2:y=1", 1, 2, "a=1 b=2 c=3 commit 2 to 7"},
		"a zombie behind a transaction":                    {"+1.1:a=1 !1.1 +:b=2 !2 +1.2:x=1 !1.2", 1, 2, "a=1 b=2 commit 2 to 4"},
		"no transactions from now on":                      {"+:a=1 !1 +2.2:b=2 !2.2 +2.3:x=1", 2, 2, "a=1 b=2 commit 2 to 4"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			offset := task.Meta{JobEpoch: 1, Owner: c.owner, Seq: c.commit, Offset: 10 * c.commit}
			for stop := range logged(t, c.log) { // a store that was closed there knew no more than the log did
				store, err := memory.New().Open("t/0")
				must(t, err)
				r := task.NewReplay(store)
				for i, record := range logged(t, c.log)[:stop] {
					must(t, r.Add(int64(i), record))
				}
				got, err := replayed(t, store, int(store.Position().Offset), c.log, offset)
				if err != nil || got != c.want {
					t.Errorf("a store of the first %d records: got %q, %v, want %q", stop, got, err, c.want)
				}
			}
		})
	}
}

func TestReplayRefusesALogThatLacksACommit(t *testing.T) {
	for name, line := range map[string]string{"the first": "+1.2:a=1 !1.2", "one between": "+1.1:a=1 !1.1 +1.3:a=1 !1.3"} {
		store, err := memory.New().Open("t/0")
		must(t, err)
		if _, err := replayed(t, store, 0, line, task.Meta{Owner: 1, Seq: 3, Offset: 30}); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReplayRefusesChangesOfNobody(t *testing.T) {
	store, err := memory.New().Open("t/0")
	must(t, err)
	for _, record := range []string{"\x03", "\x03\xff", "\x03\x01", "\x03\x01\x01", "\x04\x01\x00"} {
		if err := task.NewReplay(store).Add(0, []byte(record)); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%q: %v", record, err)
		}
	}
}

// TestAnOffsetThatNamesALowerOwnerThanTheLog is for a log that is not the offset's: the state is not made of it.
func TestAnOffsetThatNamesALowerOwnerThanTheLog(t *testing.T) {
	store, err := memory.New().Open("t/0")
	must(t, err)
	offset := task.Meta{JobEpoch: 1, Owner: 1, Seq: 1, Offset: 10}
	if got, err := replayed(t, store, 0, "+2.1:a=1 !2.1", offset); err != nil || got != "commit 0 to 0" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := task.CheckRestore(offset, task.Meta{}); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("and it is opened: %v", err)
	}
}

// TestAFlippedBitInAChangelogIsFound turns each bit of each record, behind the byte that says what it is and, where that is there, whose:
// those are under the checksum of Kafka's batch alone.
func TestAFlippedBitInAChangelogIsFound(t *testing.T) {
	const line = "+1.1:a=1 !1.1 +:b=2 !2"
	heads := []int{3, 1, 1, 1} // of each record
	for n, record := range logged(t, line) {
		for bit := 8 * heads[n]; bit < 8*len(record); bit++ {
			store, err := memory.New().Open("t/0")
			must(t, err)
			r := task.NewReplay(store)
			for i, whole := range logged(t, line)[:n+1] {
				if i == n {
					whole[bit/8] ^= 1 << (bit % 8)
				}
				if err = r.Add(int64(i), whole); err != nil {
					break
				}
			}
			if fault.KindOf(err) != fault.Corrupt {
				t.Errorf("bit %d of record %d: %v", bit, n, err)
			}
		}
	}
}
