package queue

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// By rediss:// a server is trusted by the certificates of ca_file, and no other is.
func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	server := miniredis.NewMiniRedis()
	server.RequireAuth("secret")
	if err := server.StartTLS(&tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	open := func(text string) error {
		t.Helper()
		a, err := ParseAddress([]string{text})
		if err != nil {
			t.Fatal(err)
		}
		q, err := Open(t.Context(), a)
		if err == nil {
			err = q.Close()
		}
		return err
	}
	if err := open("rediss://:secret@" + server.Addr() + "?ca_file=" + file); err != nil {
		t.Errorf("with its certificate: %v", err)
	}
	if err := open("rediss://:secret@" + server.Addr()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("with the system's roots: %v", err)
	}
	if err := open("redis://:secret@" + server.Addr()); err == nil {
		t.Error("without TLS: no error")
	}
}
