package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// waiters are texts of doubtful posts by item.
type waiters map[string]DoubtText

func (w waiters) Show(_ context.Context, d casebook.Doubt) (DoubtText, bool, error) {
	t, ok := w[d.Item]
	return t, ok, nil
}

func (w waiters) Forget(_ context.Context, item string) error {
	delete(w, item)
	return nil
}

// doubted lets so many posts of two sources wait.
func (w *world) doubted(all waiters, n int) {
	w.Helper()
	ctx := w.T.Context()
	for i := range n {
		run, err := w.Book.StartRun(ctx, "test", w.clock.Now())
		w.must(err)
		unit, source := fmt.Sprintf("doubt-%d", i), fmt.Sprintf("source-%d", i%2)
		_, _, err = w.Book.AddChunks(ctx, run, []casebook.Work{{ID: unit, Source: source, Payload: []byte(`{}`)}}, w.clock.Now())
		w.must(err)
		claim := casebook.Claim{ID: unit, Generation: 1}
		_, err = w.Book.ClaimWork(ctx, claim, w.clock.Now())
		w.must(err)
		item := fmt.Sprintf("item-%d", i)
		_, err = w.Book.Commit(ctx, casebook.Learnt{Work: claim, Run: run, Source: source, At: w.clock.Now(), Outcome: market.OutcomeNew, Doubtful: []casebook.Doubtful{{
			ID: fmt.Sprintf("post-%d", i), Place: "1000045678", PostedAt: w.clock.Now(), TextDigest: item, Print: uint64(i), Item: item, Extractor: "5",
			Confidence: 0.6 - float64(i)/100, Reasons: []string{"goods.vague"}}}})
		w.must(err)
		r := market.Reading{Listing: market.Listing{Listing: true, Side: market.SideSell, Goods: []string{market.GoodsResumeData}}, Reasons: []market.Reason{{Code: "goods.vague", Text: "说了货"}}}
		r.Normalize()
		all[item] = DoubtText{Text: fmt.Sprintf("有料<b>%d</b> 带价来", i), Before: []string{"前一句"}, After: []string{"后一句"}, Reading: r, Author: market.Author{ID: "1000012345", Name: "卖家"}}
	}
}

// Reviewers decide, by role and once; the second is told who was faster.
func TestReviewPage(t *testing.T) {
	all := waiters{}
	w := newWorld(t, func(o *Options) { o.Doubts = all })
	for _, role := range []string{"viewer", "analyst", "reviewer", "admin", "platform", "auditor"} {
		w.user(role, role)
	}
	b, admin := w.signedIn("reviewer"), w.signedIn("admin")
	if page := b.want(b.get("/review"), http.StatusOK); !strings.Contains(page.body, "No post waits") {
		t.Errorf("nothing waits: %s", page.body)
	}
	w.doubted(all, 25)
	page := b.want(b.get("/review"), http.StatusOK)
	for _, want := range []string{"D-1<", "D-20<", "有料&lt;b&gt;0&lt;/b&gt;", "前一句", "后一句", "说了货", "60%", "source-1", "2026-03-31", "page=2", `data-key="a"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page.body, "D-21<") {
		t.Error("the first page shows all")
	}
	part := b.want(b.get("/review?source=source-1"), http.StatusOK)
	if strings.Contains(part.body, "D-1<") || !strings.Contains(part.body, "D-2<") || !strings.Contains(part.body, "D-24<") {
		t.Errorf("of one source: %s", part.body)
	}
	for _, role := range []string{"viewer", "analyst", "platform", "auditor"} {
		o := w.signedIn(role)
		o.want(o.get("/review"), http.StatusForbidden)
		o.want(o.post("/review/D-1", "decision", "rejected"), http.StatusForbidden)
		if strings.Contains(o.get("/").body, `href="/review"`) {
			t.Errorf("%s sees the room in the menu", role)
		}
	}

	to := b.want(b.post("/review/D-1", "decision", "accepted", "source", "source-0", "side", "buy", "goods", "scraping_tool"), http.StatusSeeOther)
	if at := to.Header.Get("Location"); at != "/review?done=accepted&id=D-1&source=source-0" || !strings.Contains(b.get(at).body, "Accepted D-1;") {
		t.Errorf("led to %s", at)
	}
	d, err := w.Book.Doubt(t.Context(), 1)
	w.must(err)
	if d.State != casebook.DoubtAccepted || d.By != "reviewer" || d.Decision.Side != market.SideBuy || len(d.Decision.Goods) != 1 {
		t.Errorf("accepted: %+v", d)
	}
	b.want(b.post("/review/D-2", "decision", "rejected"), http.StatusSeeOther)
	if _, there := all["item-1"]; there {
		t.Error("a rejected text stays")
	}
	for _, decision := range []string{"accepted", "rejected"} {
		late := admin.want(admin.post("/review/D-1", "decision", decision), http.StatusConflict)
		if !strings.Contains(late.body, "D-1 was accepted by reviewer already") || !strings.Contains(late.body, "D-3<") {
			t.Errorf("the second one: %s", late.body)
		}
	}
	b.want(b.post("/review/D-3", "decision", "maybe"), http.StatusBadRequest)
	b.want(b.post("/review/D-3", "decision", "accepted", "side", "both"), http.StatusBadRequest)
	b.want(b.post("/review/A-3", "decision", "accepted"), http.StatusNotFound)
	b.want(b.post("/review/D-99", "decision", "accepted"), http.StatusNotFound)
	b.want(b.do("POST", "/review/D-3", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
	delete(all, "item-2")
	if gone := b.want(b.get("/review"), http.StatusOK); !strings.Contains(gone.body, "text can&#39;t be read any more") {
		t.Errorf("a text that is gone: %s", gone.body)
	}
	log, err := w.Book.AuditLog(t.Context(), 0, 0)
	w.must(err)
	if log[0].Action != casebook.ActDoubtRejected || log[0].Target != "D-2" || log[0].Who != "reviewer" || log[0].Address == "" {
		t.Errorf("audit: %+v", log[0])
	}
}
