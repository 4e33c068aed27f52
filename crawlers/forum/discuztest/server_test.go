package discuztest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/text/encoding/simplifiedchinese"

	"resumewatch/crawlers/forum/discuztest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func now() time.Time { return time.Date(2026, 11, 22, 4, 5, 0, 0, time.UTC) }

func start(t *testing.T, style discuztest.Style) (*discuztest.Site, string) {
	t.Helper()
	s := discuztest.New(style, now)
	s.AddBoard(discuztest.Board{ID: 2, Name: "资源"})
	s.AddThread(discuztest.Thread{Board: 2, Title: "出简历㊣📱", Posts: []*discuztest.Post{{Author: discuztest.User{ID: 3, Name: "阿杰"}, At: now().Add(-time.Hour), Text: "一手\n现货"}}})
	addr, stop, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s, addr
}

func get(ctx context.Context, addr string) (int, http.Header, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, addr, nil)
	if err != nil {
		return 0, nil, "", err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(body), err
}

func TestCharset(t *testing.T) {
	_, addr := start(t, discuztest.Style{Charset: "gbk", HeaderSays: "none", MetaSays: "utf-8", Version: "X3.4"})
	_, head, body, err := get(t.Context(), addr+"thread-1-1-1.html")
	if err != nil {
		t.Fatal(err)
	}
	if head.Get("Content-Type") != "text/html" || !strings.Contains(body, "charset=utf-8") {
		t.Errorf("header %q", head.Get("Content-Type"))
	}
	text, err := simplifiedchinese.GBK.NewDecoder().String(body)
	if err != nil || !strings.Contains(text, "出简历㊣&#128241;") {
		t.Errorf("body is no GBK with the emoji as a reference: %v", err)
	}
}

func TestFailuresEnd(t *testing.T) {
	s, addr := start(t, discuztest.Style{})
	s.Fail(discuztest.FailRetry, 1)
	if status, head, _, err := get(t.Context(), addr); status != 429 || head.Get("Retry-After") != "2" || err != nil {
		t.Errorf("%d %v", status, err)
	}
	if status, _, _, err := get(t.Context(), addr); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
	s.Fail(discuztest.FailCut, 1)
	if _, _, _, err := get(t.Context(), addr); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut body: %v", err)
	}
	s.Fail(discuztest.FailHang, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, _, _, err := get(ctx, addr); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hanging host: %v", err)
	}
	s.Fail(discuztest.FailDatabase, -1)
	if status, _, body, _ := get(t.Context(), addr+"robots.txt"); status != 200 || !strings.Contains(body, "Disallow: /forum.php?mod=redirect*") {
		t.Errorf("robots.txt: %d", status)
	}
	if got := len(s.Requests()); got != 5 {
		t.Errorf("%d requests counted", got)
	}
}

func TestUnknown(t *testing.T) {
	s := discuztest.New(discuztest.Style{}, now)
	_, err := s.Reply(7, discuztest.Post{})
	if !errors.Is(err, discuztest.ErrUnknown) || !errors.Is(s.Change(1, func(*discuztest.Post) {}), discuztest.ErrUnknown) || !errors.Is(s.ChangeThread(1, func(*discuztest.Thread) {}), discuztest.ErrUnknown) {
		t.Errorf("changing what isn't there: %v", err)
	}
}

// A stop in the middle of a hanging request doesn't hang with it.
func TestStopWithAHangingRequest(t *testing.T) {
	s := discuztest.New(discuztest.Style{}, now)
	addr, stop, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Fail(discuztest.FailHang, 1)
	sent, done := make(chan struct{}), make(chan error, 1)
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) }})
	go func() {
		_, _, _, err := get(ctx, addr)
		done <- err
	}()
	<-sent
	stop()
	stop()
	if _, _, _, err := get(t.Context(), addr); err == nil {
		t.Error("still answers after stop")
	}
	<-done
}
