package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
)

// words reads as an earlier version of the extractor might have: it knows no words
// from unknown, takes what stands in taken for a listing, and sees no prices.
type words struct {
	*extractors.Extractor
	version        string
	unknown, taken string
	priceless      bool
}

func (w words) Version() string { return w.version }

func (w words) Extract(text string, o extractors.Options) market.Reading {
	if w.unknown != "" && strings.Contains(text, w.unknown) {
		return market.Reading{}
	}
	if w.taken != "" && strings.Contains(text, w.taken) {
		o.AssumeListing = true
	}
	r := w.Extractor.Extract(text, o)
	if r.Listing.Listing && w.taken != "" && strings.Contains(text, w.taken) {
		r.Listing.Side, r.Listing.Goods = market.SideSell, []string{market.GoodsResumeData}
	}
	if w.priceless {
		r.Listing.Prices, r.Spans = nil, nil
		r.Normalize()
	}
	return r
}

// readBy is o with another version of the extractor.
func readBy(t *testing.T, o Options, w words) Options {
	t.Helper()
	x, err := extractors.New()
	must(t, err)
	w.Extractor = x
	o.Words = w
	return o
}

const (
	oldWords = "3"
	newWords = "4"
)

// history writes a group archive: adverts, talk that a bad reader takes for adverts,
// and much that is neither.
func history(t *testing.T, path string, n int) string {
	t.Helper()
	var b bytes.Buffer
	line := strings.Repeat("=", 64) + "\r\n"
	b.WriteString("\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n" + line + "消息分组:我的群聊\r\n" + line + "消息对象:一群\r\n" + line + "\r\n")
	for i := range n {
		who, text := 1000010000+i%7, fmt.Sprintf("今天吃什么 %d", i)
		switch i % 40 {
		case 3:
			text = advert
		case 13:
			text = fmt.Sprintf("出前程无忧一手简历，%d元一份，1000份起，加QQ 1000012345", 2+i/40%3)
		case 23:
			text = fmt.Sprintf("周末聚餐%d，报名加QQ 100007777%d", i/40%2, i/40%2)
		case 33:
			text = "样品 张三 13800138000 zhang@example.com 出智联简历 5元一份 QQ 1000054321"
		}
		fmt.Fprintf(&b, "%s 路人(%d)\r\n%s\r\n\r\n", time.Date(2026, 3, 1, 8, 0, i*30, 0, time.UTC).Format("2006-01-02 15:04:05"), who, text)
	}
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

func reread(t *testing.T, o Options, names ...string) casebook.Summary {
	t.Helper()
	r, err := Reread(t.Context(), o, RereadOptions{Names: names})
	must(t, err)
	if r.Failed {
		t.Fatalf("reread failed: %+v", r.Summary.Problems)
	}
	return r.Summary
}

func imported(t *testing.T, o Options, path string) casebook.Summary {
	t.Helper()
	r, err := Import(t.Context(), o, ImportOptions{Paths: []string{path}, GroupID: "1000012345"})
	must(t, err)
	return r.Summary
}

// After reading again a casebook says what it would say had the later version read
// alone: new listings, others no more, other prices, offers, alerts and people.
func TestReread(t *testing.T) {
	dir := t.TempDir()
	path := history(t, filepath.Join(dir, "chat.txt"), 200)
	fresh := testOptions(t)
	imported(t, readBy(t, fresh, words{version: newWords}), path)
	want := dump(t, fresh)

	for name, old := range map[string]words{
		"missed":     {unknown: "前程无忧"},
		"imagined":   {taken: "聚餐"},
		"altogether": {unknown: "张三", taken: "聚餐", priceless: true},
	} {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t)
			old.version = oldWords
			imported(t, readBy(t, o, old), path)
			if dump(t, o) == strings.ReplaceAll(want, `"extractor":"4"`, `"extractor":"3"`) {
				t.Fatal("the earlier version reads alike: this shows nothing")
			}
			now := readBy(t, o, words{version: newWords})
			s := reread(t, now, "qq-1000012345")
			same(t, "dump", want, dump(t, o))
			same(t, "visits", int64(1), s.Visits[market.OutcomeNew])
			same(t, "posts", int64(0), s.Posts)
			again := reread(t, now, path)
			same(t, "visits of the second time", []int64{0, 1}, []int64{again.Visits[market.OutcomeNew], again.Visits[market.OutcomeSame]})
			same(t, "dump after the second time", want, dump(t, o))
			// An older version that is still about changes nothing.
			reread(t, readBy(t, o, words{version: "2", taken: old.taken, unknown: "张三", priceless: true}), path)
			same(t, "dump after an older version", want, dump(t, o))
			d, err := Reindex(t.Context(), o, true)
			must(t, err)
			same(t, "index", true, d.Empty())
			for _, h := range hits(t, o, "聚餐") {
				t.Errorf("found: %s", h.Text)
			}
		})
	}
}

// shifted is o at another time.
func shifted(o Options, by string) Options {
	o.Env = func(key string) string {
		return map[string]string{"RESUMEWATCH_TEST": "1", "RESUMEWATCH_CLOCK_OFFSET": by}[key]
	}
	return o
}

// Where the file is gone its captures are read, once by each version, and each opening
// is in the custody log.
func TestRereadCaptures(t *testing.T) {
	dir := t.TempDir()
	path := history(t, filepath.Join(dir, "chat.txt"), 120)
	fresh := testOptions(t)
	imported(t, readBy(t, fresh, words{version: newWords}), path)
	want := dump(t, fresh)
	o := testOptions(t)
	imported(t, readBy(t, o, words{version: oldWords, taken: "聚餐", priceless: true}), path)
	must(t, os.Remove(path))
	now := readBy(t, o, words{version: newWords})
	n := int64(captured(t, o)[""])

	s := reread(t, now, "qq-1000012345")
	same(t, "captures read", []int64{n, 0}, []int64{s.Visits[market.OutcomeNew], s.Visits[market.OutcomeSame]})
	same(t, "posts and listings", []int64{0, 0}, []int64{s.Posts, s.Listings})
	same(t, "dump", want, dump(t, o))
	s = reread(t, now, "qq-1000012345")
	same(t, "captures of the second time", []int64{0, n}, []int64{s.Visits[market.OutcomeNew], s.Visits[market.OutcomeSame]})
	same(t, "captures are no more", n, int64(captured(t, o)[""]))
	same(t, "dump", want, dump(t, o))
	changed(t, o, func(b *casebook.Book) {
		opened := 0
		must(t, b.CustodyEvents(t.Context(), custody.EvidenceOpened, func(e custody.Event) error {
			opened += len(e.Captures)
			same(t, "why", "reread", e.Detail["why"])
			return nil
		}))
		same(t, "openings in the log", n, int64(opened))
	})
	sound(t, o)

	// One capture by name, an evidence file, and names of nothing.
	digest := hits(t, o, "简历")[0].Capture.Digest
	s = reread(t, readBy(t, o, words{version: "5"}), digest[:10], digest)
	same(t, "one capture", []int64{1, 1}, []int64{s.Visits[market.OutcomeNew], s.Visits[market.OutcomeSame]})
	file := hits(t, o, "简历")[0].Capture.File
	s = reread(t, readBy(t, o, words{version: "5"}), o.path("evidence/"+file))
	same(t, "the file of captures", n, s.Visits[market.OutcomeNew]+s.Visits[market.OutcomeSame])
	history(t, path, 121) // other bytes than those that were imported
	for name, why := range map[string]string{"nobody": "no source", path: "never imported", filepath.Join(dir, "absent"): "no source"} {
		r, err := Reread(t.Context(), now, RereadOptions{Names: []string{name}})
		must(t, err)
		if !r.Failed || len(r.Summary.Problems) != 1 || !strings.Contains(r.Summary.Problems[0].Reason, why) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	_, err := Reread(t.Context(), now, RereadOptions{Names: []string{path}, Since: "yesterday"})
	wantUsage(t, err, "--since")
	must(t, os.Remove(path))

	// Captures of before a time are left alone.
	r, err := Reread(t.Context(), readBy(t, o, words{version: "6"}), RereadOptions{Names: []string{"qq-1000012345"}, Since: time.Now().Add(time.Hour).Format(time.RFC3339)})
	must(t, err)
	same(t, "nothing since", int64(0), r.Summary.Visits[market.OutcomeNew])
}

// Months that were erased are named and stop nothing; an identity that is missing is a failure.
func TestRereadClosed(t *testing.T) {
	o := testOptions(t)
	dir := t.TempDir()
	then := shifted(o, "-1500h")
	imported(t, readBy(t, then, words{version: oldWords}), history(t, filepath.Join(dir, "old.txt"), 60))
	n := int64(captured(t, then)[""])
	imported(t, readBy(t, o, words{version: oldWords}), history(t, filepath.Join(dir, "new.txt"), 160))
	must(t, os.RemoveAll(dir))
	month := time.Now().Add(-1500 * time.Hour).UTC().Format("2006-01")
	_, err := EraseKey(t.Context(), o, EraseOptions{Key: month, Reason: "policy"})
	must(t, err)
	r, err := Reread(t.Context(), readBy(t, o, words{version: newWords}), RereadOptions{Names: []string{"qq-1000012345"}})
	must(t, err)
	same(t, "failed", false, r.Failed)
	if p := r.Summary.Problems; len(p) != 1 || !strings.Contains(p[0].File, month) || !strings.Contains(p[0].Reason, "erased") {
		t.Errorf("problems %+v", p)
	}
	same(t, "quarantined", n, r.Summary.Quarantined)
	if r.Summary.Visits[market.OutcomeNew] == 0 {
		t.Error("the other month was not read")
	}

	this := time.Now().UTC().Format("2006-01")
	must(t, os.Rename(o.path("keys/"+this+".txt"), filepath.Join(t.TempDir(), "away.txt")))
	r, err = Reread(t.Context(), readBy(t, o, words{version: "5"}), RereadOptions{Names: []string{"qq-1000012345"}})
	must(t, err)
	same(t, "failed", true, r.Failed)
	same(t, "problems", 2, len(r.Summary.Problems))
}

// Keys of the blind index that were changed are reason enough to read again.
func TestRereadPeople(t *testing.T) {
	o := testOptions(t)
	path := history(t, filepath.Join(t.TempDir(), "chat.txt"), 60)
	imported(t, o, path)
	people := func() (out []string) {
		changed(t, o, func(b *casebook.Book) {
			keys, err := keyring(o)
			must(t, err)
			blind, err := keys.OpenBlind(t.Context())
			must(t, err)
			found, err := b.Traces(t.Context(), privacy.BlindPhone, []string{blind.Digest(privacy.BlindPhone, "13800138000")})
			must(t, err)
			out = found.Listings
		})
		return out
	}
	before := people()
	if len(before) == 0 {
		t.Fatal("nobody is counted")
	}
	same(t, "visits", int64(1), reread(t, o, path).Visits[market.OutcomeSame])
	keys, err := keyring(o)
	must(t, err)
	_, err = keys.RotateBlind(privacy.BlindPhone)
	must(t, err)
	same(t, "under the new key", 0, len(people()))
	same(t, "visits", int64(1), reread(t, o, path).Visits[market.OutcomeNew])
	same(t, "read again under the new key", before, people())
	same(t, "visits", int64(1), reread(t, o, path).Visits[market.OutcomeSame])
}

func alerts(t *testing.T, o Options) map[string]market.Alert {
	t.Helper()
	out := map[string]market.Alert{}
	changed(t, o, func(b *casebook.Book) {
		all, err := b.Alerts(t.Context(), casebook.AlertFilter{})
		must(t, err)
		for _, a := range all {
			out[a.ID] = a
		}
	})
	return out
}

// An alert that rests on a reading which was taken back is dismissed, unless people have
// worked on it: then it says so. When it has ground again it is new again.
func TestRereadAlerts(t *testing.T) {
	o := testOptions(t)
	path := history(t, filepath.Join(t.TempDir(), "chat.txt"), 80)
	imported(t, readBy(t, o, words{version: "1"}), path)
	real := alerts(t, o)
	reread(t, readBy(t, o, words{version: "2", taken: "聚餐"}), path)
	var imagined []string
	for id := range alerts(t, o) {
		if _, ok := real[id]; !ok {
			imagined = append(imagined, id)
		}
	}
	slices.Sort(imagined)
	if len(imagined) != 2 {
		t.Fatalf("alerts %v, imagined %v", real, imagined)
	}
	act := newCase(t, o)
	changed(t, o, func(b *casebook.Book) {
		_, err := b.AddToCase(t.Context(), 1, []casebook.CaseItem{{Kind: casebook.ItemAlert, ID: imagined[0]}}, "", act)
		must(t, err)
	})
	before := dump(t, o)
	reread(t, readBy(t, o, words{version: "3"}), path)
	now := alerts(t, o)
	same(t, "states", []string{market.AlertNew, market.AlertDismissed}, []string{now[imagined[0]].State, now[imagined[1]].State})
	for id, a := range real {
		same(t, "state of "+id, a.State, now[id].State)
	}
	changed(t, o, func(b *casebook.Book) {
		for _, id := range imagined {
			num, _ := casebook.AlertNumber(id)
			events, err := b.AlertHistory(t.Context(), num)
			must(t, err)
			same(t, "last of "+id, "withdrawn", events[len(events)-1].Action)
		}
	})
	reread(t, readBy(t, o, words{version: "4", taken: "聚餐"}), path)
	same(t, "states with ground again", market.AlertNew, alerts(t, o)[imagined[1]].State)
	same(t, "dump", strings.ReplaceAll(before, `"extractor":"2"`, `"extractor":"4"`), dump(t, o))
}
