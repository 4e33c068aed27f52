package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
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
		switch i % 20 {
		case 3:
			text = advert
		case 8:
			text = fmt.Sprintf("出前程无忧一手简历，%d元一份，1000份起，加QQ 1000012345", 2+i/20%3)
		case 12:
			text = "周末聚餐" + fmt.Sprint(i/20%2)
		case 16:
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
		"priceless":  {priceless: true},
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
