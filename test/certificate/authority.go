// Package certificate makes certificates for tests that speak TLS over loopback.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	// PEM is its own certificate, which others are checked by.
	PEM []byte
}

// New returns an authority of its own.
func New(name string) (*Authority, error) {
	form := form(name)
	form.IsCA = true
	a := &Authority{certificate: form}
	var err error
	a.certificate, a.key, err = sign(form, a)
	if err != nil {
		return nil, err
	}
	a.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	return a, nil
}

// Issue returns a certificate for 127.0.0.1 and its key, in PKCS #8, both as PEM.
func (a *Authority) Issue(name string) (certificate, key []byte, err error) {
	signed, private, err := sign(form(name), a)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// sign makes a key and signs a certificate for it: by the authority, or by itself where that has no key yet.
func sign(form *x509.Certificate, by *Authority) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	signer := by.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, form, by.certificate, &key.PublicKey, signer)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("test certificate: %w", err)
	}
	return signed, key, nil
}

func form(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}
