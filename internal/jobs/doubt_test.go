package jobs_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
	"resumewatch/internal/spool"
)

// unsure is the extractor, but that it is in doubt of whatever says so.
type unsure struct {
	jobs.Reader
	version string
	sure    func(text string) (listing, doubt bool) // nil: the doubt stays
}

func (u unsure) Version() string { return u.version }

func (u unsure) Extract(text string, o extractors.Options) market.Reading {
	r := u.Reader.Extract(text, o)
	if !strings.Contains(text, "存疑") || o.AssumeListing {
		return r
	}
	listing, doubt := false, true
	if u.sure != nil {
		listing, doubt = u.sure(text)
	}
	if listing {
		return u.Reader.Extract(text, extractors.Options{AssumeListing: true})
	}
	r = market.Reading{Confidence: 0.4, Doubt: doubt, Reasons: []market.Reason{{Code: "goods.vague", Text: "说了货（" + text + "）"}}}
	r.Normalize()
	return r
}

// doubtWorld is a world whose workshop has a spool and an extractor that doubts.
func doubtWorld(t *testing.T) (*world, *spool.Spool) {
	w := newWorld(t)
	keys, err := privacy.OpenKeyring(t.TempDir(), nil)
	w.must(err)
	sp, err := spool.Open(t.TempDir(), keys, w.Now)
	w.must(err)
	w.Spool = sp
	w.Extractor = unsure{Reader: w.Extractor, version: "5"}
	return w, sp
}

// doubtChat is a chat with one message that leaves the extractor in doubt.
var doubtChat = exported(chat{"一群", []message{
	{0, other, "今天面试的人多吗"}, {10, "1000010002", "还行"},
	{20, seller, "存疑 老样子 有料 智联的 2一份 要的加 1000012345 张三 13800138001"}, {30, other, "收到"},
}})

// reads reads the chat from a file of that name, and returns the run.
func (w *world) reads(name string) int64 {
	w.Helper()
	run := w.run()
	w.order(run, name, doubtChat)
	w.finish(run)
	return run
}

func (w *world) doubts(state string) []casebook.Doubt {
	w.Helper()
	all, err := w.Book.Doubts(w.Context(), casebook.DoubtFilter{State: state})
	w.must(err)
	return all
}

func (w *world) items(sp *spool.Spool, want int) {
	w.Helper()
	n, _, err := sp.Size()
	w.must(err)
	if n != want {
		w.Errorf("%d items in the spool, want %d", n, want)
	}
}

// accept orders that a doubtful post becomes a listing, and does the work.
func (w *world) accept(num int64, v casebook.Decision) casebook.Doubt {
	w.Helper()
	run := w.run()
	_, err := w.Book.AcceptDoubt(w.Context(), num, v, run, casebook.Act{At: w.Now(), Who: "li"})
	w.must(err)
	w.finish(run)
	d, err := w.Book.Doubt(w.Context(), num)
	w.must(err)
	return d
}

// A doubtful post of a chat waits without its words in the book; accepted, it is what the
// extractor would have found, and stays so whatever the next versions say.
func TestDoubtAccepted(t *testing.T) {
	w, sp := doubtWorld(t)
	run := w.reads("a.txt")
	all := w.doubts(casebook.DoubtWaiting)
	if len(all) != 1 || all[0].Source == "" || all[0].Confidence != 0.4 || !slices.Equal(all[0].Reasons, []string{"goods.vague"}) || all[0].State != casebook.DoubtWaiting {
		t.Fatalf("waiting: %+v", all)
	}
	w.items(sp, 1)
	p, err := w.Book.RunProgress(t.Context(), run, false)
	w.must(err)
	if p.Counts[casebook.CountDoubtful] != 1 || p.Counts[casebook.CountListings] != 0 {
		t.Errorf("counts %v", p.Counts)
	}
	text, err := sp.Get(t.Context(), all[0].Item)
	w.must(err)
	item, err := jobs.ParseDoubt(text)
	w.must(err)
	shown := item.Show(w.Extractor)
	if strings.Contains(shown.Text, "13800138001") || !strings.Contains(shown.Text, "1000012345") || len(shown.Before) != 2 || len(shown.After) != 1 || !strings.Contains(shown.After[0], "收到") {
		t.Errorf("shown: %+v", shown)
	}
	if !item.Shows("phone", "13800138001") || item.Shows("phone", "13800138002") {
		t.Error("whom the item shows")
	}

	seen := w.Now()
	w.clock.add(50 * time.Hour)
	d := w.accept(all[0].Num, casebook.Decision{Side: market.SideBuy, Goods: []string{market.GoodsDownloadService}})
	if d.State != casebook.DoubtAccepted || d.Item != "" || d.By != "li" {
		t.Errorf("accepted: %+v", d)
	}
	w.items(sp, 0)
	check := func(extractor string) {
		t.Helper()
		rows, err := w.Book.Rows(t.Context(), []string{d.Post})
		w.must(err)
		if len(rows) != 1 || !rows[0].Live || rows[0].Listing.Side != market.SideBuy || !slices.Equal(rows[0].Listing.Goods, []string{market.GoodsDownloadService}) ||
			!rows[0].SeenAt.Equal(seen.UTC().Truncate(time.Millisecond)) || strings.Contains(rows[0].Text, "13800138001") || rows[0].Capture.File == "" {
			t.Fatalf("by %s: %+v", extractor, rows)
		}
	}
	check("5")
	before := w.dump()
	for i, sure := range []func(string) (bool, bool){
		func(string) (bool, bool) { return false, false },
		func(string) (bool, bool) { return false, true },
		func(string) (bool, bool) { return true, false },
	} {
		version := fmt.Sprint(6 + i)
		w.Extractor = unsure{Reader: w.Extractor.(unsure).Reader, version: version, sure: sure}
		w.reads(version + ".txt")
		check(version)
		if n := len(w.doubts(casebook.DoubtWaiting)); n != 0 {
			t.Errorf("%d wait after version %s", n, version)
		}
	}
	if got := strings.ReplaceAll(w.dump(), `"extractor":"8"`, `"extractor":"5"`); len(got) != len(before) {
		t.Errorf("dump after other versions\n%s\nbefore\n%s", got, before)
	}
}

// A rejected post leaves its fingerprint alone: it neither waits nor is found again.
func TestDoubtRejected(t *testing.T) {
	w, sp := doubtWorld(t)
	w.reads("a.txt")
	one := w.doubts(casebook.DoubtWaiting)[0]
	d, err := w.Book.RejectDoubt(t.Context(), one.Num, casebook.Act{At: w.Now(), Who: "li"})
	w.must(err)
	w.must(sp.Drop(t.Context(), one.Item))
	var decided *casebook.DecidedError
	if _, err := w.Book.AcceptDoubt(t.Context(), one.Num, casebook.Decision{}, 1, casebook.Act{At: w.Now(), Who: "wang"}); !errors.As(err, &decided) || !strings.Contains(err.Error(), "rejected by li") {
		t.Errorf("the second one: %v", err)
	}
	for i, sure := range []func(string) (bool, bool){
		func(string) (bool, bool) { return false, true },
		func(string) (bool, bool) { return true, false },
	} {
		version := fmt.Sprint(6 + i)
		w.Extractor = unsure{Reader: w.Extractor.(unsure).Reader, version: version, sure: sure}
		w.reads(version + ".txt")
		if rows, err := w.Book.Rows(t.Context(), []string{d.Post}); err != nil || len(rows) != 0 || len(w.doubts(casebook.DoubtWaiting)) != 0 {
			t.Errorf("version %s: %+v, %v", version, rows, err)
		}
	}
	w.items(sp, 0)
}

// A later version that has no doubt settles it.
func TestDoubtSettled(t *testing.T) {
	for _, listing := range []bool{false, true} {
		t.Run(fmt.Sprint(listing), func(t *testing.T) {
			w, sp := doubtWorld(t)
			w.reads("a.txt")
			id := w.doubts(casebook.DoubtWaiting)[0].Post
			w.Extractor = unsure{Reader: w.Extractor.(unsure).Reader, version: "6", sure: func(string) (bool, bool) { return listing, false }}
			w.reads("b.txt")
			rows, err := w.Book.Rows(t.Context(), []string{id})
			w.must(err)
			if len(w.doubts("")) != 0 || (len(rows) == 1) != listing {
				t.Errorf("rows %+v, waiting %+v", rows, w.doubts(""))
			}
			w.items(sp, 0)
		})
	}
}

// What nobody decides expires with its key, and may wait again when it is met again.
func TestDoubtExpires(t *testing.T) {
	w, sp := doubtWorld(t)
	w.reads("a.txt")
	w.clock.add(31 * 24 * time.Hour)
	items, err := w.Book.ExpireDoubts(t.Context(), w.Now().Add(-spool.MaxAge), w.Now())
	w.must(err)
	if len(items) != 1 || len(w.doubts(casebook.DoubtExpired)) != 1 {
		t.Fatalf("items %v", items)
	}
	w.must(sp.Drop(t.Context(), items[0]))
	u := w.Extractor.(unsure)
	u.version = "6"
	w.Extractor = u
	w.reads("b.txt")
	if all := w.doubts(""); len(all) != 1 || all[0].State != casebook.DoubtWaiting {
		t.Errorf("met again: %+v", all)
	}
	w.items(sp, 1)
}

// An item that can't be read any more makes no listing.
func TestDoubtLost(t *testing.T) {
	w, sp := doubtWorld(t)
	w.reads("a.txt")
	one := w.doubts("")[0]
	w.must(sp.Drop(t.Context(), one.Item))
	if d := w.accept(one.Num, casebook.Decision{}); d.State != casebook.DoubtExpired {
		t.Errorf("%+v", d)
	}
}
