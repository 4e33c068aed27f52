package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
)

// A capture's page says where it stands in the custody log; its receipt proves it.
func TestCapturePage(t *testing.T) {
	key, err := custody.NewKey([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	public := ""
	w := newWorld(t, func(o *Options) { o.LogKey = func() (string, error) { return public, nil } })
	w.user("zhao", "viewer")
	w.user("admin", "admin")
	digest := strings.Repeat("ab", 32)
	w.listed(1, digest)
	b := w.signedIn("zhao")
	page := "/captures/" + digest
	b.want(b.get("/captures/none"), http.StatusNotFound)
	if a := b.want(b.get(page), http.StatusOK); !strings.Contains(a.body, "waits for its number") || strings.Contains(a.body, "/receipt") {
		t.Errorf("before its number: %s", a.body)
	}
	b.want(b.get(page+"/receipt"), http.StatusNotFound)
	_, err = w.Book.ExtendLog(t.Context(), casebook.LogKeeper{Key: key, Device: "h", Stamps: time.Hour}, w.clock.Now(), 100)
	w.must(err)
	b.want(b.get(page+"/receipt"), http.StatusNotFound) // nobody has published a key
	public = key.Public
	a := b.want(b.get(page), http.StatusOK)
	for _, want := range []string{"number 1", "over 2 events", "test-host", page + "/receipt", "has not answered yet"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("lacks %q: %s", want, a.body)
		}
	}
	file := b.want(b.get(page+"/receipt"), http.StatusOK)
	d, err := custody.ParseDocument([]byte(file.body))
	w.must(err)
	e, _, err := d.Check(key.Public)
	if err != nil || e.Kind != custody.Captured || e.Captures[0].Digest != digest || d.Log != key.Public {
		t.Errorf("receipt %+v, %v", d, err)
	}

	// Another key has signed: said, not hidden.
	other, err := custody.NewKey([]byte(strings.Repeat("o", 32)))
	w.must(err)
	public = other.Public
	if a := b.want(b.get(page), http.StatusOK); !strings.Contains(a.body, "This doesn&#39;t hold") {
		t.Errorf("%s", a.body)
	}
}

// A capture that retention dropped says so, one that never was is no page.
func TestCaptureGone(t *testing.T) {
	w := newWorld(t, nil)
	w.user("zhao", "viewer")
	digest := strings.Repeat("cd", 32)
	w.listed(1, digest)
	b := w.signedIn("zhao")
	b.want(b.get("/captures/"+digest), http.StatusOK)
	w.must(w.Book.DoomFiles(t.Context(), w.clock.Now().Format("2006-01")))
	doomed, err := w.Book.DoomedFiles(t.Context())
	w.must(err)
	for file := range doomed {
		_, err := w.Book.DropCaptures(t.Context(), file, custody.Event{At: w.clock.Now(), Actor: "li"}, 10)
		w.must(err)
	}
	if a := b.want(b.get("/captures/"+digest), http.StatusGone); !strings.Contains(a.body, "dropped on 2026-03-01 12:00") {
		t.Errorf("%s", a.body)
	}
}

// Both logs, newest first, for those who may.
func TestCustodyAudit(t *testing.T) {
	w := newWorld(t, nil)
	w.user("admin", "admin")
	for range eventsPerPage {
		w.must(w.Book.NoteCustody(t.Context(), custody.Event{Kind: custody.EvidenceOpened, At: w.clock.Now(), Actor: "<wang>", Detail: map[string]string{"reason": "<b>"}}))
	}
	w.listed(1, "digest")
	b := w.signedIn("admin")
	first := b.want(b.get("/audit?log=custody"), http.StatusOK)
	if !strings.Contains(first.body, `href="/captures/digest"`) || !strings.Contains(first.body, "log=custody&amp;before=") || !strings.Contains(first.body, "&lt;b&gt;") || strings.Contains(first.body, "<wang>") {
		t.Errorf("%s", first.body)
	}
	older := b.want(b.get("/audit?log=custody&before=2"), http.StatusOK)
	if strings.Count(older.body, "<tr>") != 2 || !strings.Contains(older.body, `href="/audit?log=custody"`) {
		t.Errorf("%s", older.body)
	}
	if people := b.want(b.get("/audit"), http.StatusOK); !strings.Contains(people.body, `href="/audit?log=custody"`) || !strings.Contains(people.body, "signed in") {
		t.Errorf("%s", people.body)
	}
}
