package console_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"resumewatch/internal/queue"
)

func TestSearchPage(t *testing.T) {
	r := newRoom(t)
	body := r.page("/")
	r.holds("/", body, "还没有收到任何报盘")
	r.market()
	q := "/?q=" + url.QueryEscape("简历")
	body = r.page(q)
	r.holds(q, body, "<mark>简*历</mark>", "<mark>简歷</mark>", "出售", "求购", "共 4 条", "2 元/条，100 起", "QQ <b>", "3 万条", "同一报盘在本页还有 1 条",
		`href="/offers/`, `href="/alerts/A-1"`, "2026-02-01 08:10", "人事交流群")
	if strings.Contains(body, "下一页") || strings.Contains(body, "更早的") {
		t.Error("a next page of four hits")
	}
	body = r.page(q, inEnglish)
	r.holds(q, body, "<mark>简*历</mark>", "4 listings", "selling", `lang="en"`)

	body = r.page("/?q=" + url.QueryEscape("没有这样的词"))
	r.holds("nothing", body, "没有找到")
	body = r.page("/?since=7d&q=" + url.QueryEscape("简历"))
	r.holds("7d", body, "没有找到", "不限时间再搜一次", "/?q=%E7%AE%80%E5%8E%86")

	status, body, _ := r.get("/?q=" + url.QueryEscape("简历 price:1..x"))
	if status != http.StatusBadRequest {
		t.Errorf("a mistake: %d", status)
	}
	r.holds("mistake", body, "查询第 10 列看不懂", "不是数字", `<b>1</b>..x`, `value="简历 price:1..x"`, `aria-invalid="true"`)
	status, body, _ = r.get("/?since=yesterday")
	if status != http.StatusBadRequest || !strings.Contains(body, "时间范围看不懂") {
		t.Errorf("a wrong time: %d", status)
	}
	for _, bad := range []string{"x", "1-", "-1", "1-<script>", "99999999999999999999-ab", "1-" + strings.Repeat("a", 65)} {
		if status, _, _ := r.get("/?after=" + url.QueryEscape(bad)); status != http.StatusBadRequest {
			t.Errorf("cursor %q: %d", bad, status)
		}
	}
	r.must(r.index.Close())
	if status, body, _ = r.get(q); status != http.StatusServiceUnavailable || !strings.Contains(body, "索引暂时无法访问") {
		t.Errorf("an index that is away: %d", status)
	}
}

func TestFacets(t *testing.T) {
	r := newRoom(t)
	r.market()
	find := func(path, value string) (link string, on bool) {
		t.Helper()
		m := regexp.MustCompile(`<a href="([^"]*)"( class="on" aria-current="true")?>` + value + ` <span class="n">`).FindStringSubmatch(r.page(path))
		if m == nil {
			t.Fatalf("%s has no %s", path, value)
		}
		return strings.ReplaceAll(m[1], "&amp;", "&"), m[2] != ""
	}
	for query, want := range map[string]string{"": "side:sell", "简历": "简历 side:sell", "智联 OR 猎聘": "(智联 OR 猎聘) side:sell"} {
		link, on := find("/?since=365d&q="+url.QueryEscape(query), "出售")
		if to, err := url.Parse(link); err != nil || on || to.Query().Get("q") != want || to.Query().Get("since") != "365d" {
			t.Errorf("%q leads to %s, on %v", query, link, on)
		}
	}
	link, on := find("/?q="+url.QueryEscape("简历 side:sell"), "出售")
	if to, err := url.Parse(link); err != nil || !on || to.Query().Get("q") != "简历" {
		t.Errorf("back to %s, on %v", link, on)
	}
	if body := r.page("/?q=" + url.QueryEscape("简历 side:sell")); strings.Contains(body, ">求购 <span") {
		t.Error("a facet that nothing has")
	}
}

// TestPaging walks through more hits than a page holds, while new ones arrive.
func TestPaging(t *testing.T) {
	r := newRoom(t)
	r.source(casebook.Source{Name: "qq-1000045678", Kind: "archive", URL: "file:x.txt"})
	var found []casebook.Found
	for i := range 75 {
		p := said("1000011111", i, "出智联简历 QQ10000"+strings.Repeat("1", 2)+string(rune('0'+i/26))+string(rune('0'+i%26%10))+"44 第"+strings.Repeat("甲", i+1)+"批")
		found = append(found, r.read(p, nil))
	}
	r.learn("qq-1000045678", found...)
	times := regexp.MustCompile(`title="(2026-02-01T[0-9:]+\+08:00)"`)
	seen := map[string]bool{}
	next := "/?q=" + url.QueryEscape("智联")
	pages := 0
	for next != "" {
		body := r.page(next)
		for _, m := range times.FindAllStringSubmatch(body, -1) {
			if seen[m[1]] {
				t.Errorf("%s twice", m[1])
			}
			seen[m[1]] = true
		}
		if pages++; pages == 1 {
			r.learn("qq-1000045678", r.read(said("1000044444", 600, "出智联简历 新的一条 QQ1000099999"), nil))
		}
		next = ""
		if m := regexp.MustCompile(`<a href="([^"]*)" rel="next">`).FindStringSubmatch(body); m != nil {
			next = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if len(seen) != 75 || pages != 3 {
		t.Errorf("%d listings on %d pages", len(seen), pages)
	}
}

func TestOfferPage(t *testing.T) {
	r := newRoom(t)
	r.market()
	id := r.offer("智联")
	body := r.page("/offers/" + id)
	r.holds("offer", body, "全部出现", `<span class="read read-price" title="2 元/条，100 起">`, `title="QQ 1000012345"`, "说要卖简历", "把握",
		"2026/02/chat.warc.gz.age", `<code class="digest">`, `href="/sellers/S-1"`, `href="/sources/qq-1000045678"`, "2 元", "3 万条", `href="/alerts/A-1"`, "未复查")
	body = r.page("/offers/" + r.offer("猎聘"))
	r.holds("forum", body, `href="https://bbs.example.com/thread-7-1-1.html#pid7" rel="noreferrer noopener nofollow"`, "仍在", "没有取证记录")
	for _, gone := range []string{"/offers/0123456789abcdef0123456789abcdef", "/offers/x", "/alerts/A-999", "/alerts/x", "/sellers/S-999", "/sellers/1", "/sources/none"} {
		if status, _, _ := r.get(gone); status != http.StatusNotFound {
			t.Errorf("%s: %d", gone, status)
		}
	}
	r.holds("beyond", r.page("/offers/"+id+"?page=7"), "这一页没有内容")

	// A second contact ties two offers of the seller together: the younger id leads on.
	young := r.offer("收51")
	p := said("1000011111", 5, "出智联简*历，一手，现货3万条，2元一条，100条起 QQ1000012345")
	r.learn("qq-1000045678", r.read(p, nil))
	now := r.offer("智联")
	status, _, head := r.get("/offers/" + id)
	if now == id || status != http.StatusFound || head.Get("Location") != "/offers/"+now {
		t.Errorf("offer %s is %s now; the old id: %d %s", id, now, status, head.Get("Location"))
	}
	r.page("/offers/" + young)
}

func TestEditedOffer(t *testing.T) {
	r := newRoom(t)
	r.market()
	r.learn("example-board", r.read(posted(7, "猎聘简历代下", "猎聘简历代下载，5块一份，当天出\n电报 @example_seller01"), nil))
	body := r.page("/offers/" + r.offer("猎聘"))
	r.holds("edited", body, "修改前的 1 个版本", "3块一份", "5块</span>一份", "已修改")
}

func TestAlertPages(t *testing.T) {
	r := newRoom(t)
	r.holds("none", r.page("/alerts"), "没有警报")
	r.market()
	body := r.page("/alerts")
	r.holds("alerts", body, "sev-high", "sev-medium", "A-1", "出售 智联 简历", "声称存量 30000 条，达到 10000 条", "出现 2 次", `href="/alerts?severity=high"`)
	if strings.Index(body, "sev-high") > strings.Index(body, "sev-medium") {
		t.Error("the gravest is not the first")
	}
	body = r.page("/alerts?severity=high&state=new")
	if strings.Contains(body, `class="sev sev-medium"`) || !strings.Contains(body, `class="sev sev-high"`) {
		t.Error("the filter lets others through")
	}
	r.holds("filtered", body, "清除筛选", `href="/alerts?state=new"`)
	r.holds("nothing", r.page("/alerts?severity=critical"), "没有符合筛选的警报")
	r.page("/alerts?severity=%27%3Bdrop&state=x&page=-3")
	body = r.page("/alerts/A-1", inEnglish)
	r.holds("A-1", body, "Reasons", "Legal thresholds", "History", "raised it as high", "severity: stock", `href="/offers/`, "seen", "QQ")
	if status, _, head := r.get("/alerts/a-1"); status != http.StatusFound || head.Get("Location") != "/alerts/A-1" {
		t.Errorf("a-1: %d %s", status, head.Get("Location"))
	}
}

func TestSellerPage(t *testing.T) {
	r := newRoom(t)
	r.market()
	body := r.page("/sellers/S-1")
	r.holds("S-1", body, "卖家 S-1", "QQ <b>", "简历数据", `href="/?q=seller%3AS-1"`, "2 元/条，100 起")
	if status, _, head := r.get("/sellers/s-1"); status != http.StatusFound || head.Get("Location") != "/sellers/S-1" {
		t.Errorf("s-1: %d", status)
	}
	r.holds("search", r.page("/?q=seller%3AS-1"), "简*历")
}

func TestSourcePages(t *testing.T) {
	r := newRoom(t)
	r.holds("none", r.page("/sources"), "还没有来源")
	r.market()
	ctx := t.Context()
	run, err := r.book.StartRun(ctx, "test", r.now)
	r.must(err)
	visit := func(url string, outcome market.Outcome) {
		t.Helper()
		r.must(r.book.RequestPages(ctx, run, []casebook.Page{{Source: "walled", Host: "walled.example.com", URL: url, Canonical: url}}, false, r.now))
		_, err := r.book.PlanVisits(ctx, run, r.now, func(casebook.Source) casebook.HostPlan { return casebook.HostPlan{Batch: 1, Queued: 9} })
		r.must(err)
		due, err := r.book.Due(ctx, r.now, 10)
		r.must(err)
		for _, w := range due {
			c := casebook.Claim{ID: w.ID, Generation: w.Generation}
			_, err := r.book.ClaimWork(ctx, c, r.now)
			r.must(err)
			_, err = r.book.Commit(ctx, casebook.Learnt{Work: c, Run: run, Source: "walled", At: r.now, Outcome: outcome, Reason: "looks like a login page",
				Page: &casebook.PageVisit{ID: casebook.PageID("walled", url), NextDue: r.now.Add(time.Hour)}})
			r.must(err)
			r.must(r.book.EndVisit(ctx, c, r.now.Add(time.Hour)))
		}
	}
	r.source(casebook.Source{Name: "walled", Kind: "discuz", URL: "https://walled.example.com/", Watch: true})
	visit("https://walled.example.com/", market.OutcomeLoginWall)
	r.source(casebook.Source{Name: "ended", Kind: "phpbb", URL: "https://ended.example.com/", Watch: true, Settings: casebook.SourceSettings{Authority: market.Authority{Why: "x", Until: r.now.AddDate(0, 0, -1)}}})
	r.source(casebook.Source{Name: "fresh/和?#斜杠", Kind: "", URL: "https://fresh.example.com/", Watch: true})
	r.must(r.book.SetSourceState(ctx, "example-board", casebook.SourcePaused))
	body := r.page("/sources")
	r.holds("sources", body, "2 个来源需要处理", "要求登录", "授权已到期", "等待首次读取", "已暂停", "按需读取", "首次 <b>1</b>", `<rect class="o-new"`, "own-brand monitoring, ticket SEC-104")
	if strings.Index(body, "walled") > strings.Index(body, "example-board") {
		t.Error("those that need somebody don't come first")
	}
	body = r.page("/sources/walled")
	r.holds("walled", body, "要求登录", "looks like a login page", "不会绕过登录")
	r.page("/sources/" + url.PathEscape("fresh/和?#斜杠"))
	r.holds("link", r.page("/sources"), `href="/sources/fresh%2F%E5%92%8C%3F%23%E6%96%9C%E6%9D%A0"`)
	r.holds("archive", r.page("/sources/qq-1000045678"), "a head without a time", "345")
	r.must(r.book.SetSourceState(ctx, "example-board", casebook.SourceActive))
	r.now = r.now.Add(72 * time.Hour)
	r.holds("later", r.page("/sources"), "沉默", "3 个来源需要处理")
}

func TestQueuePage(t *testing.T) {
	r := newRoom(t)
	r.market()
	r.queue = func(context.Context, int) (queue.View, error) { return queue.View{}, errors.New("dial tcp: refused") }
	_, _, err := r.book.TakeLease(t.Context(), "pen:worker-1", "worker-1", r.now, 10*time.Second)
	r.must(err)
	away := r.page("/queue")
	r.holds("away", away, "Redis 无法访问", "没有丢失", "没有未完成的工作")
	if strings.Contains(away, "没有等待的工作") || strings.Contains(away, "pen:") {
		t.Error("calm while the queue can't be seen, or the leases of files among the leaders")
	}
	run, err := r.book.StartRun(t.Context(), "test", r.now)
	r.must(err)
	_, _, err = r.book.AddChunks(t.Context(), run, []casebook.Work{{ID: "waits", Source: "qq-1000045678", Payload: []byte(`{}`)}}, r.now.Add(-time.Hour))
	r.must(err)
	r.queue = func(context.Context, int) (queue.View, error) {
		return queue.View{Address: "redis://127.0.0.1:6379/0", Queues: []queue.QueueView{{QueueStats: queue.QueueStats{Queue: "archive", Pending: 3, Active: 1, Latency: 90 * time.Second},
			Tasks: []queue.TaskView{{ID: "row:1", Type: "chunk", State: queue.StateActive, Since: r.now.Add(-time.Minute), Server: "worker-1:42"}}}},
			Servers: []queue.Server{{Host: "worker-1", PID: 42, Started: r.now.Add(-time.Hour), Queues: map[string]int{"archive": 2}, Active: 1, Concurrency: 4}}}, nil
	}
	body := r.page("/queue")
	r.holds("queue", body, "档案分块", "其中 1 已到期", "worker-1", "1 / 4", "<bdi>archive</bdi> ×2", "redis://127.0.0.1:6379/0", "1 分钟", "调度", "test")
	if strings.Contains(body, "没有等待的工作") {
		t.Error("calm with a unit that waits")
	}
	r.queue = func(context.Context, int) (queue.View, error) { return queue.View{}, nil }
	r.holds("flushed", r.page("/queue", inEnglish), "No worker is alive", "No queues yet")
}
