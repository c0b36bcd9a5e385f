package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// fields are the words of a line that are not used yet. The first mistake stays in err.
type fields struct {
	bare   []string
	values map[string]string
	err    error
}

func (f *fields) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

func (f *fields) word() string {
	if len(f.bare) == 0 {
		f.fail("a word is missing")
		return ""
	}
	w := f.bare[0]
	f.bare = f.bare[1:]
	return w
}

func (f *fields) optional(name string) (string, bool) {
	v, ok := f.values[name]
	delete(f.values, name)
	return v, ok
}

func (f *fields) value(name string) string {
	v, ok := f.optional(name)
	if !ok {
		f.fail("%s= is missing", name)
	}
	return v
}

func (f *fields) number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		f.fail("%q is no number", word)
	}
	return n
}

func (f *fields) duration(word string) time.Duration {
	d, err := time.ParseDuration(word)
	if err != nil {
		f.fail("%q is no duration", word)
	}
	return d
}

func (f *fields) txn() Txn { return Txn{ID: f.value("id"), N: f.number(f.value("txn"))} }

func (f *fields) part(word string) part {
	i := strings.LastIndexByte(word, '/')
	if i < 0 {
		f.fail("%q is no partition", word)
		return part{}
	}
	return part{word[:i], int32(f.number(word[i+1:]))}
}

func (f *fields) fault(word string) Fault {
	if !slices.Contains([]Fault{CutBefore, CutAfter, CrashBefore, CrashAfter, Hang}, Fault(word)) {
		f.fail("unknown fault %q", word)
	}
	return Fault(word)
}

func (f *fields) request(word string) kmsg.Key {
	for key := range kmsg.Key(kmsg.MaxKey + 1) {
		if key.Name() == word {
			return key
		}
	}
	f.fail("unknown request %q", word)
	return 0
}
