package console

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"resumewatch/internal/casebook"
)

func TestAuditPage(t *testing.T) {
	w := newWorld(t, nil)
	w.user("aud", casebook.RoleAuditor)
	w.user("ana", casebook.RoleAnalyst)
	ana := w.signedIn("ana")
	ana.want(ana.get("/audit"), http.StatusForbidden)
	if strings.Contains(ana.get("/").body, `href="/audit"`) {
		t.Error("the menu leads where the visitor may not go")
	}
	guest := w.browser()
	guest.want(guest.signIn("ana", "wrong wrong"), http.StatusUnauthorized)
	b := w.signedIn("aud")
	page := b.want(b.get("/audit"), http.StatusOK)
	for _, want := range []string{"signed in", "failed to sign in", "wrong password", "nobody signed in", "127.0.0.1", "2026-03-01 12:00", `href="/audit"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("no %q in\n%s", want, page.body)
		}
	}
	for i := range 250 {
		w.must(w.Book.Audit(t.Context(), casebook.Act{At: w.clock.Now(), OSUser: "ops"}, "something_new", fmt.Sprintf("target-%03d<b>", i), ""))
	}
	seen := map[string]int{}
	targets, next := regexp.MustCompile(`target-\d{3}&lt;`), regexp.MustCompile(`href="(/audit\?before=\d+)"`)
	at, pages := "/audit", 0
	for at != "" && pages < 10 {
		page := b.want(b.get(at), http.StatusOK)
		for _, m := range targets.FindAllString(page.body, -1) {
			seen[m]++
		}
		at = ""
		if m := next.FindStringSubmatch(page.body); m != nil {
			at = m[1]
		}
		pages++
	}
	if len(seen) != 250 || pages != 3 {
		t.Errorf("%d entries on %d pages", len(seen), pages)
	}
	for target, n := range seen {
		if n != 1 {
			t.Errorf("%s %d times", target, n)
		}
	}
	for _, odd := range []string{"x", "-1", "99999999999999999999"} {
		b.want(b.get("/audit?before="+odd), http.StatusOK)
	}
}
