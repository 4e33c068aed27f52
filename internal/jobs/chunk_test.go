package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
)

const (
	seller = "1000012345"
	other  = "1000067890"
)

func advert(n int) string {
	return fmt.Sprintf("出智联一手简历，%d元一份，100份起，加QQ %s", n, seller)
}

// talk is n messages of small talk with adverts in the given places.
func talk(n int, adverts ...int) []message {
	var out []message
	for i := range n {
		m := message{second: i * 60, who: other, text: fmt.Sprintf("今天吃什么 第%d句", i)}
		for _, a := range adverts {
			if a == i {
				m.who, m.text = seller, advert(i+1)
			}
		}
		out = append(out, m)
	}
	return out
}

// Around a listing three messages before and three after are kept, never of
// another conversation, and a post's place in the capture is that of its bytes.
func TestChunkCaptures(t *testing.T) {
	w := newWorld(t)
	// Alone; two whose stretches touch; the last of a conversation and the first of the next.
	data := exported(chat{"一群", talk(40, 10, 20, 27, 39)}, chat{"二群", talk(12, 0, 6)})
	run := w.run()
	w.order(run, "chat.txt", data)
	w.finish(run)
	p := w.progress(run)
	w.same("counts", []int64{52, 6, 1, int64(len(data))}, []int64{p.Counts[casebook.CountPosts], p.Counts[casebook.CountListings], p.Counts["visit.new"], p.Counts[casebook.CountBytes]})

	places := w.places()
	stretches := map[string]int{}
	line := func(i int) string { return fmt.Sprintf("第%d句", i) }
	for text, place := range places {
		records := w.records(place.capture)
		w.same("records of a chat", []int{1, 1, 1}, []int{len(records["warcinfo"]), len(records["resource"]), len(records["metadata"])})
		block := records["resource"][0]
		stretches[place.capture]++
		if !bytes.Contains(data, block) {
			t.Error("the capture is not a stretch of the file")
		}
		post := block[place.start : place.start+place.length]
		if !bytes.HasPrefix(post, []byte("2026-03-01 ")) || !bytes.Contains(post, []byte(text)) || bytes.Count(post, []byte("昵称")) != 1 {
			t.Errorf("the bytes of %q are %q", text, post)
		}
		var note struct {
			File   string `json:"file"`
			SHA256 string `json:"file_sha256"`
			Start  int64  `json:"start"`
			End    int64  `json:"end"`
		}
		w.must(json.Unmarshal(records["metadata"][0], &note))
		if note.File != "chat.txt" || note.SHA256 != hexSum(data) || !bytes.Equal(data[note.Start:note.End], block) {
			t.Errorf("note %+v", note)
		}
		if !bytes.Contains(records["warcinfo"][0], []byte("handed over, ticket 7")) {
			t.Errorf("warcinfo names no authority: %s", records["warcinfo"][0])
		}
		has := func(i int) bool { return bytes.Contains(block, []byte(line(i))) }
		switch text {
		case advert(11):
			w.same("around the 11th", []bool{false, true, true, false}, []bool{has(6), has(7), has(13), has(14)})
		case advert(21), advert(28): // 17–23 and 24–30 are one stretch
			w.same("around the 21st and 28th", []bool{false, true, true, true, false}, []bool{has(16), has(17), has(24), has(30), has(31)})
		case advert(40):
			if bytes.Contains(block, []byte("二群")) || !has(36) || has(35) {
				t.Errorf("around the last: %s", block)
			}
		case advert(1), advert(7):
			if bytes.Contains(block, []byte(line(38))) || bytes.Contains(block, []byte("一群")) {
				t.Errorf("of another conversation: %s", block)
			}
			w.same("around the 1st and 7th", []bool{true, true, false}, []bool{has(3), has(9), has(10)})
		}
	}
	w.same("captures", 4, len(stretches))
	w.same("hits", 6, len(w.search("简历")))
	w.same("alerts", true, len(w.rows()[advert(11)].Alerts) == 1)
}

// Other people's values stand nowhere but in the sealed capture.
func TestChunkMasks(t *testing.T) {
	w := newWorld(t)
	const phone, mail = "13800138123", "zhang@example.com"
	text := "出智联简历，2元一份，加QQ 1000012345 样品：\r\n张三 男 28岁 " + phone + " " + mail + " 本科"
	run := w.run()
	w.order(run, "chat.txt", exported(chat{"一群", []message{{0, seller, text}}}))
	w.finish(run)
	rows := w.rows()
	w.same("listings", 1, len(rows))
	for masked, r := range rows {
		if len(masked) != len(strings.ReplaceAll(text, "\r\n", "\n")) || strings.Contains(masked, phone) || strings.Contains(masked, mail) || !strings.Contains(masked, seller) {
			t.Errorf("masked text %q", masked)
		}
		if !bytes.Contains(w.records(r.Capture.Digest)["resource"][0], []byte(phone)) {
			t.Error("the capture lacks what was shown")
		}
	}
	for _, pattern := range []string{"casebook.db*", "index.db*"} {
		files, err := filepath.Glob(filepath.Join(w.dir, pattern))
		w.must(err)
		for _, f := range files {
			data, err := os.ReadFile(f)
			w.must(err)
			for _, value := range []string{phone, mail, "张三"} {
				if bytes.Contains(data, []byte(value)) {
					t.Errorf("%s holds %s", filepath.Base(f), value)
				}
			}
		}
	}
	if strings.Contains(w.dump(), phone) {
		t.Error("the dump tells the phone number")
	}
}

// What happens to a file between survey and reading is told; the rest is done.
func TestChunkFileGone(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"removed": os.Remove,
		"shorter": func(path string) error { return os.Truncate(path, 100) },
		"changed": func(path string) error {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			data[len(data)/2] ^= 1
			return os.WriteFile(path, data, 0o600)
		},
		"a folder now": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			run := w.run()
			data := exported(chat{"一群", talk(10, 3)})
			path := w.order(run, "a.txt", data)
			w.order(run, "b.txt", exported(chat{"二群", talk(5, 2)}))
			w.must(harm(path))
			w.finish(run)
			w.same("visits", map[string]int64{"new": 1, "unreadable": 1}, w.visits(run))
			p := w.progress(run)
			w.same("quarantined", int64(1), p.Counts[casebook.CountQuarantined])
			if len(p.Problems) != 1 || p.Problems[0].File != path || p.Problems[0].Source != "a.txt" || p.Problems[0].Reason == "" {
				t.Fatalf("problems %+v", p.Problems)
			}
			// Mended: what failed is done, what was done is not done again.
			w.must(os.RemoveAll(path))
			again := w.run()
			w.order(again, "a.txt", data)
			w.order(again, "b.txt", exported(chat{"二群", talk(5, 2)}))
			w.finish(again)
			w.same("visits", map[string]int64{"new": 1, "same": 1}, w.visits(again))
			w.same("listings", 2, len(w.rows()))
		})
	}
}

// recovered is what a start after a kill would do.
func (w *world) recovered() evidence.Recovered {
	w.Helper()
	w.must(w.Evidence.Close())
	ends, err := w.Book.EvidenceEnds(w.Context())
	w.must(err)
	r, err := w.store.Recover(w.Context(), func(f string) int64 { return ends[f] }, func(string) bool { return false })
	w.must(err)
	return r
}

// files are the evidence files and their sizes.
func (w *world) files() (n int, bytes int64) {
	w.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "evidence", "*", "*", "*.age"))
	w.must(err)
	for _, f := range files {
		info, err := os.Stat(f)
		w.must(err)
		bytes += info.Size()
	}
	return len(files), bytes
}

// A unit that can't be kept or committed leaves nothing behind, and is done
// whole when it is tried again.
func TestChunkFails(t *testing.T) {
	data := exported(chat{"一群", talk(30, 5, 25)})
	clean := newWorld(t)
	run := clean.run()
	clean.order(run, "chat.txt", data)
	clean.finish(run)
	want := clean.dump()

	full := errors.New("no space left on device")
	for name, arm := range map[string]func(w *world, calls *int) (onAppend, onSync func() error){
		"append": func(_ *world, calls *int) (func() error, func() error) {
			return func() error {
				if *calls++; *calls == 2 { // the second capture of the unit
					return full
				}
				return nil
			}, nil
		},
		"sync": func(_ *world, calls *int) (func() error, func() error) {
			return nil, func() error {
				if *calls++; *calls <= 2 {
					return full
				}
				return nil
			}
		},
		"panic": func(_ *world, calls *int) (func() error, func() error) {
			return func() error {
				if *calls++; *calls == 1 {
					panic("a hostile page")
				}
				return nil
			}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			run := w.run()
			w.order(run, "chat.txt", data)
			empty := w.dump()
			calls := 0
			w.store.set(arm(w, &calls))
			_, errs := w.once(run)
			w.same("failures", 1, len(errs))
			w.same("dump", empty, w.dump())
			w.same("counts", map[string]int64{}, w.progress(run).Counts)
			w.same("open", int64(1), w.progress(run).Open)
			for range 20 {
				w.clock.add(time.Second)
				w.once(run)
			}
			w.finish(run)
			w.same("dump", want, w.dump())
			w.same("visits", map[string]int64{"new": 1}, w.visits(run))
			w.recovered()
			for _, r := range w.rows() {
				w.records(r.Capture.Digest)
			}
		})
	}

	t.Run("lease lost", func(t *testing.T) {
		w := newWorld(t)
		run := w.run()
		w.order(run, "chat.txt", data)
		w.store.set(nil, func() error {
			w.store.set(nil, nil)
			_, err := w.Book.Reclaim(context.Background(), w.Now(), true)
			return err
		})
		_, errs := w.once(run)
		w.same("errors of a lost lease", 0, len(errs))
		w.same("counts", map[string]int64{}, w.progress(run).Counts)
		_, size := w.files()
		if size == 0 {
			t.Fatal("nothing was kept before the lease was lost")
		}
		if r := w.recovered(); r.Removed != 1 || len(r.Damaged) != 0 {
			t.Errorf("recovered %+v", r)
		}
		w.Evidence = jobs.NewPens(w.store, "test")
		w.finish(run)
		w.same("dump", want, w.dump())
	})

	t.Run("for ever", func(t *testing.T) {
		w := newWorld(t)
		run := w.run()
		w.order(run, "chat.txt", data)
		w.order(run, "fine.txt", exported(chat{"二群", talk(5)})) // needs no evidence
		w.store.set(func() error { return full }, nil)
		tries := 0
		for w.progress(run).Open > 0 {
			if tries++; tries > 100 {
				t.Fatal("tried for ever")
			}
			w.once(run)
			w.clock.add(5 * time.Second)
		}
		w.same("visits", map[string]int64{"new": 1, "unreadable": 1}, w.visits(run))
		w.same("problems", 1, len(w.progress(run).Problems))
		w.recovered()
		n, _ := w.files()
		w.same("files", 0, n)
	})

	t.Run("stopped", func(t *testing.T) {
		w := newWorld(t)
		run := w.run()
		w.order(run, "chat.txt", data)
		for range 20 { // as often as a person likes: a stop is no failure
			ctx, stop := context.WithCancel(t.Context())
			w.store.set(nil, func() error { stop(); return ctx.Err() })
			due, err := w.Book.Due(t.Context(), w.Now(), 10)
			w.must(err)
			w.same("due at once", 1, len(due))
			if err := w.Chunk(ctx, jobs.TaskID(due[0].ID, due[0].Generation), nil); !errors.Is(err, context.Canceled) {
				t.Fatalf("error %v", err)
			}
			stop()
		}
		w.store.set(nil, nil)
		w.finish(run)
		w.same("dump", want, w.dump())
	})
}

// A task may come twice, late, or garbled.
func TestChunkTasks(t *testing.T) {
	w := newWorld(t)
	run := w.run()
	w.order(run, "chat.txt", exported(chat{"一群", talk(5, 2)}))
	due, err := w.Book.Due(t.Context(), w.Now(), 10)
	w.must(err)
	task := jobs.TaskID(due[0].ID, due[0].Generation)
	for range 3 {
		w.must(w.Chunk(t.Context(), task, nil))
	}
	w.same("visits", map[string]int64{"new": 1}, w.visits(run))
	w.must(w.Chunk(t.Context(), "nobody:1", nil))
	for _, bad := range []string{"", "x", "x:", "x:y", ":"} {
		if err := w.Chunk(t.Context(), bad, nil); err == nil {
			t.Errorf("task %q was taken", bad)
		}
	}
	_, _, err = w.Book.AddChunks(t.Context(), run, []casebook.Work{{ID: "torn", Source: "chat.txt", Payload: []byte(`{"archive":`)}, {ID: "lost", Source: "chat.txt", Payload: []byte(`{"archive":"unknown"}`)}}, w.Now())
	w.must(err)
	_, errs := w.once(run)
	w.same("failures", 2, len(errs))
}

// Overlapping exports in any order, one after the other or at once, make one book.
func TestChunkOrder(t *testing.T) {
	whole := talk(60, 3, 14, 15, 30, 44, 59)
	whole[15].second = whole[14].second // two adverts in one second
	whole[15].text = whole[14].text
	renamed := exported(chat{"一群", whole[20:]})
	renamed = bytes.ReplaceAll(renamed, []byte("昵称45("), []byte("A昵称("))
	renamed = bytes.ReplaceAll(renamed, []byte("100份起，"), []byte("100份起，[图片]"))
	files := map[string][]byte{"a.txt": exported(chat{"一群", whole[:35]}), "b.txt": renamed, "c.txt": exported(chat{"一群", whole[10:50]})}
	var want string
	for i, order := range [][]string{{"a.txt", "b.txt", "c.txt"}, {"c.txt", "b.txt", "a.txt"}, {"b.txt", "a.txt", "c.txt"}} {
		w := newWorld(t)
		var posts, listings, offers, alerts int64
		for _, name := range order {
			run := w.run()
			w.order(run, name, files[name])
			w.finish(run) // groups after each
			c := w.progress(run).Counts
			posts, listings = posts+c[casebook.CountPosts], listings+c[casebook.CountListings]
			offers, alerts = offers+c[casebook.CountOffers], alerts+c[casebook.CountAlerts]
			if c[casebook.CountOffers] < 0 || c[casebook.CountAlerts] < 0 {
				t.Errorf("negative gain: %v", c)
			}
		}
		w.same("posts and listings", []int64{60, 6}, []int64{posts, listings})
		got := w.dump()
		if i == 0 {
			want = got
			if strings.Contains(got, `"state":"changed"`) {
				t.Error("another spelling counts as an edit")
			}
		}
		w.same(fmt.Sprintf("dump in order %v", order), want, got)
		for name, data := range files { // the same again adds nothing
			run := w.run()
			w.order(run, name, data)
			w.finish(run)
			w.same("visits", map[string]int64{string(market.OutcomeSame): 1}, w.visits(run))
		}
		w.same("dump after the same again", want, w.dump())
	}
}
