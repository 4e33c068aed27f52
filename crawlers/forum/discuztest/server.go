package discuztest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// DefaultRobots are the rules that Discuz! X3.5 ships with, in our words.
const DefaultRobots = `# robots.txt for Discuz! X3.5
User-agent: *
Disallow: /api/
Disallow: /search.php
Disallow: /member.php
Disallow: /misc.php
Disallow: /forum.php?mod=redirect*
Disallow: /forum.php?mod=post*
Disallow: /home.php?mod=spacecp*
Disallow: /*?mod=misc*
Disallow: /*?mod=attachment*
Disallow: /*mobile=yes*
`

var (
	threadPath = regexp.MustCompile(`^thread-(\d{1,9})-(\d{1,9})-\d+\.html$`)
	boardPath  = regexp.MustCompile(`^forum-(\d{1,9})-(\d{1,9})\.html$`)
)

// Start serves the forum on a loopback port of its own choice and returns the
// address of its index. stop waits for the last request and may be called more
// than once; the end of ctx stops it as well.
func (s *Site) Start(ctx context.Context) (url string, stop func(), err error) {
	return s.StartAt(ctx, 0)
}

// StartAt is Start on the given port; 0 is any. A port that is taken is an error.
func (s *Site) StartAt(ctx context.Context, port int) (url string, stop func(), err error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", nil, fmt.Errorf("discuztest: listen: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			cancel()
		}
	})
	wg.Go(func() {
		<-ctx.Done()
		late, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer done()
		if srv.Shutdown(late) != nil {
			srv.Close()
		}
	})
	return "http://" + ln.Addr().String() + s.style.Folder, func() { cancel(); wg.Wait() }, nil
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	s.seen = append(s.seen, req.URL.RequestURI())
	fail := FailNone
	if req.URL.Path != "/robots.txt" && s.failLeft != 0 {
		fail = s.fail
		if s.failLeft > 0 {
			s.failLeft--
		}
	}
	s.mu.Unlock()
	if req.URL.Path == "/robots.txt" {
		s.robots(w)
		return
	}
	if fail != FailNone && s.broken(w, req, fail) {
		return
	}
	file, ok := strings.CutPrefix(req.URL.Path, s.style.Folder)
	if !ok {
		http.NotFound(w, req)
		return
	}
	s.mu.Lock()
	status, moved, body := s.answer(file, req)
	s.mu.Unlock()
	if moved != "" {
		http.Redirect(w, req, moved, status)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "dZtT_2132_saltkey", Value: "x1", Path: "/"})
	s.send(w, status, body)
}

func (s *Site) robots(w http.ResponseWriter) {
	body := s.style.Robots
	if body == "" {
		body = DefaultRobots
	}
	w.Header().Set("Content-Type", "text/plain")
	if body == "404" {
		w.WriteHeader(http.StatusNotFound)
	}
	fmt.Fprint(w, body)
}

// send writes a page in the site's charset.
func (s *Site) send(w http.ResponseWriter, status int, body string) {
	ct := "text/html"
	if s.style.HeaderSays != "none" {
		ct += "; charset=" + s.style.HeaderSays
	}
	w.Header().Set("Content-Type", ct)
	var enc encoding.Encoding
	switch strings.ToLower(s.style.Charset) {
	case "gbk", "gb2312":
		enc = simplifiedchinese.GBK
	case "gb18030":
		enc = simplifiedchinese.GB18030
	case "big5":
		enc = traditionalchinese.Big5
	}
	raw := []byte(body)
	if enc != nil { // what the charset lacks is written as &#n;, as Discuz! does
		if b, err := encoding.HTMLEscapeUnsupported(enc.NewEncoder()).Bytes(raw); err == nil {
			raw = b
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client may have gone
}

// answer makes a page. Callers hold the lock.
func (s *Site) answer(file string, req *http.Request) (status int, moved, body string) {
	q := req.URL.Query()
	mod, id, page := q.Get("mod"), "", atoi(q.Get("page"))
	switch m, n := threadPath.FindStringSubmatch(file), boardPath.FindStringSubmatch(file); {
	case m != nil:
		mod, id, page = "viewthread", m[1], atoi(m[2])
	case n != nil:
		mod, id, page = "forumdisplay", n[1], atoi(n[2])
	case file == "" || file == "index.php" || file == "forum.php":
		id = q.Get("tid")
		if mod == "forumdisplay" {
			id = q.Get("fid")
		}
	case file == "home.php":
		return 200, "", s.page("pg_space", "个人资料", `<div id="ct"><h2>个人资料</h2></div>`)
	default:
		return 404, "", "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>"
	}
	switch mod {
	case "":
		return 200, "", s.indexPage()
	case "forumdisplay":
		for _, b := range s.boards {
			if b.ID == atoi(id) {
				if text := refusal(b); text != "" {
					return 200, "", s.messagePage(text, b.Login)
				}
				return 200, "", s.listPage(b, page, q.Get("orderby") == "dateline")
			}
		}
		return 200, "", s.messagePage("抱歉，指定的版块不存在", false)
	case "viewthread":
		return s.thread(atoi(id), page)
	case "redirect":
		tid := atoi(q.Get("tid"))
		if tid == 0 {
			tid = atoi(q.Get("ptid"))
		}
		return 301, s.style.Folder + "forum.php?mod=viewthread&tid=" + strconv.Itoa(tid), ""
	}
	return 404, "", s.messagePage("抱歉，您指定的页面不存在", false)
}

func (s *Site) thread(tid, page int) (status int, moved, body string) {
	if tid > 900000 { // the stub of a moved thread
		return 302, s.style.Folder + "forum.php?mod=viewthread&tid=" + strconv.Itoa(tid-900000), ""
	}
	for _, t := range s.threads {
		if t.ID != tid || t.Deleted || t.last() == nil {
			continue
		}
		for _, b := range s.boards {
			if b.ID == t.Board && t.MovedTo == 0 || b.ID == t.MovedTo {
				if text := refusal(b); text != "" {
					return 200, "", s.messagePage(text, b.Login)
				}
				return 200, "", s.threadPage(b, t, page)
			}
		}
	}
	status = 404
	if s.style.Version == "X3.4" {
		status = 200
	}
	return status, "", s.messagePage("抱歉，指定的主题不存在或已被删除或正在被审核", false)
}

func refusal(b *Board) string {
	switch {
	case b.Login:
		return "您需要先登录才能继续本操作"
	case b.Private:
		return "抱歉，您没有权限访问该版块"
	}
	return ""
}

func (s *Site) messagePage(text string, login bool) string {
	body := `<div id="ct" class="wp cl w"><div class="nfl" id="main_succeed" style="display: none"><div class="f_c altw"></div></div><div class="nfl" id="main_message"><div class="f_c altw"><div id="messagetext" class="alert_error"><p>` + text + `</p><script type="text/javascript">if(history.length > 1) { document.write('<p class="alert_btnleft"><a href="javascript:history.back()">[ 点击这里返回上一页 ]</a></p>'); }</script></div>`
	if login {
		body += `<div id="messagelogin"></div>`
	}
	return s.page("pg_message", "提示信息", body+`</div></div></div>`)
}

// broken answers a request that is to fail; false when there is nothing to do.
func (s *Site) broken(w http.ResponseWriter, req *http.Request, how Failure) bool {
	switch how {
	case FailReload:
		s.send(w, 200, `<html><head><meta http-equiv="Content-Type" content="text/html; charset=" /><title>页面重载开启</title></head><body onload="setTimeout('reload()', 1001)"><script language="javascript">function reload(){document.location.reload();}</script><div>页面重载开启</div></body></html>`)
	case FailQuestion:
		s.send(w, 200, `<html><head><title>11 + 3 + 15 = ?</title></head><body><form method="post"><p>11 + 3 + 15 = ?</p><input type="text" name="answer" /><input type="submit" name="secqsubmit" value="提交" /></form></body></html>`)
	case FailTooFast:
		s.send(w, 200, `<html><head><title>频繁刷新限制</title></head><body><table><tr><td>频繁刷新限制</td></tr><tr><td>您访问本站速度过快或者刷新间隔时间小于1秒！请等待页面自动跳转...</td></tr></table></body></html>`)
	case FailAntitheft:
		s.send(w, 200, `<script type="text/javascript">var _a='forum.php?mod=view',_b='thread&tid=1&_ds',_c='ign=4f2a1c9e';function go(x){return _a+_b+x;}location.replace(go(_c));location.href=go(_c+'&_dsign=');</script>`)
	case FailDatabase:
		s.send(w, 503, `<html><head><title>www.example.com - Database Error</title></head><body><div id="container"><h1>Discuz! System Error</h1><div class="info">Can not connect to MySQL server</div></div></body></html>`)
	case FailRetry:
		w.Header().Set("Retry-After", "2")
		s.send(w, 429, "<html><body>slow down</body></html>")
	case FailClosed:
		s.mu.Lock()
		body := s.messagePage("抱歉，本站点暂时关闭", false)
		s.mu.Unlock()
		s.send(w, 200, body)
	case FailHang:
		<-req.Context().Done()
	case FailCut:
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte("<html><head><title>"))
		_ = http.NewResponseController(w).Flush() // what was sent so far must arrive
		panic(http.ErrAbortHandler)
	case FailRedirects:
		http.Redirect(w, req, req.URL.RequestURI(), http.StatusFound)
	case FailWrongType:
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write([]byte{0, 1, 2, 3, 0xFF, 0xFE, 0})
	default:
		return false
	}
	return true
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
