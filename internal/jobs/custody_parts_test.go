//go:build parts

package jobs_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody/stamp"
	"resumewatch/internal/jobs"
)

func openssl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path := os.Getenv("RESUMEWATCH_OPENSSL")
	if path == "" {
		t.Fatal("RESUMEWATCH_OPENSSL is not set: deploy/testparts/with openssl -- go test -tags parts …")
	}
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	return string(out), err
}

// Stamps that OpenSSL's service made are taken, and OpenSSL verifies what we keep:
// the checkpoint's text and the answer as it came.
func TestStampsOfOpenSSL(t *testing.T) {
	dir := t.TempDir()
	script := exec.CommandContext(t.Context(), filepath.Join("..", "custody", "stamp", "testdata", "make"), dir)
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, kind := range []string{"rsa", "ec"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			l := custodyLog(t, w.dir)
			l.LogKeeper.Stamps = jobs.StampEvery
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				query, reply := filepath.Join(w.dir, "q.tsq"), filepath.Join(w.dir, "r.tsr")
				body, err := io.ReadAll(r.Body)
				if err == nil {
					err = os.WriteFile(query, body, 0o600)
				}
				var said string
				if err == nil {
					said, err = openssl(t, "ts", "-reply", "-config", filepath.Join(dir, kind+".cnf"), "-section", "t", "-queryfile", query, "-out", reply)
				}
				if err != nil {
					http.Error(rw, err.Error()+said, http.StatusInternalServerError)
					return
				}
				rw.Header().Set("Content-Type", stamp.ReplyType)
				http.ServeFile(rw, r, reply)
			}))
			defer server.Close()
			w.must(w.Book.NoteCustody(t.Context(), opened(1, w.Now())))
			w.must(w.KeepLog(t.Context(), l))
			w.must(w.StampLog(t.Context(), jobs.NewHTTPStamper(server.URL)))

			stamps := 0
			w.must(w.Book.Stamps(t.Context(), func(s casebook.Stamp) error {
				stamps++
				reply, err := base64.StdEncoding.DecodeString(s.Token)
				w.must(err)
				verify := func(data string, reply []byte) (string, error) {
					t.Helper()
					w.must(os.WriteFile(filepath.Join(w.dir, "checkpoint"), []byte(data), 0o600))
					w.must(os.WriteFile(filepath.Join(w.dir, "stamp.tsr"), reply, 0o600))
					return openssl(t, "ts", "-verify", "-data", filepath.Join(w.dir, "checkpoint"), "-in", filepath.Join(w.dir, "stamp.tsr"), "-CAfile", filepath.Join(dir, "ca.pem"))
				}
				if out, err := verify(s.Signed, reply); err != nil || !strings.Contains(out, "Verification: OK") {
					t.Errorf("openssl: %v\n%s", err, out)
				}
				if out, err := verify(strings.Replace(s.Signed, "\n2\n", "\n3\n", 1), reply); err == nil {
					t.Errorf("openssl takes another checkpoint: %s", out)
				}
				changed := bytes.Clone(reply)
				changed[len(changed)-5] ^= 1 // in the signature
				if out, err := verify(s.Signed, changed); err == nil {
					t.Errorf("openssl takes a changed stamp: %s", out)
				}
				if _, err := stamp.Open(changed, []byte(s.Signed), nil); err == nil {
					t.Error("we take a changed stamp")
				}
				return nil
			}))
			w.same("stamps", 1, stamps)
		})
	}
}
