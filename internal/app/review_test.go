package app

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

// unsure is the extractor, but that it is in doubt of what says so.
type unsure struct{ *extractors.Extractor }

func (u unsure) Extract(text string, o extractors.Options) market.Reading {
	r := u.Extractor.Extract(text, o)
	if strings.Contains(text, "存疑") && !o.AssumeListing {
		r = market.Reading{Confidence: 0.4, Doubt: true, Reasons: []market.Reason{{Code: "goods.vague", Text: text}}}
		r.Normalize()
	}
	return r
}

const doubted = "存疑 有智联一手简历 2元一份 100份起 加QQ 1000077777 张三 13800138001"

// unsureOptions are those of a folder with a reviewer, li, and an analyst, wang.
func unsureOptions(t *testing.T) Options {
	t.Helper()
	o := testOptions(t)
	x, err := extractors.New()
	must(t, err)
	o.Words = unsure{x}
	changed(t, o, func(b *casebook.Book) {
		for name, role := range map[string]string{"li": casebook.RoleReviewer, "zhao": casebook.RoleAdmin, "wang": casebook.RoleAnalyst} {
			must(t, b.AddUser(t.Context(), casebook.User{Name: name, Role: role, Password: "$argon2id$unused"}, casebook.Act{At: time.Now()}))
		}
	})
	return o
}

// importDoubts imports a group with one advert and so many doubtful posts.
func importDoubts(t *testing.T, o Options, n int) Report {
	t.Helper()
	path := export(t, o.Data+"/../in/chat.txt", "一群")
	text, err := os.ReadFile(path)
	must(t, err)
	for i := range n {
		text = fmt.Appendf(text, "2026-03-01 09:%02d:00 卖家(1000077777)\r\n%s %d\r\n\r\n", i, doubted, i)
	}
	must(t, os.WriteFile(path, text, 0o600))
	report, err := Import(t.Context(), o, ImportOptions{Paths: []string{path}, GroupID: "1000045678", Timezone: "Asia/Shanghai"})
	must(t, err)
	return report
}

func doubtLines(t *testing.T, o Options, state string) (out []DoubtLine) {
	t.Helper()
	must(t, Doubts(t.Context(), o, DoubtOptions{State: state, As: "li"}, func(d DoubtLine) error { out = append(out, d); return nil }))
	return out
}

// What a reviewer accepts is found, raised and kept as if the extractor had found it.
func TestReview(t *testing.T) {
	o := unsureOptions(t)
	report := importDoubts(t, o, 3)
	same(t, "doubtful posts of the run", []int64{3, 1}, []int64{report.Summary.Doubtful, report.Summary.Listings})
	all := doubtLines(t, o, casebook.DoubtWaiting)
	if len(all) != 3 || strings.Contains(all[0].Text, "13800138001") || !strings.Contains(all[0].Text, "1000077777") || all[0].Until == "" || all[0].Source == "" {
		t.Fatalf("waiting: %+v", all)
	}
	if err := Doubts(t.Context(), o, DoubtOptions{As: "wang"}, nil); err == nil || !strings.Contains(err.Error(), "analyst") {
		t.Errorf("an analyst reviews: %v", err)
	}
	d, err := ShowDoubt(t.Context(), o, "D-2", "li")
	must(t, err)
	if len(d.Before) != 3 || len(d.After) != 1 || len(d.Why) == 0 || d.Listing.Side != market.SideSell || strings.Contains(fmt.Sprint(d), "13800138001") {
		t.Errorf("D-2: %+v", d)
	}

	done, err := AcceptDoubts(t.Context(), o, AcceptOptions{IDs: []string{"D-1", "d-2"}, Goods: []string{market.GoodsScrapingTool}, As: "li"})
	must(t, err)
	if len(done) != 2 || len(done[0].Alerts) == 0 || done[0].OfferID == "" {
		t.Fatalf("accepted: %+v", done)
	}
	found := hits(t, o, "qq:1000077777 goods:scraping_tool")
	if len(found) != 2 || found[0].Capture.File == "" || strings.Contains(found[0].Text, "13800138001") {
		t.Errorf("found: %+v", found)
	}
	if _, err := AcceptDoubts(t.Context(), o, AcceptOptions{IDs: []string{"D-1"}, As: "zhao"}); err == nil || !strings.Contains(err.Error(), "accepted by li") {
		t.Errorf("the second reviewer: %v", err)
	}
	rejected, err := RejectDoubts(t.Context(), o, []string{"D-3", "D-1", "D-9"}, "zhao")
	same(t, "rejected", []string{"D-3"}, rejected)
	if err == nil || !strings.Contains(err.Error(), "D-1 was accepted by li") || !strings.Contains(err.Error(), "no D-9") {
		t.Errorf("rejecting what is decided: %v", err)
	}
	same(t, "waiting", 0, len(doubtLines(t, o, casebook.DoubtWaiting)))
	changed(t, o, func(b *casebook.Book) {
		captured := 0
		must(t, b.CustodyEvents(t.Context(), custody.Captured, func(e custody.Event) error {
			if e.Actor == "li" {
				captured++
			}
			return nil
		}))
		same(t, "captures that a reviewer made", 2, captured)
		acts := map[string]int{}
		log, err := b.AuditLog(t.Context(), 0, 0)
		must(t, err)
		for _, e := range log {
			if e.OSUser != "" {
				acts[e.Action+" "+e.Who]++
			}
		}
		same(t, "audit", []int{2, 1}, []int{acts["doubt_accepted li"], acts["doubt_rejected zhao"]})
	})
	keys, err := keyring(o)
	must(t, err)
	sp, err := openSpool(o, keys, time.Now)
	must(t, err)
	n, _, err := sp.Size()
	must(t, err)
	same(t, "items", 0, n)
	// The same bytes by another name bring nothing back.
	before := dump(t, o)
	importDoubts(t, o, 3)
	same(t, "dump", before, dump(t, o))
	verified(t, o)
}

// While another process works on the folder it makes the listing.
func TestReviewBesideUp(t *testing.T) {
	o := unsureOptions(t)
	importDoubts(t, o, 1)
	s, err := Open(t.Context(), o)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	done, err := AcceptDoubts(t.Context(), o, AcceptOptions{IDs: []string{"D-1"}, As: "li"})
	must(t, err)
	same(t, "accepted", 1, len(done))
}

func TestReviewUsage(t *testing.T) {
	o := unsureOptions(t)
	for _, in := range []AcceptOptions{{IDs: []string{"A-1"}}, {IDs: []string{"D-1"}, Side: "both"}, {IDs: []string{"D-1"}, Goods: []string{"resumes"}}} {
		in.As = "li"
		_, err := AcceptDoubts(t.Context(), o, in)
		wantUsage(t, err)
	}
	if _, err := ShowDoubt(t.Context(), o, "D-7", "li"); err == nil || !strings.Contains(err.Error(), "no D-7") {
		t.Errorf("%v", err)
	}
}

// An erasure takes the texts in which a person waits, and they don't come again.
func TestReviewErased(t *testing.T) {
	o := unsureOptions(t)
	importDoubts(t, o, 2)
	certificate, err := ErasePerson(t.Context(), o, PersonOptions{Kind: "phone", Value: "13800138001", Reason: "asked", As: "li"})
	must(t, err)
	same(t, "posts that waited", 2, certificate.Waiting)
	same(t, "waiting", 0, len(doubtLines(t, o, "")))
	x := o.Words.(unsure)
	o.Words = later{x}
	importDoubts(t, o, 3) // one more, read by a later version with all the others
	same(t, "waiting", 0, len(doubtLines(t, o, "")))
}

// later is unsure of a later version.
type later struct{ unsure }

func (later) Version() string { return "99" }

var _ jobs.Reader = later{}

// The key of a month takes what was seen in it and waits.
func TestReviewErasedKey(t *testing.T) {
	o := unsureOptions(t)
	importDoubts(t, o, 1)
	next := o
	next.Env = func(key string) string {
		return map[string]string{"RESUMEWATCH_TEST": "1", "RESUMEWATCH_CLOCK_OFFSET": "768h"}[key]
	}
	month := time.Now().UTC().Format("2006-01")
	done, err := EraseKey(t.Context(), next, EraseOptions{Key: month, Reason: "over", As: "zhao"})
	must(t, err)
	same(t, "posts that waited", 1, done.Waiting)
	same(t, "waiting", 0, len(doubtLines(t, o, "")))
}

// What nobody decides goes with the sweep of the spool, 30 days after it was seen; what a
// kill left behind goes a day later.
func TestReviewSwept(t *testing.T) {
	o := unsureOptions(t)
	importDoubts(t, o, 2)
	keys, err := keyring(o)
	must(t, err)
	sp, err := openSpool(o, keys, time.Now)
	must(t, err)
	must(t, sp.Put(t.Context(), "ab0123456789abcdef", []byte("left by a kill")))
	size := func() int {
		n, _, err := sp.Size()
		must(t, err)
		return n
	}
	same(t, "items", 3, size())
	changed(t, o, func(b *casebook.Book) {
		must(t, sweepSpool(t.Context(), b, sp, time.Now().Add(48*time.Hour)))
		same(t, "items two days later", 2, size())
		must(t, sweepSpool(t.Context(), b, sp, time.Now().Add(31*24*time.Hour)))
	})
	same(t, "items a month later", 0, size())
	all := doubtLines(t, o, casebook.DoubtExpired)
	if len(all) != 2 || all[0].Text != "" || all[0].Until != "" {
		t.Errorf("expired: %+v", all)
	}
	d := Doctor(t.Context(), o)
	if !strings.Contains(fmt.Sprint(d.Parts), "2 went undecided") {
		t.Errorf("doctor: %+v", d.Parts)
	}
}
