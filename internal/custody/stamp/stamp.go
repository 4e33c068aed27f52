// Package stamp reads and checks time stamps (RFC 3161): a service's signed word
// that data existed at a time. It asks nobody; see jobs for that.
//
// What is checked is RFC 3161, section 2.4, with ESSCertIDv2 (RFC 5816): the status,
// the imprint, the nonce, the CMS signature (RFC 5652) over what the signer calls
// its own content, the signer's certificate with a critical extended key usage of
// time stamping alone, and, where roots are given, its chain at the time stamped.
package stamp

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// ContentType and ReplyType are the media types of requests and answers.
const (
	ContentType = "application/timestamp-query"
	ReplyType   = "application/timestamp-reply"
)

// MaxReply is the most bytes of an answer.
const MaxReply = 256 << 10

var (
	oidSignedData   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidDigest       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningCert  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCert2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA256       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
)

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Hash      []byte
}

type request struct {
	Version int
	Imprint imprint
	Nonce   *big.Int `asn1:"optional"`
	Cert    bool     `asn1:"optional"`
}

// Request asks for a stamp of data by its SHA-256, and for the certificate of who
// makes it. nonce is a random number that the answer must repeat.
func Request(data []byte, nonce *big.Int) ([]byte, error) {
	sum := sha256.Sum256(data)
	der, err := asn1.Marshal(request{1, imprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, sum[:]}, nonce, true})
	if err != nil {
		return nil, fmt.Errorf("stamp: request: %w", err)
	}
	return der, nil
}

type response struct {
	Status struct {
		Status int
		Text   []asn1.RawValue `asn1:"optional"`
		Fail   asn1.BitString  `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated contentInfo
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version   int
	ID        asn1.RawValue
	Digest    pkix.AlgorithmIdentifier
	Signed    asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  asn1.RawValue `asn1:"optional,tag:1"`
}

type tstInfo struct {
	Version  int
	Policy   asn1.ObjectIdentifier
	Imprint  imprint
	Serial   *big.Int
	Time     time.Time `asn1:"generalized"`
	Accuracy struct {
		Seconds int `asn1:"optional"`
		Millis  int `asn1:"optional,tag:0"`
		Micros  int `asn1:"optional,tag:1"`
	} `asn1:"optional"`
	Ordering   bool          `asn1:"optional"`
	Nonce      *big.Int      `asn1:"optional"`
	TSA        asn1.RawValue `asn1:"optional,tag:0"`
	Extensions asn1.RawValue `asn1:"optional,tag:1"`
}

// Stamp is what a service said.
type Stamp struct {
	Time     time.Time
	Accuracy time.Duration // 0: not told
	Policy   string        // under which the service works
	Serial   *big.Int
	Nonce    *big.Int // nil: none
	Signer   *x509.Certificate
}

// Open reads an answer and checks that it stamps the data. With roots the signer's
// chain must end in one of them; without, it is the caller's to say so.
func Open(reply, data []byte, roots *x509.CertPool) (*Stamp, error) {
	s, err := open(reply, data, roots)
	if err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	return s, nil
}

func open(reply, data []byte, roots *x509.CertPool) (*Stamp, error) {
	token, err := granted(reply)
	if err != nil {
		return nil, err
	}
	var outer contentInfo
	if err := whole(token, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return nil, errors.Join(errors.New("the token is no CMS SignedData"), err)
	}
	var signed signedData
	if err := whole(outer.Content.Bytes, &signed); err != nil {
		return nil, fmt.Errorf("SignedData: %w", err)
	}
	if !signed.Encapsulated.Type.Equal(oidTSTInfo) {
		return nil, errors.New("the token holds no TSTInfo")
	}
	var content []byte
	if err := whole(signed.Encapsulated.Content.Bytes, &content); err != nil {
		return nil, fmt.Errorf("TSTInfo: %w", err)
	}
	var info tstInfo
	if err := whole(content, &info); err != nil {
		return nil, fmt.Errorf("TSTInfo: %w", err)
	}
	if info.Version != 1 {
		return nil, fmt.Errorf("TSTInfo of version %d", info.Version)
	}
	hash, ok := hashes[info.Imprint.Algorithm.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("imprint by the hash %v, which is not trusted", info.Imprint.Algorithm.Algorithm)
	}
	if !bytes.Equal(info.Imprint.Hash, digest(hash, data)) {
		return nil, errors.New("it stamps something else: the imprint is another")
	}
	signer, others, err := signed.check(content)
	if err != nil {
		return nil, err
	}
	if err := mayStamp(signer, others, info.Time, roots); err != nil {
		return nil, err
	}
	a := info.Accuracy
	return &Stamp{
		Time: info.Time.UTC(), Policy: info.Policy.String(), Serial: info.Serial, Nonce: info.Nonce, Signer: signer,
		Accuracy: time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond,
	}, nil
}

// granted is the token of an answer that is no refusal.
func granted(reply []byte) ([]byte, error) {
	if len(reply) > MaxReply {
		return nil, fmt.Errorf("an answer of %d bytes, more than %d", len(reply), MaxReply)
	}
	var r response
	if err := whole(reply, &r); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	if r.Status.Status != 0 && r.Status.Status != 1 { // granted, granted with changes
		var why []byte
		for _, t := range r.Status.Text {
			why = append(append(why, ' '), t.Bytes...)
		}
		return nil, fmt.Errorf("the service refused (status %d, reasons %x):%.200q", r.Status.Status, r.Status.Fail.Bytes, why)
	}
	return r.Token.FullBytes, nil
}

// whole decodes DER with nothing behind it.
func whole(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes too many", len(rest))
	}
	return err
}

// hashes that are trusted.
var hashes = map[string]crypto.Hash{
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

func digest(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}

// mayStamp makes sure that a certificate is one for stamping time, then.
func mayStamp(c *x509.Certificate, others *x509.CertPool, at time.Time, roots *x509.CertPool) error {
	if !slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) || len(c.UnknownExtKeyUsage) > 0 {
		return errors.New("the signer's certificate is not one for time stamps alone")
	}
	critical := slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Critical && e.Id.Equal(oidExtKeyUsage) })
	if !critical {
		return errors.New("the signer's certificate doesn't say critically that it is for time stamps")
	}
	if at.Before(c.NotBefore) || at.After(c.NotAfter) {
		return fmt.Errorf("the signer's certificate was not valid at %s", at.UTC().Format(time.RFC3339))
	}
	if roots == nil {
		return nil
	}
	_, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return fmt.Errorf("the signer's certificate: %w", err)
	}
	return nil
}
