package stamp

import (
	"bytes"
	"crypto"
	_ "crypto/sha1" // ESSCertID of RFC 2634 names certificates so; nothing else trusts it
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// maxCertificates is how many an answer may bring.
const maxCertificates = 20

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue `asn1:"set"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

// check checks the signature over content, and returns who made it and the other
// certificates.
func (s signedData) check(content []byte) (*x509.Certificate, *x509.CertPool, error) {
	if len(s.Signers) != 1 {
		return nil, nil, fmt.Errorf("%d signers, want one", len(s.Signers))
	}
	certs, err := x509.ParseCertificates(s.Certificates.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("certificates: %w", err)
	}
	if len(certs) > maxCertificates {
		return nil, nil, fmt.Errorf("%d certificates", len(certs))
	}
	by := s.Signers[0]
	var signer *x509.Certificate
	others := x509.NewCertPool()
	for _, c := range certs {
		if signer == nil && by.is(c) {
			signer = c
			continue
		}
		others.AddCert(c)
	}
	if signer == nil {
		return nil, nil, errors.New("the signer's certificate is not in the answer")
	}
	hash, ok := hashes[by.Digest.Algorithm.String()]
	if !ok {
		return nil, nil, fmt.Errorf("signed over the hash %v, which is not trusted", by.Digest.Algorithm)
	}
	if err := by.attributes(signer, digest(hash, content)); err != nil {
		return nil, nil, err
	}
	algorithm, err := by.algorithm(hash)
	if err != nil {
		return nil, nil, err
	}
	// What is signed is the set of attributes, under the tag of a set.
	attributes := bytes.Clone(by.Signed.FullBytes)
	attributes[0] = asn1.TagSet | 0x20
	if err := signer.CheckSignature(algorithm, attributes, by.Signature); err != nil {
		return nil, nil, fmt.Errorf("signature: %w", err)
	}
	return signer, others, nil
}

// is tells whether the signer's id is that certificate's.
func (s signerInfo) is(c *x509.Certificate) bool {
	if s.ID.Class == asn1.ClassContextSpecific && s.ID.Tag == 0 {
		return len(c.SubjectKeyId) > 0 && bytes.Equal(s.ID.Bytes, c.SubjectKeyId)
	}
	var id issuerAndSerial
	if err := whole(s.ID.FullBytes, &id); err != nil {
		return false
	}
	return bytes.Equal(id.Issuer.FullBytes, c.RawIssuer) && id.Serial.Cmp(c.SerialNumber) == 0
}

// attributes makes sure that the signed attributes name the content and the
// signer's certificate.
func (s signerInfo) attributes(signer *x509.Certificate, sum []byte) error {
	if len(s.Signed.FullBytes) == 0 {
		return errors.New("no signed attributes")
	}
	found := map[string]asn1.RawValue{}
	for rest := s.Signed.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return fmt.Errorf("signed attributes: %w", err)
		}
		if _, twice := found[a.Type.String()]; twice {
			return fmt.Errorf("signed attribute %v twice", a.Type)
		}
		found[a.Type.String()] = a.Values
	}
	var kind asn1.ObjectIdentifier
	if err := whole(found[oidContentType.String()].Bytes, &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return errors.New("the signed attributes tell of another content type")
	}
	var signed []byte
	if err := whole(found[oidDigest.String()].Bytes, &signed); err != nil || !bytes.Equal(signed, sum) {
		return errors.New("the content is not the one that was signed")
	}
	if v, ok := found[oidSigningCert2.String()]; ok {
		return namesCertificate(v.Bytes, signer)
	}
	v, ok := found[oidSigningCert.String()]
	if !ok {
		return errors.New("the signed attributes don't name the signer's certificate")
	}
	var one struct {
		Certs []struct {
			Hash   []byte
			Issuer asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := whole(v.Bytes, &one); err != nil || len(one.Certs) == 0 || !bytes.Equal(one.Certs[0].Hash, digest(crypto.SHA1, signer.Raw)) {
		return errors.New("the signed attributes name another certificate")
	}
	return nil
}

// namesCertificate reads SigningCertificateV2: the first one is the signer's.
func namesCertificate(der []byte, signer *x509.Certificate) error {
	var v2 struct {
		Certs    []asn1.RawValue
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := whole(der, &v2); err != nil || len(v2.Certs) == 0 {
		return errors.New("the signed attributes name no certificate")
	}
	// The hash's name is left out when it is SHA-256, which encoding/asn1 can't say of a sequence.
	rest, hash := v2.Certs[0].Bytes, crypto.SHA256
	var id asn1.RawValue
	rest, err := asn1.Unmarshal(rest, &id)
	if err == nil && id.Tag == asn1.TagSequence {
		var algorithm pkix.AlgorithmIdentifier
		var ok bool
		if err = whole(id.FullBytes, &algorithm); err == nil {
			if hash, ok = hashes[algorithm.Algorithm.String()]; !ok {
				return fmt.Errorf("the signed attributes name a certificate by the hash %v", algorithm.Algorithm)
			}
			_, err = asn1.Unmarshal(rest, &id)
		}
	}
	if err != nil || id.Tag != asn1.TagOctetString || !bytes.Equal(id.Bytes, digest(hash, signer.Raw)) {
		return errors.New("the signed attributes name another certificate")
	}
	return nil
}

// algorithm is that of the signature.
func (s signerInfo) algorithm(hash crypto.Hash) (x509.SignatureAlgorithm, error) {
	type pair struct {
		oid  string
		hash crypto.Hash
	}
	const rsa, ecPublicKey = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
	a, ok := map[pair]x509.SignatureAlgorithm{
		{rsa, crypto.SHA256}:                     x509.SHA256WithRSA,
		{rsa, crypto.SHA384}:                     x509.SHA384WithRSA,
		{rsa, crypto.SHA512}:                     x509.SHA512WithRSA,
		{"1.2.840.113549.1.1.11", crypto.SHA256}: x509.SHA256WithRSA,
		{"1.2.840.113549.1.1.12", crypto.SHA384}: x509.SHA384WithRSA,
		{"1.2.840.113549.1.1.13", crypto.SHA512}: x509.SHA512WithRSA,
		{ecPublicKey, crypto.SHA256}:             x509.ECDSAWithSHA256,
		{ecPublicKey, crypto.SHA384}:             x509.ECDSAWithSHA384,
		{ecPublicKey, crypto.SHA512}:             x509.ECDSAWithSHA512,
		{"1.2.840.10045.4.3.2", crypto.SHA256}:   x509.ECDSAWithSHA256,
		{"1.2.840.10045.4.3.3", crypto.SHA384}:   x509.ECDSAWithSHA384,
		{"1.2.840.10045.4.3.4", crypto.SHA512}:   x509.ECDSAWithSHA512,
		{"1.3.101.112", crypto.SHA512}:           x509.PureEd25519,
	}[pair{s.Algorithm.Algorithm.String(), hash}]
	if !ok {
		return 0, fmt.Errorf("signed by the algorithm %v, which is not known here", s.Algorithm.Algorithm)
	}
	return a, nil
}
