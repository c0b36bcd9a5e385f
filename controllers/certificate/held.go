package certificate

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"time"
)

// Overlap is how long clients are told of a new CA before what it has signed is served: much longer than replicas take to read what is held,
// and clients to hear of it.
const Overlap = time.Hour

// maxCAs bounds the bundle: the current one, the next one and those before.
const maxCAs = 8

// Held is all that is kept. The zero value is nothing yet.
type Held struct {
	// Current is what is served, and Next what will be; the zero value while there is none.
	Current, Next Pair
	// CAs are those that clients are to trust, as PEM, the newest first.
	CAs []byte
}

// Step is what a decision has done.
type Step uint8

// The steps.
const (
	// Keep leaves everything as it is.
	Keep Step = iota
	// Begin makes a certificate, since what is held, if anything, can't be served.
	Begin
	// Prepare makes the next certificate, which is not served yet.
	Prepare
	// Switch serves the next certificate.
	Switch
	// Tidy brings the bundle in line: a CA is over, or one is missing.
	Tidy
)

// String names the step, for logs.
func (s Step) String() string {
	switch s {
	case Keep:
		return "keep the certificate"
	case Begin:
		return "make the first certificate"
	case Prepare:
		return "make the next certificate"
	case Switch:
		return "serve the next certificate"
	case Tidy:
		return "tidy the trusted CAs"
	default:
		return "unknown step"
	}
}

// Advance returns what should be held from now on by a server of some names, and the step that this is. Published is the bundle that clients
// have been told. Generate makes a pair, see the function of that name.
func (h Held) Advance(names []string, published []byte, now time.Time, generate func([]string, time.Time) (Pair, error)) (Held, Step, error) {
	current, broken := h.Current.parse(names, now)
	next, none := h.Next.parse(names, now)
	step, err := Keep, error(nil)
	switch {
	case none == nil && next.trusted(published) && (broken != nil || !now.Before(next.made().Add(Overlap))):
		h.Current, h.Next, step = h.Next, Pair{}, Switch
	case broken != nil:
		h.Next, step = Pair{}, Begin
		h.Current, err = generate(names, now)
	case current.leaf.NotAfter.Sub(now) < RenewBefore && none != nil:
		step = Prepare
		h.Next, err = generate(names, now)
	}
	if err != nil {
		return Held{}, Keep, err
	}
	bundle := h.bundle(names, now)
	if step == Keep && !bytes.Equal(bundle, h.CAs) {
		step = Tidy
	}
	h.CAs = bundle
	return h, step, nil
}

// bundle lists the CAs to trust: the next pair's, the current one's, and of those that were trusted before what is not over.
func (h Held) bundle(names []string, now time.Time) []byte {
	var list []byte
	n := 0
	add := func(der []byte) {
		if text := encode(der); n < maxCAs && !bytes.Contains(list, text) {
			list, n = append(list, text...), n+1
		}
	}
	for _, pair := range []Pair{h.Next, h.Current} {
		if p, err := pair.parse(names, now); err == nil {
			add(p.ca.Raw)
		}
	}
	for rest := h.CAs; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return list
		}
		if ca, err := x509.ParseCertificate(block.Bytes); err == nil && ca.IsCA && now.Before(ca.NotAfter) {
			add(ca.Raw)
		}
	}
}
