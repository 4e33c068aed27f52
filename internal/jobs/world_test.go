package jobs_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"resumewatch/alerts/rules"
	"resumewatch/crawlers/archive"
	"resumewatch/crawlers/fetch"
	"resumewatch/crawlers/forum/discuztest"
	"resumewatch/extractors"
	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
	"resumewatch/internal/index"
	"resumewatch/internal/jobs"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
	"resumewatch/internal/query"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// extractor is made once: it is read-only, and making it reads the whole lexicon.
var extractor = sync.OnceValues(extractors.New)

var shanghai = time.FixedZone("UTC+8", 8*3600)

// clock is moved by the test, and by whoever waits.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// budget grants what it is told to.
type budget struct {
	mu        sync.Mutex
	left      int // requests granted at once; -1: all
	away      time.Duration
	asked     int
	penalized []time.Time
	obey      func() time.Time // clock by which penalties hold; nil: they are only noted
}

func (b *budget) Take(context.Context, string, market.Rate, time.Duration) (market.Slot, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.obey != nil && len(b.penalized) > 0 {
		if wait := b.penalized[len(b.penalized)-1].Sub(b.obey()); wait > 0 {
			return market.Slot{Wait: wait}, false, nil
		}
	}
	if b.left == 0 {
		return market.Slot{Wait: b.away}, false, nil
	}
	if b.left > 0 {
		b.left--
	}
	return market.Slot{}, true, nil
}

func (b *budget) Confirm(context.Context, string, market.Slot) (bool, error) { return true, nil }

func (b *budget) Penalize(_ context.Context, _ string, until time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.penalized = append(b.penalized, until)
	return nil
}

// faulty is an evidence store that fails on command.
type faulty struct {
	evidence.Store
	mu     sync.Mutex
	append func() error // before each Append; nil: none
	sync   func() error // before each Sync
}

func (f *faulty) set(onAppend, onSync func() error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.append, f.sync = onAppend, onSync
}

func (f *faulty) Writer(ctx context.Context, owner string) (evidence.Writer, error) {
	w, err := f.Store.Writer(ctx, owner)
	return &faultyWriter{w, f}, err
}

type faultyWriter struct {
	evidence.Writer
	f *faulty
}

func (w *faultyWriter) call(pick func(*faulty) func() error) error {
	w.f.mu.Lock()
	do := pick(w.f)
	w.f.mu.Unlock()
	if do == nil {
		return nil
	}
	return do()
}

func (w *faultyWriter) Append(ctx context.Context, c evidence.Capture) (evidence.Ref, error) {
	if err := w.call(func(f *faulty) func() error { return f.append }); err != nil {
		return evidence.Ref{}, err
	}
	return w.Writer.Append(ctx, c)
}

func (w *faultyWriter) Sync(ctx context.Context) error {
	if err := w.call(func(f *faulty) func() error { return f.sync }); err != nil {
		return err
	}
	return w.Writer.Sync(ctx)
}

// world is a data folder with its workshop, driven by hand: a test does the
// dispatcher's steps itself, one after the other.
type world struct {
	*testing.T
	*jobs.Workshop
	clock  *clock
	dir    string
	store  *faulty
	keys   *privacy.Keyring
	budget *budget
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), clock: &clock{now: time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)}, budget: &budget{left: -1}}
	book, err := casebook.OpenSQLite(t.Context(), filepath.Join(w.dir, "casebook.db"))
	w.must(err)
	t.Cleanup(func() { w.check(book.Close()) })
	w.keys, err = privacy.OpenKeyring(filepath.Join(w.dir, "keys"), nil)
	w.must(err)
	dir, err := evidence.OpenDir(filepath.Join(w.dir, "evidence"), w.keys, w.clock.Now)
	w.must(err)
	w.store = &faulty{Store: dir}
	search, err := index.OpenSQLite(filepath.Join(w.dir, "index.db"), false)
	w.must(err)
	t.Cleanup(func() { w.check(search.Close()) })
	x, err := extractor()
	w.must(err)
	prints, err := casebook.NewFingerprints(bytes.Repeat([]byte{7}, 16))
	w.must(err)
	fetcher, err := fetch.New(fetch.Options{
		Budget: w.budget, Now: w.clock.Now, Limits: fetch.Limits{FirstByte: 2 * time.Second, Total: 4 * time.Second, Body: 1 << 20},
		Wait: func(_ context.Context, d time.Duration) error { w.clock.add(d); return nil },
	})
	w.must(err)
	t.Cleanup(fetcher.Close)
	w.Workshop = &jobs.Workshop{
		Book: book, Evidence: jobs.NewPens(w.store, "test"), Index: search, Fetcher: fetcher, Budget: w.budget, Extractor: x, Prints: prints,
		DigestKey: []byte("key of text digests"), Rules: rules.Builtin(), Info: evidence.Info{Software: "resumewatch/test"}, Now: w.clock.Now,
		Log: slog.New(slog.DiscardHandler), Clock: func() evidence.Clock { return evidence.Clock{Source: "a test's"} },
	}
	t.Cleanup(func() { w.check(w.Evidence.Close()) })
	w.Init(2)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) check(err error) {
	w.Helper()
	if err != nil {
		w.Error(err)
	}
}

func (w *world) same(what string, want, got any) {
	w.Helper()
	if d := cmp.Diff(want, got); d != "" {
		w.Fatalf("%s (-want +got)\n%s", what, d)
	}
}

func (w *world) run() int64 {
	w.Helper()
	run, err := w.Book.StartRun(w.Context(), "test", w.Now())
	w.must(err)
	return run
}

func (w *world) progress(run int64) casebook.Progress {
	w.Helper()
	p, err := w.Book.RunProgress(w.Context(), run, true)
	w.must(err)
	return p
}

// visits are the outcomes that a run counted.
func (w *world) visits(run int64) map[string]int64 {
	w.Helper()
	out := map[string]int64{}
	for name, n := range w.progress(run).Counts {
		if o, ok := strings.CutPrefix(name, "visit."); ok {
			out[o] = n
		}
	}
	return out
}

// once handles everything that is due now, once, and returns how much that was
// and what failed.
func (w *world) once(run int64) (n int, errs []error) {
	w.Helper()
	_, err := w.Book.PlanVisits(w.Context(), run, w.Now(), func(casebook.Source) casebook.HostPlan { return casebook.HostPlan{Batch: 5, Queued: 1000} })
	w.must(err)
	due, err := w.Book.Due(w.Context(), w.Now(), 1000)
	w.must(err)
	for _, row := range due {
		if err := w.Handlers()[row.Kind](w.Context(), jobs.TaskID(row.ID, row.Generation), nil); err != nil {
			errs = append(errs, err)
		}
	}
	return len(due), errs
}

// finish works until nothing is owed to the run, moving the clock to where the
// next work is due. Failures of handlers are errors of the test.
func (w *world) finish(run int64) {
	w.Helper()
	for range 1000 {
		n, errs := w.once(run)
		w.check(errors.Join(errs...))
		if n > 0 {
			continue
		}
		p := w.progress(run)
		if p.Open == 0 {
			w.consume()
			return
		}
		if p.NextDue.After(w.Now()) {
			w.clock.add(p.NextDue.Sub(w.Now()))
		} else {
			w.clock.add(time.Second)
		}
	}
	w.Fatal("the work doesn't end")
}

// consume brings index and offers up to date.
func (w *world) consume() {
	w.Helper()
	fence, ok, err := w.Book.TakeLease(w.Context(), "leader", "test", w.Now(), time.Minute)
	w.must(err)
	w.same("leads", true, ok)
	for {
		a, err := w.IndexStep(w.Context())
		w.must(err)
		b, err := w.GroupStep(w.Context(), fence)
		w.must(err)
		if a+b == 0 {
			break
		}
	}
	d, err := w.Reindex(w.Context(), true)
	w.must(err)
	w.same("index against casebook", jobs.Difference{}, d)
}

func (w *world) dump() string {
	w.Helper()
	var out strings.Builder
	w.must(w.Book.DumpCanonical(w.Context(), &out))
	return out.String()
}

// rows are all listings, by text.
func (w *world) rows() map[string]casebook.Row {
	w.Helper()
	out := map[string]casebook.Row{}
	w.must(w.Book.Listings(w.Context(), func(r casebook.Row) error { out[r.Text] = r; return nil }))
	return out
}

// search gives the texts that a query finds, sorted.
func (w *world) search(q string) []string {
	w.Helper()
	tree, err := query.Parse(q, w.Now(), shanghai)
	w.must(err)
	var ids []string
	w.must(w.Index.Search(w.Context(), tree, index.Page{}, func(h index.Hit) error { ids = append(ids, h.ListingID); return nil }))
	rows, err := w.Book.Rows(w.Context(), ids)
	w.must(err)
	out := []string{}
	for _, r := range rows {
		out = append(out, r.Text)
	}
	slices.Sort(out)
	return out
}

// message is one message of a chat.
type message struct {
	second int // after 2026-03-01 08:00:00, Shanghai
	who    string
	text   string
}

// chat writes conversations, in turn, as the PC QQ message manager exports them.
type chat struct {
	name     string
	messages []message
}

var morning = time.Date(2026, 3, 1, 8, 0, 0, 0, shanghai)

func exported(chats ...chat) []byte {
	var b bytes.Buffer
	line := strings.Repeat("=", 64) + "\r\n"
	b.WriteString("\ufeff消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n")
	for _, c := range chats {
		b.WriteString(line + "消息分组:我的群聊\r\n" + line + "消息对象:" + c.name + "\r\n" + line + "\r\n")
		for _, m := range c.messages {
			fmt.Fprintf(&b, "%s 昵称%s(%s)\r\n%s\r\n\r\n", morning.Add(time.Duration(m.second)*time.Second).Format("2006-01-02 15:04:05"), m.who[len(m.who)-2:], m.who, m.text)
		}
	}
	return b.Bytes()
}

// order writes a file and orders its chunks; group numbers are given by name.
func (w *world) order(run int64, name string, data []byte) string {
	w.Helper()
	path := filepath.Join(w.dir, name)
	w.must(os.WriteFile(path, data, 0o600))
	s, err := archive.Take(w.Context(), bytes.NewReader(data), int64(len(data)), name, nil)
	w.must(err)
	a := jobs.Archive{Path: path, SHA256: s.SHA256, Format: s.Verdict.Format, Source: name, Zone: "Asia/Shanghai", Places: map[string]jobs.Place{}}
	for _, c := range s.Conversations {
		sum := sha256.Sum256([]byte(c.Name))
		a.Places[c.Name] = jobs.Place{ID: fmt.Sprint(1000000000 + int(sum[0])), Name: c.Name}
	}
	w.must(w.Book.PutSource(w.Context(), casebook.Source{Name: name, Kind: "archive", URL: "file:" + name, State: casebook.SourceActive,
		Settings: casebook.SourceSettings{Authority: market.Authority{Why: "handed over, ticket 7"}}}, w.Now()))
	w.must(w.Book.PutArchive(w.Context(), s.SHA256, a))
	var rows []casebook.Work
	for _, c := range s.Chunks {
		payload, err := json.Marshal(jobs.ChunkPayload{Archive: s.SHA256, Chunk: c})
		w.must(err)
		rows = append(rows, casebook.Work{ID: fmt.Sprintf("%s-%d-%s", name, c.Offset, c.SHA256[:8]), Source: name, Payload: payload})
	}
	_, _, err = w.Book.AddChunks(w.Context(), run, rows, w.Now())
	w.must(err)
	return path
}

// records opens a capture with the identities of the folder and gives its
// records' blocks by type.
func (w *world) records(digest string) map[string][][]byte {
	w.Helper()
	out := map[string][][]byte{}
	w.eachRecord(digest, func(r *evidence.ReadRecord, block []byte) { out[r.Type] = append(out[r.Type], block) })
	return out
}

func (w *world) eachRecord(digest string, fn func(*evidence.ReadRecord, []byte)) {
	w.Helper()
	c, err := w.Book.CaptureByDigest(w.Context(), digest)
	w.must(err)
	ids, err := w.keys.Identities(w.Context())
	w.must(err)
	r, err := evidence.Open(w.Context(), w.store, evidence.Ref{Digest: c.Digest, SealedDigest: c.SealedDigest, File: c.File, Offset: c.Offset, Length: c.Length, Kind: c.Kind, URL: c.URL, At: c.At}, ids)
	w.must(err)
	defer r.Close()
	warc := evidence.NewReader(r)
	for {
		rec, err := warc.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		w.must(err)
		block, err := io.ReadAll(rec.Block)
		w.must(err)
		fn(rec, block)
	}
}

// places are, for each listing, capture, start and length of its post.
func (w *world) places() map[string]postPlace {
	w.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "casebook.db"))
	w.must(err)
	defer db.Close()
	rows, err := db.QueryContext(w.Context(), `SELECT text, capture, start, length FROM post`)
	w.must(err)
	defer rows.Close()
	out := map[string]postPlace{}
	for rows.Next() {
		var text string
		var p postPlace
		w.must(rows.Scan(&text, &p.capture, &p.start, &p.length))
		out[text] = p
	}
	w.must(rows.Err())
	return out
}

type postPlace struct {
	capture       string
	start, length int64
}

// site is a model forum behind a handler that a test can put itself in front of.
type site struct {
	*discuztest.Site
	url  string // of its index
	host string
	mu   sync.Mutex
	hook func(w http.ResponseWriter, r *http.Request, next http.Handler) // nil: none
	seen []string
}

func (w *world) site(style discuztest.Style) *site {
	w.Helper()
	s := &site{Site: discuztest.New(style, w.Now)}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		hook := s.hook
		s.seen = append(s.seen, r.URL.RequestURI())
		s.mu.Unlock()
		if hook != nil {
			hook(rw, r, s.Site)
			return
		}
		s.Site.ServeHTTP(rw, r)
	}))
	w.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	w.must(err)
	s.url, s.host = srv.URL+"/", u.Host
	return s
}

func (s *site) intercept(hook func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// asked are the pages asked for since the last call, without robots.txt, sorted.
func (s *site) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []string{}
	for _, u := range s.seen {
		if u != "/robots.txt" {
			out = append(out, u)
		}
	}
	s.seen = nil
	slices.Sort(out)
	return out
}

// source is the source of an address on the site.
func (w *world) source(s *site, address string, change func(*casebook.Source)) casebook.Source {
	w.Helper()
	src := casebook.Source{Name: "board", URL: address, State: casebook.SourceActive, Settings: casebook.SourceSettings{AllowPrivate: []string{s.host}, Authority: market.Authority{Why: "ticket"}}}
	if change != nil {
		change(&src)
	}
	w.must(w.Book.PutSource(w.Context(), src, w.Now()))
	return src
}

// begin asks for the root of a source, as `crawl` does.
func (w *world) begin(src casebook.Source, again bool) int64 {
	w.Helper()
	run := w.run()
	u, err := url.Parse(src.URL)
	w.must(err)
	root := casebook.Page{Source: src.Name, Host: fetch.BudgetHost(u), URL: src.URL, Canonical: src.URL, Mark: json.RawMessage(fmt.Sprintf(`{"whole":%d}`, run))}
	pages := []casebook.Page{root}
	if again {
		all, err := w.Book.PagesOf(w.Context(), src.Name, "")
		w.must(err)
		for _, p := range all {
			p.Mark = nil
			if p.Canonical != root.Canonical {
				pages = append(pages, p)
			}
		}
	}
	w.must(w.Book.RequestPages(w.Context(), run, pages, again, w.Now()))
	return run
}

// crawl looks at an address and all below, to the end.
func (w *world) crawl(src casebook.Source) int64 {
	w.Helper()
	w.clock.add(time.Minute)
	run := w.begin(src, false)
	w.finish(run)
	return run
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
