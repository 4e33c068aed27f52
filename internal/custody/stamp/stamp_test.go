package stamp_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/custody/stamp"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func roots(t testing.TB, pem []byte) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate")
	}
	return pool
}

// Answers that OpenSSL made (testdata/make) are understood.
func TestOpen(t *testing.T) {
	data, ca := file(t, "data"), roots(t, file(t, "ca.pem"))
	for _, name := range []string{"rsa", "ec"} {
		for _, roots := range []*x509.CertPool{ca, nil} {
			s, err := stamp.Open(file(t, name+".tsr"), data, roots)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if s.Time.Year() < 2025 || s.Accuracy != 1500*time.Millisecond || s.Policy != "1.2.3.4.1" || s.Nonce == nil || s.Signer.Subject.CommonName != "Example TSA "+name {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	data, ca, reply := file(t, "data"), roots(t, file(t, "ca.pem")), file(t, "rsa.tsr")
	for _, c := range []struct {
		name        string
		reply, data []byte
		roots       *x509.CertPool
		want        string
	}{
		{"other data", reply, []byte("something else"), ca, "imprint"},
		{"nothing", nil, data, ca, "answer"},
		{"bytes behind it", append(bytes.Clone(reply), 0), data, ca, "too many"},
		{"cut", reply[:len(reply)-1], data, ca, "answer"},
		{"nobody trusts it", reply, data, x509.NewCertPool(), "certificate"},
		{"a refusal", []byte{0x30, 0x0f, 0x30, 0x0d, 0x02, 0x01, 0x02, 0x30, 0x04, 0x0c, 0x02, 'n', 'o', 0x03, 0x02, 0x07, 0x80}, data, ca, `status 2, reasons 80):" no"`},
		{"granted without a token", []byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00}, data, ca, "no CMS"},
		{"too long", make([]byte, stamp.MaxReply+1), data, ca, "more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := stamp.Open(c.reply, c.data, c.roots); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

// No bit of an answer can be flipped unseen where it says something: what passes
// says the same.
func TestFlippedBits(t *testing.T) {
	data, ca := file(t, "data"), roots(t, file(t, "ca.pem"))
	for _, name := range []string{"rsa", "ec"} {
		reply := file(t, name+".tsr")
		want, err := stamp.Open(reply, data, ca)
		if err != nil {
			t.Fatal(err)
		}
		passed := 0
		for i := range reply {
			changed := bytes.Clone(reply)
			changed[i] ^= 1 << (i % 8)
			got, err := stamp.Open(changed, data, ca)
			if err != nil {
				continue
			}
			passed++
			if !got.Time.Equal(want.Time) || got.Serial.Cmp(want.Serial) != 0 || got.Policy != want.Policy || got.Nonce.Cmp(want.Nonce) != 0 || !got.Signer.Equal(want.Signer) {
				t.Errorf("%s: byte %d flipped: %+v", name, i, got)
			}
		}
		// Not signed: numbers of versions, the list of digests, certificates that aren't needed.
		t.Logf("%s: %d of %d flips pass and say the same", name, passed, len(reply))
	}
}

func TestRequest(t *testing.T) {
	der, err := stamp.Request([]byte("abc"), big.NewInt(77))
	if err != nil {
		t.Fatal(err)
	}
	want := "303c" + "020101" + // version 1
		"3031300d060960864801650304020105000420ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" + // SHA-256 of abc
		"02014d" + "0101ff" // nonce, with the certificate
	if got := hex.EncodeToString(der); got != want {
		t.Errorf("request %s, want %s", got, want)
	}
}

func FuzzOpen(f *testing.F) {
	data := file(f, "data")
	f.Add(file(f, "rsa.tsr"), data)
	f.Add(file(f, "ec.tsr"), data)
	f.Fuzz(func(t *testing.T, reply, data []byte) {
		if s, err := stamp.Open(reply, data, nil); (s == nil) == (err == nil) {
			t.Errorf("%v, %v", s, err)
		}
	})
}
