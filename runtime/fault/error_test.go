package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
)

func TestErrorSaysPlaceMessageCauseRemedy(t *testing.T) {
	cause := errors.New("connection refused")
	cases := map[string]struct {
		err  error
		want string
	}{
		"a message alone":        {fault.New(fault.Bug, fault.Place{}, "negative count %d", -1), "negative count -1"},
		"a place in a text":      {fault.New(fault.User, fault.InText("q.sql", 4, 17), "unknown column %q", "x"), `q.sql:4:17: unknown column "x"`},
		"a text without a name":  {fault.New(fault.User, fault.InText("", 4, 17), "unexpected end"), "4:17: unexpected end"},
		"a text inside a field":  {fault.New(fault.User, fault.Place{Field: "spec.sql", Line: 2, Column: 3}, "unexpected end"), "spec.sql:2:3: unexpected end"},
		"a field":                {fault.New(fault.User, fault.InField("spec.parallelism"), "must be at least 1"), "spec.parallelism: must be at least 1"},
		"a record":               {fault.New(fault.Data, fault.InRecord("bids", 3, 17), "not JSON"), "bids/3/17: not JSON"},
		"a cause and a remedy":   {fault.Wrap(fault.Transient, cause, "dial kafka:9092").Do("check --kafka"), "dial kafka:9092: connection refused; check --kafka"},
		"moved to another place": {fault.New(fault.User, fault.Place{}, "bad").At(fault.InField("spec")), "spec: bad"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.err.Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestKindAndPlaceAreFoundThroughWrapping(t *testing.T) {
	inner := fault.New(fault.Data, fault.InRecord("bids", 0, 7), "not JSON")
	err := fmt.Errorf("decode: %w", fault.Wrap(fault.User, inner, "read the input"))
	if got := fault.KindOf(err); got != fault.User {
		t.Errorf("kind %v, want the outermost, user", got)
	}
	if got, ok := fault.PlaceOf(err); !ok || got != inner.Place {
		t.Errorf("place %v %v, want %v", got, ok, inner.Place)
	}
	if got := fault.KindOf(errors.New("x")); got != fault.Unknown {
		t.Errorf("kind %v, want unknown", got)
	}
}
