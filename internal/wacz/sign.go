package wacz

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Key derives the key that signs packages from a secret of the installation, 32
// bytes or more: ECDSA on P-384, which is what viewers check (wacz-auth 0.1.0
// says ECDSA, ReplayWeb.page takes this curve alone).
func Key(secret []byte) (*ecdsa.PrivateKey, error) {
	if len(secret) < 32 {
		return nil, fmt.Errorf("wacz: a secret of %d bytes is too short", len(secret))
	}
	for n := range 100 { // a value beyond the order of the curve is too rare ever to be met
		raw, err := hkdf.Key(sha512.New, secret, nil, fmt.Sprintf("resumewatch wacz P-384 %d", n), 48)
		if err != nil {
			return nil, fmt.Errorf("wacz: %w", err)
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), raw); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("wacz: no key comes of this secret")
}

// Fingerprint names a public key: hex SHA-256 of its SubjectPublicKeyInfo.
func Fingerprint(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("wacz: public key: %w", err)
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}

// digestFile is datapackage-digest.json.
type digestFile struct {
	Path   string      `json:"path"`
	Hash   string      `json:"hash"`
	Signed *signedData `json:"signedData,omitempty"`
}

// signedData has one of two shapes: anonymous (publicKey), or with the
// certificate of a domain and a time stamp. We write the first.
type signedData struct {
	Hash            string `json:"hash"`
	Created         string `json:"created"`
	Software        string `json:"software"`
	Version         string `json:"version"`
	Signature       string `json:"signature"`
	PublicKey       string `json:"publicKey,omitempty"`
	Domain          string `json:"domain,omitempty"`
	DomainCert      string `json:"domainCert,omitempty"`
	TimeSignature   string `json:"timeSignature,omitempty"`
	TimestampCert   string `json:"timestampCert,omitempty"`
	CrossSignedCert string `json:"crossSignedCert,omitempty"`
}

// sign makes the anonymous shape: the signature, r and s side by side as
// WebCrypto has them, is over the text of the hash ("sha256:…").
func sign(key *ecdsa.PrivateKey, hash, created, software string) (*signedData, error) {
	sum := sha256.Sum256([]byte(hash))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return nil, fmt.Errorf("wacz: sign: %w", err)
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	raw := make([]byte, 2*size)
	r.FillBytes(raw[:size])
	s.FillBytes(raw[size:])
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("wacz: sign: %w", err)
	}
	return &signedData{Hash: hash, Created: created, Software: software, Version: authVersion,
		Signature: base64.StdEncoding.EncodeToString(raw), PublicKey: base64.StdEncoding.EncodeToString(der)}, nil
}

// signer checks the signature and returns whose it is: the fingerprint of the
// key, and the domain when a certificate names one.
func (d *signedData) signer() (fingerprint, domain string, err error) {
	if _, err := time.Parse(time.RFC3339, d.Created); err != nil {
		return "", "", fmt.Errorf("created %.60q is no time", d.Created)
	}
	var public crypto.PublicKey
	switch {
	case d.PublicKey != "" && d.DomainCert == "" && d.Domain == "":
		der, err := base64.StdEncoding.DecodeString(d.PublicKey)
		if err != nil {
			return "", "", fmt.Errorf("publicKey: %w", err)
		}
		if public, err = x509.ParsePKIXPublicKey(der); err != nil {
			return "", "", fmt.Errorf("publicKey: %w", err)
		}
	case d.PublicKey == "" && d.DomainCert != "" && d.Domain != "":
		block, _ := pem.Decode([]byte(d.DomainCert))
		if block == nil {
			return "", "", errors.New("domainCert is no PEM")
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return "", "", fmt.Errorf("domainCert: %w", err)
		}
		if err := cert.VerifyHostname(d.Domain); err != nil {
			return "", "", fmt.Errorf("domainCert: %w", err)
		}
		public = cert.PublicKey
	default:
		return "", "", errors.New("neither the anonymous shape (publicKey) nor that of a domain (domain, domainCert)")
	}
	key, ok := public.(*ecdsa.PublicKey)
	if !ok {
		return "", "", fmt.Errorf("a key of type %T; ECDSA is what the format knows", public)
	}
	raw, err := base64.StdEncoding.DecodeString(d.Signature)
	if err != nil {
		return "", "", fmt.Errorf("signature: %w", err)
	}
	sum := sha256.Sum256([]byte(d.Hash))
	size := (key.Curve.Params().BitSize + 7) / 8
	good := ecdsa.VerifyASN1(key, sum[:], raw)
	if !good && len(raw) == 2*size {
		good = ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(raw[:size]), new(big.Int).SetBytes(raw[size:]))
	}
	if !good {
		return "", "", errors.New("the signature is not that of this hash by this key")
	}
	fingerprint, err = Fingerprint(key)
	return fingerprint, d.Domain, err
}
