package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

const (
	// Validity is how long a certificate lasts.
	Validity = 90 * 24 * time.Hour
	// RenewBefore is how long before its end another one is made.
	RenewBefore = 30 * 24 * time.Hour
	// skew is how far the clocks of servers and clients may be apart.
	skew = time.Hour
	// serialBytes is the length of serial numbers.
	serialBytes = 15
)

// Pair is a certificate, followed by its CA, and its key; both as PEM. The zero value is none.
type Pair struct {
	Certificate, Key []byte
}

// Generate makes a CA and a certificate for names, which may be addresses, that begins now. The CA's key is not kept.
func Generate(names []string, now time.Time) (Pair, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	ca, err := template("Millrace admission CA", now)
	if err != nil {
		return Pair{}, err
	}
	ca.IsCA, ca.BasicConstraintsValid, ca.MaxPathLenZero, ca.KeyUsage = true, true, true, x509.KeyUsageCertSign
	leaf, err := template("Millrace admission", now)
	if err != nil {
		return Pair{}, err
	}
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	signer, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return Pair{}, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return Pair{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{
		Certificate: append(encode(signed), encode(signer)...),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, nil
}

// template is what CA and certificate have in common. The serial number is in the name, so that no two CAs share it.
func template(name string, now time.Time) (*x509.Certificate, error) {
	var random [serialBytes]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	serial := new(big.Int).SetBytes(random[:])
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: fmt.Sprintf("%s %x", name, serial)},
		NotBefore: now.Add(-skew), NotAfter: now.Add(Validity),
	}, nil
}

func encode(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// parsed is a pair that can be served.
type parsed struct {
	leaf, ca *x509.Certificate
}

// parse reads a pair, and refuses one that could not be served under the names at a time.
func (p Pair) parse(names []string, now time.Time) (*parsed, error) {
	both, err := tls.X509KeyPair(p.Certificate, p.Key)
	if err != nil {
		return nil, err
	}
	const chain = 2
	if len(both.Certificate) != chain {
		return nil, errors.New("the certificate does not come with its CA alone")
	}
	ca, err := x509.ParseCertificate(both.Certificate[1])
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(both.Certificate[0])
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	for _, name := range names {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err != nil {
			return nil, err
		}
	}
	return &parsed{leaf, ca}, nil
}

// made is when it was made.
func (p *parsed) made() time.Time { return p.leaf.NotBefore.Add(skew) }

// trusted says whether a bundle of CAs holds the pair's.
func (p *parsed) trusted(bundle []byte) bool { return bytes.Contains(bundle, encode(p.ca.Raw)) }
