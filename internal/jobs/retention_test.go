package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
)

// retention drops what the world saw more than so many months ago.
func (w *world) retention(months int) *jobs.Retention {
	limit := jobs.Limit{Text: fmt.Sprintf("%dmo", months), Before: w.Now().AddDate(0, -months, 0)}
	return &jobs.Retention{
		Book: w.Book, Store: w.store, Keys: w.keys, Prints: w.Prints, Now: w.clock.Now, Log: w.Log, Holder: "test", Device: "test-host",
		Captures: limit, Listings: limit, Fingerprints: limit, Visits: limit, Work: limit, Audit: limit,
	}
}

// told is a world that was told of sales twice, two years apart; the second time by
// somebody else.
func told(t *testing.T) *world {
	w := newWorld(t)
	read := func(name string, seed uint64) {
		run := w.run()
		w.order(run, name, exported(chat{"一群", adverts(rand.New(rand.NewPCG(seed, 2)), 12)}))
		w.finish(run)
	}
	read("old.txt", 1)
	w.clock.add(2 * 365 * 24 * time.Hour)
	read("young.txt", 9)
	return w
}

// monthly is an engine with a part for each month.
type monthly struct {
	index.Store
	whole, single int
}

func (m *monthly) DropMonth(ctx context.Context, month string) (bool, error) {
	m.whole++
	var refs []index.Ref
	err := m.Versions(ctx, func(r index.Ref) error { refs = append(refs, r); return nil })
	return true, errors.Join(err, m.Store.Delete(ctx, refs))
}

func (m *monthly) Delete(ctx context.Context, refs []index.Ref) error {
	m.single += len(refs)
	return m.Store.Delete(ctx, refs)
}

func captures(w *world) (n int) {
	w.Helper()
	w.must(w.Book.Captures(w.Context(), 0, func(casebook.Capture) error { n++; return nil }))
	return n
}

func listings(w *world) (n int) {
	w.Helper()
	w.must(w.Book.Listings(w.Context(), func(casebook.Row) error { n++; return nil }))
	return n
}

func TestRetention(t *testing.T) {
	w := told(t)
	before, had := listings(w), captures(w)
	plan, err := w.retention(12).Plan(t.Context())
	w.must(err)
	none, err := w.retention(36).Run(t.Context())
	w.must(err)
	if !none.Empty() || listings(w) != before {
		t.Fatalf("too young, and yet %+v", none.Dropped)
	}
	report, err := w.retention(12).Run(t.Context())
	w.must(err)
	w.same("planned", []int64{plan.Dropped["listings"], plan.Dropped["captures"], plan.Dropped["offers"]},
		[]int64{report.Dropped["listings"], report.Dropped["captures"], report.Dropped["offers"]})
	w.same("months", []string{"2026-06"}, []string{report.Months[0].Month})
	left := listings(w)
	w.same("listings left", before-int(report.Dropped["listings"]), left)
	w.same("captures left", had-int(report.Dropped["captures"]), captures(w))
	if left == 0 || left == before || report.Steps == 0 {
		t.Fatalf("of %d listings %d are left: %+v", before, left, report)
	}
	w.consume() // compares index and casebook
	w.same("found", left, len(w.search("")))
	if _, gone, err := w.keys.Erased("2026-06"); !gone || err != nil {
		t.Errorf("the key of the month: %v", err)
	}
	certified := 0
	w.must(w.Book.CustodyEvents(t.Context(), custody.RetentionDone, func(e custody.Event) error {
		if certified++; certified == 2 {
			w.same("certificate", []string{"12mo", fmt.Sprint(report.Dropped["listings"]), "2026-06", "test-host"},
				[]string{e.Detail["limit.listings"], e.Detail["dropped.listings"], e.Detail["months"], e.Device})
		}
		return nil
	}))
	w.same("certificates", 2, certified)

	// The same archive again: what was dropped stays away, and the run says so.
	run := w.run()
	w.order(run, "old.txt", exported(chat{"一群", adverts(rand.New(rand.NewPCG(1, 2)), 12)}))
	w.finish(run)
	w.same("listings after reading it again", left, listings(w))
	p, err := w.Book.RunProgress(t.Context(), run, true)
	w.must(err)
	if len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Reason, fmt.Sprint(report.Dropped["listings"], " listings were dropped by retention")) {
		t.Errorf("%+v", p.Problems)
	}
}

// Two at once: one says that the other is at work.
func TestRetentionAlone(t *testing.T) {
	w := told(t)
	_, ok, err := w.Book.TakeLease(t.Context(), "retention", "another", w.Now(), time.Minute)
	w.must(err)
	w.same("lease", true, ok)
	if _, err := w.retention(12).Run(t.Context()); !errors.Is(err, jobs.ErrRetained) {
		t.Errorf("got %v", err)
	}
	forbidden := errors.New("an older casebook")
	r := w.retention(12)
	r.Holder, r.May = "another", func(context.Context) error { return forbidden }
	had := captures(w)
	if _, err := r.Run(t.Context()); !errors.Is(err, forbidden) {
		t.Errorf("got %v", err)
	}
	w.same("captures", had, captures(w))
}

// Ended at any step, the next run leaves what one that was never ended leaves.
func TestRetentionInterrupted(t *testing.T) {
	w, whole := told(t), told(t)
	_, err := whole.retention(12).Run(t.Context())
	whole.must(err)
	whole.consume()
	ended := 0
	for n := 1; ; n++ {
		ctx, cancel := context.WithCancel(t.Context())
		r, asked := w.retention(12), 0
		r.Now = func() time.Time { // it is asked in every step
			if asked++; asked == 4+n%5 {
				cancel()
			}
			return w.Now()
		}
		_, err := r.Run(ctx)
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if ended++; ended > 200 {
			t.Fatal("it never comes to its end")
		}
		if n > 20 {
			w.must(second(w.retention(12).Run(t.Context())))
			break
		}
	}
	w.consume()
	w.same("dump", whole.dump(), w.dump())
	w.same("captures", captures(whole), captures(w))
	if ended == 0 {
		t.Error("it was never ended")
	}
}

func second[T any](_ T, err error) error { return err }

// A month of which nothing is left goes as a whole.
func TestDroppedMonth(t *testing.T) {
	w := newWorld(t)
	run := w.run()
	w.order(run, "old.txt", exported(chat{"一群", adverts(rand.New(rand.NewPCG(1, 2)), 12)}))
	w.finish(run)
	m := &monthly{Store: w.Index}
	w.Index = m
	w.clock.add(2 * 365 * 24 * time.Hour)
	_, ok, err := w.Book.TakeLease(t.Context(), "retention", "test", w.Now(), time.Minute)
	w.must(err)
	w.same("lease", true, ok)
	report, err := w.retention(12).Run(t.Context())
	w.must(err)
	if report.Dropped["listings"] < 5 {
		t.Fatalf("%+v", report)
	}
	// While retention is at work nothing is taken out.
	_, ok, err = w.Book.TakeLease(t.Context(), "retention", "test", w.Now(), time.Minute)
	w.must(err)
	w.same("lease", true, ok)
	n, err := w.IndexStep(t.Context())
	w.must(err)
	w.same("consumed", 0, n)
	w.clock.add(2 * time.Minute)
	w.consume()
	w.same("whole months and single listings", []int{1, 0}, []int{m.whole, m.single})
	w.same("found", []string{}, w.search(""))
}

// A note that evidence is to be dropped counts only when its key is erased: anybody
// who can write to the casebook can write one.
func TestForgedNote(t *testing.T) {
	w := told(t)
	had, month := captures(w), w.clock.Now().Format("2006-01")
	w.must(w.Book.DoomFiles(w.Context(), month))
	report, err := w.retention(36).Run(w.Context())
	w.must(err)
	if !report.Empty() || captures(w) != had {
		t.Fatalf("dropped %v of %d captures", report.Dropped, had)
	}
	_, err = w.keys.Doom(privacy.Erasure{Month: month, At: w.Now(), Reason: "test"})
	w.must(err)
	for _, c := range []struct {
		file, key string
		want      bool
	}{
		{month[:4] + "/" + month[5:] + "/a", month, false}, // it's marked, and still there
		{"2026/01/a", "2026-01", true},
		{"2026/02/a", "2026-01", false},
		{"2026/01/a", "../2026-01", false},
		{"2026/01/a", "", false},
		{"2026/01/a", "keep-C-1", false},
		{"2026/01/a", "keep-", false},
	} {
		if got, err := jobs.MayDrop(w.keys, c.file, c.key); err != nil || got != c.want {
			t.Errorf("%s under %s: %v, %v", c.file, c.key, got, err)
		}
	}
	w.must(w.keys.Erase(month))
	report, err = w.retention(36).Run(w.Context())
	w.must(err)
	if report.Dropped["captures"] == 0 || captures(w) == had {
		t.Errorf("nothing went: %v", report.Dropped)
	}
}
