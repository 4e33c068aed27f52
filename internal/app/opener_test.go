package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console"
	"resumewatch/internal/custody"
	"resumewatch/internal/custody/stamp/stamptest"
	"resumewatch/internal/evidence"
	"resumewatch/internal/privacy"
)

const shownText = "出智联一手简历，2元一份，加QQ 1000012345，样本：\r\n姓名 性别 年龄 电话 学历 编号\r\n张三 男 28 13800138001 本科 J12345678\r\n李四 女 30 13800138002 大专 J12345679"

// sampled imports an archive with a sample and returns the one listing's row.
func sampled(t *testing.T, o Options) casebook.Row {
	t.Helper()
	line := strings.Repeat("=", 64) + "\r\n"
	path := filepath.Join(t.TempDir(), "chat.txt")
	must(t, os.WriteFile(path, []byte("\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n"+line+"消息分组:我的群聊\r\n"+line+"消息对象:人事\r\n"+line+"\r\n"+
		"2026-03-01 08:00:00 卖家(1000012345)\r\n"+shownText+"\r\n\r\n2026-03-01 08:01:00 路人(1000022222)\r\n今天吃什么\r\n"), 0o600))
	_, err := Import(t.Context(), o, ImportOptions{Paths: []string{path}, GroupID: "1000045678"})
	must(t, err)
	var rows []casebook.Row
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	must(t, r.Book.Listings(t.Context(), func(row casebook.Row) error {
		rows = append(rows, row)
		return nil
	}))
	if len(rows) != 1 || rows[0].OfferID == "" || strings.Contains(rows[0].Text, "13800138001") {
		t.Fatalf("rows %+v", rows)
	}
	return rows[0]
}

// The console opens what the import has sealed: the listing as it was, and the
// numbers of resumes in it, which the custody log knows before.
func TestOriginals(t *testing.T) {
	o := testOptions(t)
	row := sampled(t, o)
	must(t, withBook(t.Context(), o, func(book *casebook.Book) error {
		open := originals{o, book}
		at, err := book.OriginalOf(t.Context(), row.ID)
		must(t, err)
		got, err := open.Original(t.Context(), at)
		must(t, err)
		same(t, "text", strings.ReplaceAll(shownText, "\r\n", "\n"), got.Text)
		if !got.Exact {
			t.Error("not exact")
		}
		part := privacy.MaskAs(privacy.Display, got.Text, got.Personal)
		if !strings.Contains(part, "138****8001") || strings.Contains(part, "J12345678") || !strings.Contains(part, "1000012345") || len(part) != len(got.Text) {
			t.Errorf("display %q", part)
		}
		if whole := privacy.MaskAs(privacy.Whole, got.Text, got.Personal); strings.Contains(whole, "J12345678") || !strings.Contains(whole, "13800138002") {
			t.Errorf("whole %q", whole)
		}

		by := casebook.Act{At: time.Now(), Who: "platform"}
		found, err := open.ResumeIDs(t.Context(), row.OfferID, "ticket 7", by)
		must(t, err)
		same(t, "numbers", []string{"j12345678", "j12345679"}, found.IDs)
		same(t, "listings, read", [2]int{1, 1}, [2]int{found.Listings, found.Read})
		var opened []custody.Event
		must(t, book.CustodyEvents(t.Context(), custody.EvidenceOpened, func(e custody.Event) error {
			opened = append(opened, e)
			return nil
		}))
		if len(opened) != 1 || opened[0].Actor != "platform" || opened[0].Object != row.OfferID || opened[0].Detail["reason"] != "ticket 7" || opened[0].Captures[0].Digest != row.Capture.Digest {
			t.Errorf("events %+v", opened)
		}
		people, err := book.PeopleOfOffer(t.Context(), row.OfferID)
		must(t, err)
		same(t, "people", [2]int64{2, 2}, [2]int64{people.People, people.Records})

		// Without a key: said, and nothing shown.
		keys, err := filepath.Glob(filepath.Join(o.Data, "keys", "2*.txt"))
		must(t, err)
		for _, k := range keys {
			must(t, os.Remove(k))
		}
		found, err = open.ResumeIDs(t.Context(), row.OfferID, "ticket 7", by)
		must(t, err)
		if len(found.IDs) != 0 || found.Read != 0 || found.Closed == nil {
			t.Errorf("without a key: %+v", found)
		}
		if _, err := open.Original(t.Context(), at); err == nil {
			t.Error("opened without a key")
		}
		return nil
	}))
}

// A receipt carries the time stamp of its checkpoint; `verify` judges both.
func TestStampedReceipt(t *testing.T) {
	service, stranger := stamptest.New(t, time.Now), stamptest.New(t, time.Now)
	server := httptest.NewServer(service)
	defer server.Close()
	o := testOptions(t)
	o.Config.Evidence.TimestampURL = server.URL
	row := sampled(t, o)
	s, err := Open(t.Context(), o)
	must(t, err)
	l := *s.rt.log
	// A checkpoint an hour is stamped: this one is the next.
	must(t, s.Book.NoteCustody(t.Context(), custody.Event{Kind: custody.EvidenceOpened, At: time.Now()}))
	_, err = s.Book.ExtendLog(t.Context(), l.LogKeeper, time.Now().Add(2*time.Hour), 100)
	must(t, err)
	must(t, s.rt.workshop.StampLog(t.Context(), l.Stamps))
	must(t, s.Close())

	path := filepath.Join(t.TempDir(), "receipt.json")
	must(t, withBook(t.Context(), o, func(book *casebook.Book) error {
		r, err := book.ReceiptOf(t.Context(), row.Capture.Digest)
		must(t, err)
		public, err := (&Session{opts: o}).logKey()
		must(t, err)
		if r.Stamp == "" {
			t.Error("the receipt has no time stamp")
		}
		text, err := json.Marshal(custody.Document{Format: custody.DocumentFormat, Log: public, Receipt: r.Receipt, Stamp: r.Stamp})
		must(t, err)
		return os.WriteFile(path, text, 0o600)
	}))
	verify := func(o Options) (bool, string) {
		t.Helper()
		r, err := VerifyFile(t.Context(), o, path)
		must(t, err)
		text, err := json.Marshal(r)
		must(t, err)
		return r.OK, string(text)
	}
	if ok, text := verify(o); !ok || !strings.Contains(text, "this installation") || !strings.Contains(text, "timestamp_ca_file") || !strings.Contains(text, row.Capture.Digest) {
		t.Errorf("%s", text)
	}
	if ok, text := verify(Options{}); !ok || !strings.Contains(text, "whose log it is") {
		t.Errorf("elsewhere: %s", text)
	}
	roots := filepath.Join(t.TempDir(), "roots.pem")
	o.Config.Evidence.TimestampCAFile = roots
	must(t, os.WriteFile(roots, service.Roots(), 0o600))
	if ok, text := verify(o); !ok || !strings.Contains(text, "1 good") || strings.Contains(text, "timestamp_ca_file") {
		t.Errorf("its own root: %s", text)
	}
	must(t, os.WriteFile(roots, stranger.Roots(), 0o600))
	if ok, text := verify(o); ok || !strings.Contains(text, "time stamp") {
		t.Errorf("a stranger's root: %s", text)
	}
	text, err := os.ReadFile(path)
	must(t, err)
	for name, bad := range map[string]string{
		"more behind": string(text) + "{}", "another number": strings.Replace(string(text), `"number":`, `"number":1`, 1), "another key": strings.Replace(string(text), `"log":"resumewatch/`, `"log":"resumewatch/0`, 1),
		"half": string(text[:len(text)/2]),
	} {
		must(t, os.WriteFile(path, []byte(bad), 0o600))
		if ok, text := verify(Options{}); ok {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// A text whose capture is gone is read from another one that holds it.
func TestSamplesOfAnotherCapture(t *testing.T) {
	o := testOptions(t)
	sampled(t, o)
	line := strings.Repeat("=", 64) + "\r\n"
	path := filepath.Join(t.TempDir(), "elsewhere.txt")
	must(t, os.WriteFile(path, []byte("\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n"+line+"消息分组:我的群聊\r\n"+line+"消息对象:别处\r\n"+line+"\r\n"+
		"2026-03-02 08:00:00 卖家(1000012345)\r\n"+shownText+"\r\n\r\n"), 0o600))
	_, err := Import(t.Context(), o, ImportOptions{Paths: []string{path}, GroupID: "1000045679"})
	must(t, err)
	must(t, withBook(t.Context(), o, func(book *casebook.Book) error {
		shown, err := book.ListingsWithSamples(t.Context(), time.Time{})
		must(t, err)
		if len(shown) != 2 || shown[0].Capture == shown[1].Capture || shown[0].TextDigest != shown[1].TextDigest {
			t.Fatalf("%+v", shown)
		}
		x, err := newOpener(t.Context(), o, nil)
		must(t, err)
		open, shut := x.open, map[string]error{}
		x.open = func(ctx context.Context, ref evidence.Ref) (io.ReadCloser, error) {
			if err := shut[ref.Digest]; err != nil {
				return nil, err
			}
			return open(ctx, ref)
		}
		read := func() (listings, records int, closed closedCaptures) {
			closed, err := x.readSamples(t.Context(), book, shown, opening{Object: "samples", By: casebook.Act{At: time.Now()}}, func(s sample) {
				listings, records = listings+s.listings, records+len(s.records)
			})
			must(t, err)
			return listings, records, closed
		}
		for range 2 {
			listings, records, closed := read()
			if listings != 2 || records != 2 || closed != (closedCaptures{}) {
				t.Errorf("%d listings, %d records, %+v", listings, records, closed)
			}
			shut[shown[0].Capture] = privacy.ErrErased
		}
		shut[shown[1].Capture] = evidence.ErrNoIdentity
		if listings, _, closed := read(); listings != 0 || closed.shut != 2 || !errors.Is(closed.err, evidence.ErrNoIdentity) {
			t.Errorf("%d listings, %+v", listings, closed)
		}
		shut[shown[1].Capture] = console.ErrNotKept
		if listings, _, closed := read(); listings != 0 || closed.gone != 2 || closed.err == nil {
			t.Errorf("%d listings, %+v", listings, closed)
		}
		return nil
	}))
}
