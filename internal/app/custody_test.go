package app

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/custody/stamp/stamptest"
	"resumewatch/internal/evidence"
)

// told finds the check of a report whose name begins so.
func told(t *testing.T, r evidence.Report, what string) evidence.Check {
	t.Helper()
	for _, c := range r.Checked {
		if strings.HasPrefix(c.What, what) {
			return c
		}
	}
	t.Fatalf("nothing of %s in %+v", what, r)
	return evidence.Check{}
}

// A checkpoint is stamped by the configured service; `evidence verify` judges the
// stamp, and its signer when it knows whom to trust.
func TestStampedLog(t *testing.T) {
	service, stranger := stamptest.New(t, time.Now), stamptest.New(t, time.Now)
	server := httptest.NewServer(service)
	defer server.Close()
	o := testOptions(t)
	o.Config.Evidence.TimestampURL = server.URL
	s, err := Open(t.Context(), o)
	must(t, err)
	w, l := s.rt.workshop, *s.rt.log
	must(t, monthKeys(t.Context(), w, "", s.rt.keys))
	must(t, w.KeepLog(t.Context(), l))
	must(t, w.StampLog(t.Context(), l.Stamps))
	must(t, s.Close())

	verify := func() evidence.Report {
		t.Helper()
		r, err := OpenReader(t.Context(), o)
		must(t, err)
		defer r.Close()
		report, err := r.VerifyEvidence(t.Context(), nil)
		must(t, err)
		return report
	}
	r := verify()
	if c := told(t, r, "time stamps"); !r.OK || !c.OK || !strings.HasPrefix(c.Detail, "1 good, 0 wait") {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(strings.Join(r.Unchecked, "\n"), "timestamp_ca_file") {
		t.Errorf("whether the signer is trusted was not left open: %v", r.Unchecked)
	}
	roots := filepath.Join(t.TempDir(), "roots.pem")
	o.Config.Evidence.TimestampCAFile = roots
	must(t, os.WriteFile(roots, service.Roots(), 0o600))
	if r := verify(); !r.OK || strings.Contains(strings.Join(r.Unchecked, "\n"), "stamp") {
		t.Errorf("its own root: %+v", r)
	}
	must(t, os.WriteFile(roots, stranger.Roots(), 0o600))
	if r := verify(); r.OK || told(t, r, "time stamps").OK || !strings.Contains(told(t, r, "time stamp of").Detail, "certificate") {
		t.Errorf("a stranger's root: %+v", r)
	}
	must(t, os.WriteFile(roots, []byte("none"), 0o600))
	reader, err := OpenReader(t.Context(), o)
	must(t, err)
	defer reader.Close()
	_, err = reader.VerifyEvidence(t.Context(), nil)
	wantUsage(t, err, "evidence.timestamp_ca_file")
}

// A test casebook asks nobody beyond loopback.
func TestStampsStayOnLoopback(t *testing.T) {
	for _, url := range []string{"https://tsa.example.com/", "http://10.0.0.1/", "http://localhost:3161/"} {
		o := testOptions(t)
		o.Config.Evidence.TimestampURL = url
		s, err := Open(t.Context(), o)
		if err == nil {
			must(t, s.Close())
		}
		wantUsage(t, err, "evidence.timestamp_url", "loopback")
	}
}
