// Package casebooktest is the conformance suite of casebook engines. Every
// engine runs it; an engine that passes keeps the same record of the same world,
// to the byte of DumpCanonical.
package casebooktest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
)

// Run runs the suite. open gives an empty book and sees to closing it; it may be
// called more than once in one test.
func Run(t *testing.T, open func(t *testing.T) *casebook.Book) {
	for _, c := range []struct {
		name string
		run  func(*harness)
	}{
		{"claim", runClaim},
		{"two claimers", runTwoClaimers},
		{"lapse and renewal", runLapse},
		{"reclaim of all", runReclaimAll},
		{"postpone", runPostpone},
		{"fence of a commit", runFence},
		{"chunks", runChunks},
		{"due work of both kinds", runDueKinds},
		{"archives and settings", runArchives},
		{"runs and problems", runRuns},
		{"pages", runPages},
		{"host plan", runHostPlan},
		{"asked for", runAsked},
		{"a page's commit", runLeavePage},
		{"a page asked for during its visit", runAskedDuringVisit},
		{"aliases of a page", runAlias},
		{"sources", runSources},
		{"sources that stand still", runStandingStill},
		{"end of an authority", runAuthority},
		{"leases", runLeases},
		{"captures", runCaptures},
		{"multiplicity of posts", runMultiplicity},
		{"native ids", runNative},
		{"revision", runRevision},
		{"withdrawal", runWithdrawal},
		{"gone thread", runGoneThread},
		{"second source, flags, names", runSecondSource},
		{"spellings of one message", runSpellings},
		{"later extractor", runLaterExtractor},
		{"taken back by a later extractor", runTakenBack},
		{"held and taken back", runTakenBackHeld},
		{"readings of the past", runPast},
		{"kept whole", runKeptWhole},
		{"doubtful posts", runDoubts},
		{"doubtful and accepted", runDoubtAccepted},
		{"doubtful and rejected", runDoubtRejected},
		{"too many doubtful posts", runDoubtsOver},
		{"several reviewers", runDoubtsTogether},
		{"many ids", runManyIDs},
		{"outbox", runOutbox},
		{"consumed notices", runConsumed},
		{"wordings", runWordings},
		{"months of listings", runMonths},
		{"lag and what is stuck", runLag},
		{"adopted pages", runAdopt},
		{"offers", runOffers},
		{"merge of offers", runMergeOffers},
		{"split of an offer", runSplitOffer},
		{"sellers", runSellers},
		{"alerts", runAlerts},
		{"withdrawn offers", runWithdrawnOffers},
		{"fence of the grouper", runGroupFence},
		{"reads of an offer", runDeskOffer},
		{"reads of sellers and alerts", runDeskAlerts},
		{"reads of troubled sources", runDeskSources},
		{"backlog", runBacklog},
		{"custody log", runCustody},
		{"custody events", runCustodyEvent},
		{"captures from before the log", runCustodyAdopted},
		{"dropped captures", runCustodyDropped},
		{"stamps of the log", runCustodyStamps},
		{"custody log by several", runCustodyTogether},
		{"custody log of another", runCustodyForeign},
		{"dump", runDump},
		{"order of commits", runOrder},
		{"writers and readers", runTogether},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(&harness{T: t, Book: open(t), open: open, now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)})
		})
	}
}

// harness is one test with its book and clock.
type harness struct {
	*testing.T
	*casebook.Book
	open  func(t *testing.T) *casebook.Book
	now   time.Time
	units int // names of units of work
}

func (h *harness) ctx() context.Context { return h.T.Context() }

func (h *harness) later(d time.Duration) { h.now = h.now.Add(d) }

func (h *harness) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *harness) wantErr(want, got error) {
	h.Helper()
	if !errors.Is(got, want) {
		h.Fatalf("error %v, want one that wraps %q", got, want)
	}
}

func (h *harness) same(what string, want, got any) {
	h.Helper()
	if d := cmp.Diff(want, got); d != "" {
		h.Fatalf("%s (-want +got)\n%s", what, d)
	}
}

func (h *harness) run() int64 {
	h.Helper()
	id, err := h.StartRun(h.ctx(), "test", h.now)
	h.must(err)
	return id
}

// chunk orders one unit of an archive and returns its row.
func (h *harness) chunk(run int64) casebook.Work {
	h.Helper()
	h.units++
	id := fmt.Sprintf("unit-%d", h.units)
	_, _, err := h.AddChunks(h.ctx(), run, []casebook.Work{{ID: id, Source: "qq-1000045678", Payload: []byte(`{}`)}}, h.now)
	h.must(err)
	return casebook.Work{ID: id, Run: run, Generation: 1}
}

// claimed orders a unit and claims it.
func (h *harness) claimed(run int64) casebook.Claim {
	h.Helper()
	w := h.chunk(run)
	c := casebook.Claim{ID: w.ID, Generation: w.Generation}
	_, err := h.ClaimWork(h.ctx(), c, h.now)
	h.must(err)
	return c
}

// learnt is an empty commit of a claimed unit.
func (h *harness) learnt(run int64, c casebook.Claim) casebook.Learnt {
	return casebook.Learnt{Work: c, Run: run, Source: "qq-1000045678", At: h.now, Outcome: market.OutcomeNew}
}

// commit writes what one unit of an archive found.
func (h *harness) commit(run int64, found ...casebook.Found) casebook.Gain {
	h.Helper()
	return h.commitFrom(run, "qq-1000045678", found...)
}

func (h *harness) commitFrom(run int64, source string, found ...casebook.Found) casebook.Gain {
	h.Helper()
	l := h.learnt(run, h.claimed(run))
	l.Source = source
	for i := range found {
		s, _ := prints.Of(found[i].Post, nil)
		l.Sightings = append(l.Sightings, s)
	}
	l.Found = found
	g, err := h.Commit(h.ctx(), l)
	h.must(err)
	return g
}

func (h *harness) counts(run int64) map[string]int64 {
	h.Helper()
	p, err := h.RunProgress(h.ctx(), run, false)
	h.must(err)
	return p.Counts
}

func (h *harness) row(id string) casebook.Row {
	h.Helper()
	rows, err := h.Rows(h.ctx(), []string{id})
	h.must(err)
	if len(rows) != 1 {
		h.Fatalf("listing %s: %d rows", id, len(rows))
	}
	return rows[0]
}

func (h *harness) dump() string {
	h.Helper()
	return dumpOf(h.T, h.Book)
}

func dumpOf(t *testing.T, b *casebook.Book) string {
	t.Helper()
	var out strings.Builder
	if err := b.DumpCanonical(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var prints = func() casebook.Fingerprints {
	f, err := casebook.NewFingerprints([]byte("0123456789abcdef"))
	if err != nil {
		panic(err) // 16 bytes are 16 bytes
	}
	return f
}()

// said is a message in a group, so many seconds after midnight.
func said(author string, second int, text string) *market.Post {
	return &market.Post{
		Place: "1000045678", PlaceName: "人事交流群", Author: market.Author{Kind: market.AuthorUIN, ID: author, Name: "卖家" + author},
		PostedAt: time.Date(2026, 2, 1, 0, 0, second, 0, time.UTC), Text: text,
	}
}

// unsaid are posts with a native id whose words hold no listing any more.
func unsaid(ids ...string) (out []casebook.Unlisted) {
	for _, id := range ids {
		out = append(out, casebook.Unlisted{ID: id, TextDigest: "of other words", Extractor: "1", Native: true})
	}
	return out
}

// posted is a post of a forum with an id of its own.
func posted(pid int, text string) *market.Post {
	p := said("7", pid, text)
	p.Place, p.Site, p.NativeID = "https://bbs.example.com/forum-2-1.html", "https://bbs.example.com/", fmt.Sprintf("pid:%d", pid)
	p.Author.Kind, p.Permalink = market.AuthorSite, fmt.Sprintf("https://bbs.example.com/p/%d", pid)
	return p
}

// listing is a post as an extractor of version "1" would find it: it sells
// resumes, and gives a QQ number when contact is not empty.
func listing(p *market.Post, contact string) casebook.Found {
	l := market.Listing{Listing: true, Side: market.SideSell, Goods: []string{market.GoodsResumeData}}
	if contact != "" {
		l.Contacts = []market.Contact{{Kind: market.ContactQQ, Value: contact}}
	}
	sum := sha256.Sum256([]byte(p.Text))
	r := market.Reading{Listing: l, Confidence: 0.5}
	r.Normalize()
	return casebook.Found{
		Post: p, ID: p.ID(0), Masked: p.Text, TextDigest: hex.EncodeToString(sum[:8]), Reading: r,
		Sketch:    1<<63 | binary.BigEndian.Uint64(sum[:8]), // the whole width must survive
		Extractor: "1", Capture: "capture", Start: -1, State: market.PostUnknown,
	}
}
