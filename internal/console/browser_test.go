//go:build parts

package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a real browser that keeps what it met.
type tab struct {
	*testing.T
	ctx    context.Context
	origin string
	mu     sync.Mutex
	bad    []string // dialogs, complaints, requests elsewhere
}

// openTab starts a browser with a profile of its own and opens a tab that speaks a language.
func openTab(t *testing.T, address, language string) *tab {
	t.Helper()
	command := os.Getenv("RESUMEWATCH_CHROMIUM")
	if command == "" {
		t.Fatal("RESUMEWATCH_CHROMIUM names no browser; deploy/testparts/chromium/start says one")
	}
	dir, err := os.MkdirTemp("", "chromium-")
	if err != nil {
		t.Fatal(err)
	}
	var browser *exec.Cmd
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(command), chromedp.UserDataDir(dir),
		// Whatever a page asks for elsewhere would end nowhere, and is seen all the same.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			browser = cmd
		}))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // root has none
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, leave := chromedp.NewContext(alloc)
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() {
		stop()
		leave()
		cancel()
		if browser != nil && browser.Process != nil {
			syscall.Kill(-browser.Process.Pid, syscall.SIGKILL) // whoever of its processes is left
		}
		for range 50 { // they may still write as they die
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("the browser still writes to %s", dir)
	})
	b := &tab{T: t, ctx: ctx, origin: strings.TrimSuffix(address, "/")}
	b.do(call(network.Enable, network.EnableParams{}),
		call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}}))
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	return b
}

// call is one command of the protocol as an action.
func call[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cmd, params)
		return err
	})
}

func (b *tab) heard(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if to := e.Request.URL; !strings.HasPrefix(to, b.origin+"/") && !strings.HasPrefix(to, "data:") {
			b.bad = append(b.bad, "a request to "+to)
		}
	case *page.EventJavascriptDialogOpening:
		b.bad = append(b.bad, "a dialog: "+e.Message)
	case *runtime.EventExceptionThrown:
		b.bad = append(b.bad, "an exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// Answers with an error status are logged too: some pages here are wrong on purpose.
		// Recommendations are no complaints.
		if e.Entry.Source != log.EntrySourceNetwork && e.Entry.Level != log.EntryLevelVerbose {
			b.bad = append(b.bad, fmt.Sprintf("%s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text))
		}
	}
}

// clean complains about what was met since the last call.
func (b *tab) clean(where string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, bad := range b.bad {
		b.Errorf("%s: %.300s", where, bad)
	}
	b.bad = nil
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

func (b *tab) visit(path string) {
	b.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(b.origin+path)); err != nil {
		b.Fatalf("%s: %v", path, err)
	}
}

// eval is the value of a script.
func eval[V any](b *tab, script string) V {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[V](script))
	if err != nil {
		b.Fatalf("%s: %v", script, err)
	}
	return v
}

// wants waits until a script is true, over pages that come and go.
func (b *tab) wants(what, script string) {
	b.Helper()
	var err error
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		var yes bool
		if yes, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+script+")")); yes {
			return
		}
	}
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText.slice(0, 1500)`))
	b.Fatalf("%s: not so (%v) at %s:\n%s", what, err, at, text)
}

// press types keys at the page.
func (b *tab) press(keys string) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// dark chooses the system's colours.
func (b *tab) dark(on bool) {
	b.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	b.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

// broken looks for what text of strangers can do to a layout: a page that scrolls
// sideways, rows over each other, text out of its box, a frame that is gone or painted over.
const broken = `(() => {
  const bad = [], wide = innerWidth + 1;
  if (document.documentElement.scrollWidth > wide) {
    const far = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > wide && !e.closest(".scroll"));
    bad.push("scrolls sideways to " + document.documentElement.scrollWidth + ": " + far.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" "));
  }
  const top = document.querySelector("header.top"), main = document.querySelector("main"), foot = document.querySelector("footer.foot");
  for (const e of [top, main, foot]) if (!e || getComputedStyle(e).display === "none" || e.getBoundingClientRect().height < 10) bad.push("a part of the frame is gone");
  if (top && main && top.getBoundingClientRect().bottom > main.getBoundingClientRect().top + 1) bad.push("the page lies over its head");
  if (main && foot && main.getBoundingClientRect().bottom > foot.getBoundingClientRect().top + 1) bad.push("the page lies over its foot");
  for (const list of document.querySelectorAll("[data-rows], .posts, main > section")) {
    const rows = [...list.children].filter((e) => e.offsetParent !== null).map((e) => e.getBoundingClientRect());
    for (let i = 1; i < rows.length; i++) if (list.tagName === "OL" && rows[i].top < rows[i - 1].bottom - 2) { bad.push("rows over each other"); break; }
  }
  const brand = document.querySelector(".brand")?.getBoundingClientRect();
  const hit = brand && document.elementFromPoint(brand.left + 5, brand.top + brand.height / 2);
  if (scrollY === 0 && hit && !hit.closest(".top")) bad.push("the head is painted over by " + hit.outerHTML.slice(0, 100));
  for (const e of document.querySelectorAll(".post, .chip, .place, .author, dd, td")) {
    const r = e.getBoundingClientRect(), p = e.parentElement.getBoundingClientRect();
    if (!e.closest(".scroll") && r.width > 0 && r.right > p.right + 2) { bad.push("out of its box: " + e.outerHTML.slice(0, 160)); break; }
  }
  for (const s of document.querySelectorAll("script")) if (!s.src.startsWith(location.origin + "/static/")) bad.push("a script that isn't ours");
  return bad;
})()`

func TestHostilePostsInABrowser(t *testing.T) {
	r := newRoom(t)
	r.besiege()
	b := openTab(t, r.url, "zh-CN")
	for _, width := range []int64{1280, 390} {
		b.do(chromedp.EmulateViewport(width, 900))
		for _, path := range r.rooms() {
			b.visit(path)
			where := fmt.Sprintf("%.120s, %d wide", path, width)
			// What folds open is part of the page.
			eval[int](b, `(() => { document.querySelectorAll("main details").forEach((d) => d.open = true); return 0 })()`)
			for _, bad := range eval[[]string](b, broken) {
				b.Errorf("%s: %s", where, bad)
			}
			b.clean(where)
		}
	}
	// The watch sees what it watches for.
	b.visit("/")
	eval[int](b, `(() => { fetch("https://evil.example.com/").catch(() => 0); const s = document.createElement("style"); s.textContent = "x{}"; document.head.append(s); const w = document.createElement("p"); w.className = "post"; w.style.width = "5000px"; w.textContent = "x"; document.querySelector("main").append(w); return 0 })()`)
	b.wants("a wide page", `document.documentElement.scrollWidth > innerWidth`)
	if bad := eval[[]string](b, broken); len(bad) == 0 {
		t.Error("a page that scrolls sideways goes unseen")
	}
	seen := func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return slices.ContainsFunc(b.bad, func(s string) bool { return strings.Contains(s, "Content Security Policy") })
	}
	for end := time.Now().Add(10 * time.Second); !seen(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what the policy refuses goes unseen")
		}
	}
}

// program is the real program with the demo's data and somebody who signs in.
type program struct {
	url, password string
}

const administrator = "a password of the test"

// startProgram fills a folder with the demo, then starts `up` on it as for real people.
func startProgram(t *testing.T, demo bool) program {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "resumewatch")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/resumewatch").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), binary, "--data", dir+"/data", "up", "--demo", "--once").CombinedOutput(); err != nil {
		t.Fatalf("up --demo --once: %v\n%s", err, out)
	}
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(administrator+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--data", dir + "/data", "--json", "up", "--listen", "127.0.0.1:0"}
	if demo {
		args = append(args, "--demo")
	}
	up := exec.Command(binary, args...)
	up.Env = append(os.Environ(), "RESUMEWATCH_ADMIN_PASSWORD_FILE="+secret)
	var stderr strings.Builder
	up.Stderr = &stderr
	out, err := up.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		up.Process.Signal(syscall.SIGINT)
		if err := up.Wait(); err != nil {
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 130 {
				t.Errorf("up ended with %v\n%s", err, stderr.String())
			}
		}
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		up.Process.Kill()
		t.Fatalf("up says nothing: %v\n%s", lines.Err(), stderr.String())
	}
	var first struct{ Event, URL string }
	if err := json.Unmarshal(lines.Bytes(), &first); err != nil || first.Event != "listening" {
		t.Fatalf("its first line is %s (%v)", lines.Text(), err)
	}
	go func() { // the rest isn't wanted, but must be taken
		for lines.Scan() {
		}
	}()
	return program{url: strings.TrimSuffix(first.URL, "/"), password: administrator}
}

// TestTour goes the way of an analyst: sign in, search, open, change language, read
// an alert, all by keyboard where it can be, then without JavaScript and in the dark.
func TestTour(t *testing.T) {
	p := startProgram(t, false)
	b := openTab(t, p.url, "zh-CN")
	b.do(chromedp.EmulateViewport(1200, 900))
	b.visit("/alerts")
	b.wants("the sign-in page", `location.pathname === "/login"`)
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "admin"), chromedp.SendKeys(chromedp.CSS(`input[name=password]`), "wrong password\r"))
	b.wants("a wrong password is refused", `document.querySelector("[role=alert]") !== null`)
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=password]`), p.password+"\r"))
	b.wants("the page that was asked for", `location.pathname === "/alerts" && document.documentElement.lang === "zh-CN"`)

	b.visit("/")
	b.press("/")
	b.wants("/ goes to the query", `document.activeElement.id === "q"`)
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "简历\r"))
	b.wants("简*历 is lit up", `[...document.querySelectorAll("mark")].some((m) => m.textContent === "简*历")`)

	b.press("j")
	b.wants("j is at the first row", `document.querySelector("[data-row].current") === document.querySelectorAll("[data-row]")[0]`)
	b.press("j")
	b.press("j")
	b.press("k")
	b.wants("k goes back", `document.querySelector("[data-row].current") === document.querySelectorAll("[data-row]")[1]`)
	want := eval[string](b, `document.querySelectorAll("[data-row]")[1].querySelector("a[data-open]").pathname`)
	b.press("\r")
	b.wants("Enter opens it", `location.pathname === "`+want+`"`)
	b.wants("the offer", `document.querySelector(".read") !== null && document.querySelector("code.digest") !== null`)
	b.clean("in Chinese")

	b.do(chromedp.Click(chromedp.CSS("details.me summary")), chromedp.Click(chromedp.CSS(`details.me button[value=en]`)))
	b.wants("English", `document.documentElement.lang === "en" && location.pathname === "`+want+`" && document.body.innerText.includes("All sightings")`)
	b.visit("/alerts")
	b.press("j")
	b.press("\r")
	b.wants("an alert", `location.pathname.startsWith("/alerts/A-") && document.body.innerText.includes("Reasons") && document.querySelector(".reasons li") !== null`)
	b.visit("/sources")
	b.wants("bars", `document.querySelectorAll("svg.bar rect").length > 1`)
	b.visit("/queue")
	b.wants("the queue", `document.body.innerText.includes("Units of work") && document.querySelector("[role=alert]") === null`)

	light := eval[string](b, `getComputedStyle(document.documentElement).backgroundColor`)
	b.dark(true)
	b.wants("the dark", `getComputedStyle(document.documentElement).backgroundColor !== "`+light+`"`)
	b.visit("/settings")
	b.do(chromedp.Click(chromedp.CSS(`main button[value=light]`)))
	b.wants("light, by choice", `getComputedStyle(document.documentElement).backgroundColor === "`+light+`"`)

	// Without JavaScript all can be read.
	b.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.visit("/?q=" + url.QueryEscape("简历"))
	b.do(chromedp.Click(chromedp.CSS("a[data-open]")), chromedp.WaitVisible(chromedp.CSS("code.digest")))
	b.visit("/alerts")
	b.do(chromedp.Click(chromedp.CSS(".facets a")), chromedp.Click(chromedp.CSS("a[data-open]")), chromedp.WaitVisible(chromedp.CSS(".history")))
	b.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false}))
	b.visit("/")
	b.do(chromedp.Click(chromedp.CSS("details.me summary")), chromedp.Click(chromedp.CSS(`form[action="/logout"] button`)))
	b.wants("signed out", `location.pathname === "/login"`)
	b.visit("/")
	b.wants("still", `location.pathname === "/login"`)
	b.clean("the tour")
}

// TestDemoNeedsNoSignIn: the visitor of a demo on this machine is a viewer.
func TestDemoNeedsNoSignIn(t *testing.T) {
	p := startProgram(t, true)
	b := openTab(t, p.url, "en")
	b.visit("/")
	b.wants("the demo", `location.pathname === "/" && document.querySelector(".banner-demo") !== null && document.querySelectorAll("[data-row]").length > 5`)
	b.clean("the demo")
}

// TestContrast measures every text of the main pages against what is behind it.
func TestContrast(t *testing.T) {
	r := newRoom(t)
	r.market()
	b := openTab(t, r.url, "zh-CN")
	b.do(chromedp.EmulateViewport(1200, 900))
	for _, dark := range []bool{false, true} {
		b.dark(dark)
		for _, path := range []string{"/?q=" + url.QueryEscape("简历"), "/?q=a:b", "/offers/" + r.offer("智联"), "/alerts", "/alerts/A-1", "/sources", "/sources/example-board", "/queue", "/sellers/S-1", "/settings", "/login"} {
			b.visit(path)
			for _, bad := range eval[[]string](b, faint) {
				b.Errorf("%s, dark %v: %s", path, dark, bad)
			}
		}
		eval[int](b, `(() => { const p = document.createElement("p"); p.style.color = "#888"; p.style.background = "#999"; p.textContent = "faint"; document.querySelector("main").append(p); return 0 })()`)
		if len(eval[[]string](b, faint)) != 1 {
			t.Error("a faint text goes unseen")
		}
	}
}

// faint lists texts with a contrast under 4.5 (WCAG 2.2, 1.4.3).
const faint = `(() => {
  const rgb = (s) => (s.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((a, c, i) => a + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const bad = new Map();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walk.nextNode()); ) {
    const e = n.parentElement;
    if (!n.data.trim() || !e.checkVisibility() || e.closest(".sr, .skip, .sep, option, svg, [aria-hidden=true]")) continue;
    const a = lum(rgb(getComputedStyle(e).color)), z = lum(behind(e));
    const c = (Math.max(a, z) + 0.05) / (Math.min(a, z) + 0.05);
    if (c < 4.5) bad.set(e.className + " " + e.tagName, c.toFixed(2) + " " + e.outerHTML.slice(0, 100));
  }
  return [...bad.values()];
})()`
