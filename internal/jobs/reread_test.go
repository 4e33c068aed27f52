package jobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/spool"
)

// words reads as another version of the extractor might.
type words struct {
	jobs.Reader
	version, unknown, taken string
}

func (x words) Version() string { return x.version }

func (x words) Extract(text string, o extractors.Options) market.Reading {
	if x.unknown != "" && strings.Contains(text, x.unknown) {
		return market.Reading{}
	}
	if x.taken != "" && strings.Contains(text, x.taken) {
		o.AssumeListing = true
	}
	return x.Reader.Extract(text, o)
}

// reread reads all captures again.
func (w *world) reread() casebook.Progress {
	w.Helper()
	run := w.run()
	r := w.Rereader(run)
	ids, err := w.keys.Identities(w.Context())
	w.must(err)
	var all []casebook.Capture
	w.must(w.Book.Captures(w.Context(), 0, func(c casebook.Capture) error { all = append(all, c); return nil }))
	for _, c := range all {
		plain, err := evidence.Open(w.Context(), w.store, evidence.Ref{Digest: c.Digest, SealedDigest: c.SealedDigest, File: c.File, Offset: c.Offset, Length: c.Length, Kind: c.Kind, URL: c.URL, At: c.At}, ids)
		w.must(err)
		w.must(r.Capture(w.Context(), c, plain))
		w.must(plain.Close())
	}
	w.consume()
	return w.progress(run)
}

// Captures of pages read again say what the pages would: what was missed on them is
// found where it is still there, what was imagined goes, and what was edited since stays
// as it is now.
func TestRereadPages(t *testing.T) {
	for _, style := range []discuztest.Style{{}, {Version: "X3.4", Charset: "gbk"}} {
		t.Run(style.Charset, func(t *testing.T) {
			old, now := newWorld(t), newWorld(t)
			plainly := old.Extractor
			old.Extractor = words{plainly, "3", "BOSS", "路过"}
			now.Extractor = words{plainly, "4", "", ""}
			for _, w := range []*world{old, now} {
				s := w.site(style)
				s.AddBoard(discuztest.Board{ID: 2, Name: "资源互换", Category: "交流"})
				for i := range 6 {
					s.AddThread(discuztest.Thread{ID: 10 + i, Board: 2, Title: fmt.Sprintf("闲聊 %d", i), Posts: []*discuztest.Post{
						{ID: 100 + 10*i, Author: ann, At: w.Now().Add(time.Duration(i-3000) * time.Hour), Text: advert(i + 1)},
						{ID: 101 + 10*i, Author: bob, At: w.Now().Add(time.Duration(i-2999) * time.Hour), Text: "收BOSS企业号，200一个，长期，加QQ " + other},
						{ID: 102 + 10*i, Author: bob, At: w.Now().Add(time.Duration(i-2998) * time.Hour), Text: "路过"},
					}})
				}
				src := w.source(s, s.boardURL(), nil)
				w.crawl(src)
				// An edit that the old words see, and its capture: the first words are the past.
				w.must(s.Change(100, func(p *discuztest.Post) { p.Text = advert(77) }))
				w.crawl(src)
				run := w.begin(src, true)
				w.finish(run)
			}
			old.Extractor = now.Extractor
			p := old.reread()
			old.same("problems", []market.Problem{}, p.Problems)
			texts := func(w *world) map[string]string {
				out := map[string]string{}
				w.must(w.Book.Listings(w.Context(), func(r casebook.Row) error {
					if r.Live {
						out[r.Permalink[strings.Index(r.Permalink, "pid"):]+" "+r.Text] = fmt.Sprint(r.State, r.Revision, r.Listing.JSON(), len(r.Alerts), strings.Contains(r.Place, "fid=2"))
					}
					return nil
				}))
				return out
			}
			old.same("listings", texts(now), texts(old))
			before := old.dump()
			old.reread()
			old.same("dump after the second time", before, old.dump())
		})
	}
}

// What waits in the spool is read by whoever reads the source again, and is gone then.
func TestRereadSpooled(t *testing.T) {
	w := newWorld(t)
	sp, err := spool.Open(filepath.Join(w.dir, "spool"), w.keys, w.Now)
	w.must(err)
	w.Spool = sp
	data := exported(chat{"一群", talk(40, 10, 20)})
	first := w.run()
	path := w.order(first, "chat.txt", data)
	due, err := w.Book.Due(w.Context(), w.Now(), 10)
	w.must(err)
	var p jobs.ChunkPayload
	w.must(json.Unmarshal(due[0].Payload, &p))
	p.Spooled = true
	payload, err := json.Marshal(p)
	w.must(err)
	id := strings.Repeat("ab", 16)
	w.must(sp.Put(w.Context(), id, data))
	_, _, err = w.Book.AddChunks(w.Context(), first, []casebook.Work{{ID: id, Source: "chat.txt", Payload: payload}}, w.Now())
	w.must(err)
	w.must(os.Remove(path))
	run := w.run()
	n, err := w.Book.AdoptChunks(w.Context(), run, "chat.txt")
	w.must(err)
	w.same("adopted: the file's, which is gone, and the parked one", int64(2), n)
	w.finish(run)
	w.same("listings", int64(2), w.progress(run).Counts[casebook.CountListings])
	w.same("visits", map[string]int64{"new": 1, "unreadable": 1}, w.visits(run))
	w.same("left for the first run", int64(0), w.progress(first).Chunks)
	if _, err := sp.Get(w.Context(), id); !errors.Is(err, spool.ErrAbsent) {
		t.Errorf("what is done stays in the spool: %v", err)
	}
}
