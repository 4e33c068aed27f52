package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// sealed opens captures of which each holds one text.
type sealed map[string]Original

// Original implements Originals.
func (s sealed) Original(_ context.Context, at casebook.Original) (Original, error) {
	switch at.Capture.Digest {
	case "erased":
		return Original{}, fmt.Errorf("%w: by somebody", privacy.ErrErased)
	case "shut":
		return Original{}, evidence.ErrNoIdentity
	}
	o, ok := s[at.Capture.Digest]
	if !ok {
		return o, ErrNotKept
	}
	return o, nil
}

// ResumeIDs implements Originals.
func (s sealed) ResumeIDs(_ context.Context, _, reason string, by casebook.Act) (ResumeIDs, error) {
	return ResumeIDs{IDs: []string{"=1+1", "j12345678"}, Listings: 3, Read: 2, Closed: evidence.ErrNoIdentity}, nil
}

const (
	saidText = "出简历 QQ1000012345 样本：张三 13800138001 J12345678"
	saidMask = "出简历 QQ1000012345 样本：＊＊ *********** *********"
)

// listed commits a listing in a capture of its own and returns its id.
func (w *world) listed(n int, capture string) string {
	w.Helper()
	ctx := w.Context()
	run, err := w.Book.StartRun(ctx, "test", w.clock.Now())
	w.must(err)
	unit := casebook.Work{ID: fmt.Sprintf("unit-%d", n), Source: "s", Payload: []byte(`{}`)}
	_, _, err = w.Book.AddChunks(ctx, run, []casebook.Work{unit}, w.clock.Now())
	w.must(err)
	claim := casebook.Claim{ID: unit.ID, Generation: 1}
	_, err = w.Book.ClaimWork(ctx, claim, w.clock.Now())
	w.must(err)
	p := &market.Post{Place: "1000045678", Author: market.Author{Kind: market.AuthorUIN, ID: fmt.Sprint(1000012345 + n)}, PostedAt: w.clock.Now(), Text: saidText}
	l := market.Listing{Listing: true, Side: market.SideSell, Goods: []string{market.GoodsResumeData}, Sample: &market.Sample{Records: 1}}
	f := casebook.Found{Post: p, ID: p.ID(0), Masked: saidMask, TextDigest: "t", Reading: market.Reading{Listing: l, Confidence: 1}, Extractor: "1", Capture: capture, Start: -1, State: market.PostUnknown,
		People: [][]market.BlindValue{{{Kind: "phone", Digest: "1:aa"}, {Kind: "person", Digest: "1:aa"}}}}
	_, err = w.Book.Commit(ctx, casebook.Learnt{Work: claim, Run: run, Source: "s", At: w.clock.Now(), Outcome: market.OutcomeNew, Found: []casebook.Found{f},
		Captures: []casebook.Capture{{Digest: capture, SealedDigest: capture, File: "2026/03/f", Offset: int64(n), Length: 1, Kind: "chat", At: w.clock.Now(), Source: "s"}}, Device: "test-host"})
	w.must(err)
	return f.ID
}

func originalsWorld(t *testing.T) *world {
	at := strings.Index(saidText, "13800138001")
	all := sealed{"plain": {Text: saidText, Exact: true, Personal: []market.Span{
		{Field: "/sample", Start: strings.Index(saidText, "张三"), End: len(saidText)}, {Field: "name", Start: strings.Index(saidText, "张三"), End: at - 1},
		{Field: "phone", Start: at, End: at + 11}, {Field: "resume_id", Start: at + 12, End: len(saidText)}}}}
	w := newWorld(t, func(o *Options) { o.Originals = all })
	for _, role := range []string{"viewer", "analyst", "reviewer", "platform", "auditor"} {
		w.user(role, role)
	}
	return w
}

// One listing at once, with a reason, partly or wholly, and on record.
func TestUnmask(t *testing.T) {
	w := originalsWorld(t)
	id := w.listed(1, "plain")
	b := w.signedIn("analyst")
	form := b.want(b.get(unmaskLink(id)), http.StatusOK)
	if !strings.Contains(form.body, "＊＊") || strings.Contains(form.body, "13800138001") || strings.Contains(form.body, "8001") {
		t.Fatalf("the form: %s", form.body)
	}
	b.want(b.post("/unmask", "listing", id, "grade", "display", "reason", " "), http.StatusUnprocessableEntity)
	b.want(b.post("/unmask", "listing", id, "grade", "all", "reason", "C-3"), http.StatusBadRequest)
	b.want(b.post("/unmask", "listing", "none", "grade", "whole", "reason", "C-3"), http.StatusNotFound)
	b.want(b.post("/unmask", "grade", "whole", "reason", "C-3"), http.StatusBadRequest)

	part := b.want(b.post("/unmask", "listing", id, "grade", "display", "reason", "case C-3, asked by 13800138002"), http.StatusOK)
	for _, want := range []string{"138****8001", "张", "U-1", "case C-3", "2026-03-01 13:00"} {
		if !strings.Contains(part.body, want) {
			t.Errorf("display lacks %q\n%s", want, part.body)
		}
	}
	for _, no := range []string{"13800138001", "J12345678", "13800138002", "张三"} {
		if strings.Contains(part.body, no) {
			t.Errorf("display shows %q", no)
		}
	}
	if got := part.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	whole := b.want(b.post("/unmask", "listing", id, "grade", "whole", "reason", "again"), http.StatusOK)
	if !strings.Contains(whole.body, "13800138001") || strings.Contains(whole.body, "J12345678") {
		t.Errorf("whole: numbers of resumes are for the platform\n%s", whole.body)
	}
	var seen []string
	w.must(w.Book.CustodyEvents(t.Context(), custody.Unmasked, func(e custody.Event) error {
		seen = append(seen, fmt.Sprint(e.Actor, e.Detail["role"], e.Detail["grade"], e.Detail["reason"]))
		return nil
	}))
	if len(seen) != 2 || strings.Contains(strings.Join(seen, ""), "13800138002") || !strings.HasPrefix(seen[0], "analystanalystdisplay") || !strings.HasPrefix(seen[1], "analystanalystwhole") {
		t.Errorf("events %q", seen)
	}
	if strings.Contains(w.log.String(), "13800138001") {
		t.Error("the log has the value")
	}

	// From another site, by another role.
	b.want(b.do("POST", "/unmask", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
	for _, role := range []string{"viewer", "platform", "auditor"} {
		o := w.signedIn(role)
		o.want(o.get(unmaskLink(id)), http.StatusForbidden)
		o.want(o.post("/unmask", "listing", id, "grade", "whole", "reason", "r"), http.StatusForbidden)
	}
}

// Several need another person, who is another person, with the right role.
func TestUnmaskMany(t *testing.T) {
	w := originalsWorld(t)
	one, two := w.listed(1, "plain"), w.listed(2, "erased")
	b, r := w.signedIn("analyst"), w.signedIn("reviewer")
	ask := func() answer {
		form := map[string][]string{"listing": {one, two}, "grade": {"whole"}, "reason": {"C-3"}}
		return b.do("POST", "/unmask", form)
	}
	waits := b.want(ask(), http.StatusAccepted)
	if !strings.Contains(waits.body, "U-1") || strings.Contains(waits.body, "13800138001") {
		t.Fatalf("%s", waits.body)
	}
	b.want(b.post("/unmask/U-1"), http.StatusForbidden)
	list := r.want(r.get("/unmask"), http.StatusOK)
	if !strings.Contains(list.body, `action="/unmask/U-1"`) || !strings.Contains(list.body, "C-3") {
		t.Errorf("the reviewer doesn't see it: %s", list.body)
	}
	if own := b.want(b.get("/unmask"), http.StatusOK); strings.Contains(own.body, `action="/unmask/U-1"`) || !strings.Contains(own.body, "U-1") {
		t.Errorf("%s", own.body)
	}
	r.want(r.post("/unmask/U-9"), http.StatusNotFound)
	r.want(r.post("/unmask/nine"), http.StatusNotFound)
	r.want(r.post("/unmask/U-1"), http.StatusSeeOther, "/unmask")
	r.want(r.post("/unmask/U-1"), http.StatusNotFound)
	shown := b.want(ask(), http.StatusOK)
	if !strings.Contains(shown.body, "13800138001") || !strings.Contains(shown.body, "The key of that month was erased") || !strings.Contains(shown.body, "reviewer") {
		t.Errorf("%s", shown.body)
	}
	w.clock.later(2 * time.Hour)
	b.want(ask(), http.StatusAccepted)

	// One's own.
	own := map[string][]string{"listing": {one, two}, "grade": {"whole"}, "reason": {"mine"}}
	r.want(r.do("POST", "/unmask", own), http.StatusAccepted)
	if page := r.want(r.get("/unmask"), http.StatusOK); strings.Contains(page.body, `action="/unmask/U-3"`) {
		t.Error("one's own request can be approved")
	}
	r.want(r.post("/unmask/U-3"), http.StatusForbidden)
}

// What can't be opened is said plainly, and nobody has seen it then.
func TestUnmaskClosed(t *testing.T) {
	w := originalsWorld(t)
	b := w.signedIn("analyst")
	for i, c := range [][2]string{{"erased", "key of that month was erased"}, {"shut", "no identity on this machine"}, {"dropped", "not kept any more"}} {
		id := w.listed(i, c[0])
		a := b.want(b.post("/unmask", "listing", id, "grade", "whole", "reason", "C-3"), http.StatusOK)
		if !strings.Contains(a.body, c[1]) {
			t.Errorf("%s: %s", c[0], a.body)
		}
	}
	w.must(w.Book.CustodyEvents(t.Context(), custody.Unmasked, func(e custody.Event) error {
		t.Errorf("noted although nothing was shown: %+v", e)
		return nil
	}))
}

// Numbers of resumes are for the platform alone, as a page and as a file.
func TestNumbers(t *testing.T) {
	w := originalsWorld(t)
	id := w.listed(1, "plain")
	lead, ok, err := w.Book.TakeLease(t.Context(), "leader", "test", w.clock.Now(), time.Hour)
	if err != nil || !ok {
		t.Fatal(err)
	}
	notices, err := w.Book.Outbox(t.Context(), casebook.TopicGroup, 10)
	w.must(err)
	before, err := w.Book.Members(t.Context(), []string{notices[0].Ref})
	w.must(err)
	_, err = w.Book.SaveGrouping(t.Context(), casebook.Grouping{Fence: lead, At: w.clock.Now(), Notices: notices, Before: before, Keys: map[string][]string{},
		Offers: []casebook.Offer{{ID: id, Members: []string{notices[0].Ref}, SellerKeys: []string{"uin:1000012346"}, FirstSeen: w.clock.Now(), LastSeen: w.clock.Now()}}})
	w.must(err)

	page := "/offers/" + id + "/numbers"
	b := w.signedIn("platform")
	if a := b.want(b.get("/offers/"+id), http.StatusOK); !strings.Contains(a.body, page) || strings.Contains(a.body, "/unmask?") {
		t.Errorf("links of the platform: %s", a.body)
	}
	b.want(b.get(page), http.StatusOK)
	b.want(b.post(page, "reason", ""), http.StatusUnprocessableEntity)
	if a := b.want(b.post(page, "reason", "ticket 7"), http.StatusOK); !strings.Contains(a.body, "j12345678") || !strings.Contains(a.body, "no identity on this machine") {
		t.Errorf("%s", a.body)
	}
	file := b.want(b.post(page, "reason", "ticket 7", "as", "csv"), http.StatusOK)
	if want := "offer_id,resume_id\n" + id + ",'=1+1\n" + id + ",j12345678\n"; file.body != want || file.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%q %q", file.body, file.Header)
	}
	for _, role := range []string{"viewer", "analyst", "reviewer", "auditor"} {
		o := w.signedIn(role)
		if a := o.want(o.get("/offers/"+id), http.StatusOK); strings.Contains(a.body, page) || strings.Contains(a.body, "/unmask?") != (role == "analyst" || role == "reviewer") {
			t.Errorf("links of %s", role)
		}
		o.want(o.get(page), http.StatusForbidden)
		o.want(o.post(page, "reason", "r"), http.StatusForbidden)
	}
}
