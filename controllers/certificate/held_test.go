package certificate_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/certificate"
)

func names() []string { return []string{"operator.millrace-system.svc", "127.0.0.1"} }

func start() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }

// verify says why a client that trusts a bundle would refuse what is served.
func verify(served certificate.Pair, bundle []byte, now time.Time) error {
	pair, err := tls.X509KeyPair(served.Certificate, served.Key)
	if err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		return errors.New("nothing is trusted")
	}
	for _, name := range names() {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now}); err != nil {
			return err
		}
	}
	return nil
}

// Two replicas and a client live through three years, each hearing of changes late: none of them ever meets a certificate that it does not
// trust, and the bundle stays small.
func TestWhateverIsServedIsTrustedAtAnyTime(t *testing.T) {
	var held, before certificate.Held
	var told []byte                                     // what the client has been told
	const late, quiet = 10 * time.Minute, 3 * time.Hour // how late others hear, and how long after a change all is looked at closely
	steps := map[certificate.Step]int{}
	changed := start()
	for now := start(); now.Before(start().AddDate(3, 0, 0)); {
		next, step, err := held.Advance(names(), told, now, certificate.Generate)
		if err != nil {
			t.Fatal(err)
		}
		steps[step]++
		before, held = held, next
		if step != certificate.Keep {
			changed = now
		}
		if step != certificate.Begin { // then nobody knows anything yet, and calls fail
			for _, served := range []certificate.Pair{held.Current, before.Current} {
				if err := verify(served, told, now); err != nil {
					t.Fatalf("at %v a replica serves what is not trusted: %v", now, err)
				}
			}
		}
		if n := bytes.Count(held.CAs, []byte("BEGIN CERTIFICATE")); n > 3 {
			t.Fatalf("at %v %d CAs are trusted", now, n)
		}
		told = held.CAs
		if now.Sub(changed) < quiet {
			now = now.Add(late)
		} else {
			now = now.Add(12 * time.Hour)
		}
	}
	if steps[certificate.Begin] != 1 || steps[certificate.Prepare] < 15 || steps[certificate.Switch] < 15 || steps[certificate.Tidy] < 15 {
		t.Errorf("steps %v", steps)
	}
}

func TestTheStepFollowsFromWhatIsHeldAndTheTime(t *testing.T) {
	advance := func(h certificate.Held, published []byte, now time.Time) (certificate.Held, certificate.Step) {
		next, step, err := h.Advance(names(), published, now, certificate.Generate)
		if err != nil {
			t.Fatal(err)
		}
		return next, step
	}
	first, _ := advance(certificate.Held{}, nil, start())
	due := start().Add(certificate.Validity - certificate.RenewBefore + time.Second)
	both, _ := advance(first, first.CAs, due)
	foreign, err := certificate.Generate([]string{"elsewhere"}, start())
	if err != nil {
		t.Fatal(err)
	}
	mixed := first
	mixed.Current.Key = foreign.Key
	cases := map[string]struct {
		held      certificate.Held
		published []byte
		now       time.Time
		want      certificate.Step
	}{
		"nothing is held":                            {certificate.Held{}, nil, start(), certificate.Begin},
		"it is young":                                {first, first.CAs, due.Add(-time.Minute), certificate.Keep},
		"it is due":                                  {first, first.CAs, due, certificate.Prepare},
		"it is over":                                 {first, first.CAs, start().Add(certificate.Validity + time.Hour), certificate.Begin},
		"it is of another name":                      {certificate.Held{Current: foreign}, nil, start(), certificate.Begin},
		"its key is another's":                       {mixed, first.CAs, start(), certificate.Begin},
		"it is no certificate":                       {certificate.Held{Current: certificate.Pair{Certificate: []byte("x"), Key: []byte("y")}}, nil, start(), certificate.Begin},
		"the bundle is lost":                         {certificate.Held{Current: first.Current}, nil, start(), certificate.Tidy},
		"the next one is new":                        {both, both.CAs, due.Add(certificate.Overlap - time.Second), certificate.Keep},
		"the next one is known long enough":          {both, both.CAs, due.Add(certificate.Overlap), certificate.Switch},
		"the next one is not known":                  {both, first.CAs, due.Add(24 * time.Hour), certificate.Keep},
		"the next one is known, and none is serving": {certificate.Held{Next: both.Next, CAs: both.CAs}, both.CAs, due, certificate.Switch},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			next, step := advance(c.held, c.published, c.now)
			if step != c.want {
				t.Errorf("got %v, want %v", step, c.want)
			}
			if err := verify(next.Current, next.CAs, c.now); err != nil {
				t.Errorf("what is served then is not trusted: %v", err)
			}
		})
	}
}

func TestNoKeyOfACAIsHeld(t *testing.T) {
	held, _, err := certificate.Held{}.Advance(names(), nil, start(), certificate.Generate)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(held.Current.Key), "PRIVATE KEY"); n != 2 || strings.Contains(string(held.Current.Certificate)+string(held.CAs), "PRIVATE") {
		t.Errorf("%d lines of keys", n)
	}
}
