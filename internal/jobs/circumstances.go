package jobs

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"time"

	"resumewatch/internal/evidence"
)

// clock is how far the time can be trusted just now.
func (w *Workshop) clock() evidence.Clock {
	if w.Clock == nil {
		return evidence.Clock{}
	}
	return w.Clock()
}

// protection is what the evidence keeps of a TLS connection.
func protection(s *tls.ConnectionState) *evidence.TLS {
	if s == nil {
		return nil
	}
	out := &evidence.TLS{Version: tls.VersionName(s.Version), Cipher: tls.CipherSuiteName(s.CipherSuite), ServerName: s.ServerName}
	if len(s.PeerCertificates) > 0 {
		leaf := s.PeerCertificates[0]
		sum := sha256.Sum256(leaf.Raw)
		out.LeafSHA256, out.Issuer, out.NotAfter = hex.EncodeToString(sum[:]), leaf.Issuer.String(), leaf.NotAfter.UTC().Format(time.RFC3339)
	}
	return out
}
