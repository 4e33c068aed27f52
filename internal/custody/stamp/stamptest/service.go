// Package stamptest is a time stamping service for tests: one key, one root, real
// signatures.
package stamptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"sync"
	"testing"
	"time"

	"resumewatch/internal/custody/stamp"
)

// Service answers requests. The zero value is none; use New.
type Service struct {
	// Now is its clock.
	Now func() time.Time
	// Spoil, if set, changes answers before they go out.
	Spoil func([]byte) []byte

	mu     sync.Mutex
	serial int64
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
	root   []byte
	skewed *big.Int
}

// New makes a service that is valid around the given time.
func New(t testing.TB, now func() time.Time) *Service {
	t.Helper()
	s := &Service{Now: now}
	if err := s.certify(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Roots is the root that its certificate hangs on, as PEM.
func (s *Service) Roots() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.root})
}

// Nonce makes it answer with that nonce instead of the one it was asked with.
func (s *Service) Nonce(n *big.Int) { s.skewed = n }

func (s *Service) certify() error {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if s.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	from := s.Now().Add(-time.Hour)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example CA"}, NotBefore: from, NotAfter: from.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if s.root, err = x509.CreateCertificate(rand.Reader, ca, ca, rootKey.Public(), rootKey); err != nil {
		return err
	}
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Example TSA"}, NotBefore: from, NotAfter: from.AddDate(1, 0, 0),
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, s.key.Public(), rootKey)
	if err != nil {
		return err
	}
	s.cert, err = x509.ParseCertificate(der)
	return err
}

// ServeHTTP answers as RFC 3161, section 3.4, says.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, stamp.MaxReply))
	if err == nil && r.Header.Get("Content-Type") != stamp.ContentType {
		err = errors.New("want " + stamp.ContentType)
	}
	var reply []byte
	if err == nil {
		reply, err = s.answer(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.Spoil != nil {
		reply = s.Spoil(reply)
	}
	w.Header().Set("Content-Type", stamp.ReplyType)
	w.Write(reply) //nolint:errcheck // whoever asked sees what came
}

type algorithm = pkix.AlgorithmIdentifier

var (
	sha256ID = algorithm{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}
	ecdsaID  = algorithm{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	tstID    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
)

type imprint struct {
	Algorithm algorithm
	Hash      []byte
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type content struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// answer stamps what was asked for.
func (s *Service) answer(query []byte) ([]byte, error) {
	var q struct {
		Version int
		Imprint imprint
		Nonce   *big.Int `asn1:"optional"`
		Cert    bool     `asn1:"optional"`
	}
	if rest, err := asn1.Unmarshal(query, &q); err != nil || len(rest) > 0 {
		return nil, errors.New("no request")
	}
	s.mu.Lock()
	s.serial++
	serial := s.serial
	s.mu.Unlock()
	if s.skewed != nil {
		q.Nonce = s.skewed
	}
	var d der
	info := d.of(struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint imprint
		Serial  int64
		Time    time.Time `asn1:"generalized"`
		Nonce   *big.Int  `asn1:"optional"`
	}{1, asn1.ObjectIdentifier{1, 2, 3, 4, 1}, q.Imprint, serial, s.Now().UTC(), q.Nonce})
	sum, certSum := sha256.Sum256(info), sha256.Sum256(s.cert.Raw)
	var attributes []byte
	for _, a := range []attribute{ // in the order of a DER set: the shorter first
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}, []asn1.RawValue{{FullBytes: d.of(tstID)}}},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}, []asn1.RawValue{{FullBytes: d.of(sum[:])}}},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}, []asn1.RawValue{{FullBytes: d.of(struct{ Certs []struct{ Hash []byte } }{[]struct{ Hash []byte }{{certSum[:]}}})}}},
	} {
		attributes = append(attributes, d.of(a)...)
	}
	signed := sha256.Sum256(d.of(asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: attributes}))
	signature, err := s.key.Sign(rand.Reader, signed[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	signer := d.of(struct {
		Version int
		ID      struct {
			Issuer asn1.RawValue
			Serial *big.Int
		}
		Digest    algorithm
		Signed    asn1.RawValue
		Algorithm algorithm
		Signature []byte
	}{1, struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}{asn1.RawValue{FullBytes: s.cert.RawIssuer}, s.cert.SerialNumber}, sha256ID, context(attributes), ecdsaID, signature})
	data := d.of(struct {
		Version int
		Digests []algorithm `asn1:"set"`
		Content content
		Certs   asn1.RawValue
		Signers []asn1.RawValue `asn1:"set"`
	}{3, []algorithm{sha256ID}, content{tstID, context(d.of(info))}, context(s.cert.Raw), []asn1.RawValue{{FullBytes: signer}}})
	reply := d.of(struct {
		Status struct{ Status int }
		Token  content
	}{struct{ Status int }{0}, content{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, context(data)}})
	return reply, d.err
}

// context is the context-specific tag 0 around DER.
func context(inner []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}
}

// der encodes and remembers the first error.
type der struct{ err error }

func (d *der) of(v any) []byte {
	out, err := asn1.Marshal(v)
	d.err = errors.Join(d.err, err)
	return out
}
