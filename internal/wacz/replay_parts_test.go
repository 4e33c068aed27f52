//go:build parts

package wacz

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// shown is all text of a page: of shadow trees and of frames too.
const shown = `(() => {
  const all = (n) => {
    if (n.nodeType === 3) return n.textContent;
    let out = "";
    for (const c of n.childNodes) if (!/^(STYLE|SCRIPT)$/.test(c.nodeName)) out += all(c);
    if (n.shadowRoot) out += all(n.shadowRoot);
    if (n.nodeName === "IFRAME") try { out += all(n.contentDocument.documentElement) } catch {}
    return out;
  };
  return all(document.documentElement);
})()`

// judged asks the viewer's own store what it thinks of the signature. (What it
// thinks of the files' digests is of no use: this version finds those of packages
// by its own makers wrong as well.)
const judged = `(async () => {
  const done = (r) => new Promise((yes, no) => { r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error) });
  for (const d of await indexedDB.databases()) {
    const db = await done(indexedDB.open(d.name));
    if ([...db.objectStoreNames].includes("verification"))
      for (const v of await done(db.transaction("verification").objectStore("verification").getAll()))
        if (v.id === "signature") window.verdict = String(v.matched);
    db.close();
  }
})(); ""`

// A common viewer shows the captures, and takes the signature for good.
func TestViewerReplays(t *testing.T) {
	browser, viewer := os.Getenv("RESUMEWATCH_CHROMIUM"), os.Getenv("RESUMEWATCH_REPLAYWEBPAGE")
	if browser == "" || viewer == "" {
		t.Fatal("RESUMEWATCH_CHROMIUM and RESUMEWATCH_REPLAYWEBPAGE must be what deploy/testparts/{chromium,replaywebpage}/start print")
	}
	good, sum := pack(t, options(t), chat(t, 1), board(t, 1), board(t, 2), again(t, 1))
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(viewer)))
	mux.HandleFunc("/all.wacz", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/wacz")
		http.ServeContent(w, r, "", made, bytes.NewReader(good)) // by ranges
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	dir := t.TempDir()
	var process *exec.Cmd
	with := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.UserDataDir(dir),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			process = cmd
		}))
	if os.Geteuid() == 0 {
		with = append(with, chromedp.NoSandbox) // root has none
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), with...)
	ctx, leave := chromedp.NewContext(alloc)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	defer func() {
		stop()
		leave()
		cancel()
		if process != nil && process.Process != nil {
			syscall.Kill(-process.Process.Pid, syscall.SIGKILL) // whoever of its processes is left
		}
		for range 50 { // they may still write as they die
			if os.RemoveAll(dir) == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	source := "/?source=" + url.QueryEscape(server.URL+"/all.wacz")
	wants := func(path string, wanted ...string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(server.URL+path)); err != nil {
			t.Fatal(err)
		}
		text := ""
		for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			text, _ = chromedp.Run(ctx, chromedp.Evaluate[string](shown)) // frames come and go
			if !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(text, w) }) {
				return
			}
		}
		t.Errorf("%s: no %q in\n%.3000s", path, wanted, strings.Join(strings.Fields(text), " "))
	}
	page := func(address string, at time.Time) string {
		return fmt.Sprintf("%s#view=pages&url=%s&ts=%s", source, url.QueryEscape(address), stamp14(at))
	}
	wants(source, "thread-1.html", "thread-2.html", "urn:qq:group:1000012345")
	at := made.Add(-2 * time.Hour)
	wants(page("http://bbs.example.com/thread-1.html?b=2&a=1", at.Add(time.Second)), "thread 1", "出智联简历 一手 2元一份")
	// A revisit shows what it is a revisit of.
	wants(page("http://bbs.example.com/thread-1.html?b=2&a=1", made.Add(-90*time.Minute+time.Second)), "thread 1", "出智联简历 一手 2元一份")
	wants(page("http://bbs.example.com/t/2", at.Add(2*time.Second)), "thread 2", "出智联简历") // the redirect leads on
	wants(page("urn:qq:group:1000012345:file:"+strings.Repeat("0f", 32)+":bytes:1000-1077", made.Add(-time.Hour)), "卖家(1000012345)", "出智联简历 一手 2元一份 1")
	wants(source+"#view=info", sum.Hash[len("sha256:"):])
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](judged)); err != nil {
		t.Fatal(err)
	}
	verdict := ""
	for end := time.Now().Add(20 * time.Second); verdict == "" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		verdict, _ = chromedp.Run(ctx, chromedp.Evaluate[string](`window.verdict || ""`))
	}
	if verdict != "true" {
		t.Errorf("the viewer's verdict on the signature is %q", verdict)
	}
}
