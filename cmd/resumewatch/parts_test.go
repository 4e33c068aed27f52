//go:build parts

package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/crawlers/forum/discuztest"
)

// machina is the forum that deploy/testparts/machina/start started.
func machina(t *testing.T) (address, host string) {
	t.Helper()
	address = os.Getenv("RESUMEWATCH_MACHINA_URL")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		t.Fatal("RESUMEWATCH_MACHINA_URL is not set: run deploy/testparts/machina/start")
	}
	return address, u.Host
}

// seed changes the forum through the engine's own models.
func seed(t *testing.T, args ...string) (topic, post string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "../../deploy/testparts/machina/seed", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("seed %v: %v: %s", args, err, out)
	}
	number := func(name string) string {
		if m := regexp.MustCompile(name + `=(\d+)`).FindSubmatch(out); m != nil {
			return string(m[1])
		}
		return ""
	}
	return number("topic"), number("post")
}

// A real forum is read whole, its listings are found as they were seeded, and
// the next crawls see what its people change.
func TestMachinaFromOutside(t *testing.T) {
	address, host := machina(t)
	dir := t.TempDir()
	impatientForParts(t, dir)
	s, errs := crawl(t, dir, 0, []string{host}, address)
	if s.Posts < 70 || s.Duplicates != 0 || s.Listings < 5 || s.Alerts == 0 || len(s.Problems) > 0 || errs != "" {
		t.Fatalf("first crawl: %+v %s", s, errs)
	}
	for _, query := range []string{"qq:1000012345", "wechat:example_wx_01", "telegram:example_seller01", "qq:1000023456 side:buy", "phone:13800138001"} {
		hits := search(t, dir, query)
		if len(hits) != 1 || !strings.Contains(hits[0].Permalink, "?post=") || hits[0].State != "there" {
			t.Errorf("%s: %+v", query, hits)
		}
	}
	// Recruiting, job seekers, and a post that quotes an advertisement to warn of it.
	for _, hit := range search(t, dir) {
		if strings.Contains(hit.Text, "别买") || strings.Contains(hit.Text, "hr@example.com") {
			t.Errorf("no listing: %s", hit.Text)
		}
	}
	if hits := search(t, dir, "price:2 stock:30000"); len(hits) != 1 {
		t.Errorf("price and stock: %+v", hits)
	}
	before := dump(t, dir)
	s, _ = crawl(t, dir, 0, []string{host}, address)
	if s.Posts != 0 || s.Listings != 0 || s.Offers != 0 || s.Alerts != 0 || s.Visits["new"] != 0 || s.Visits["changed"] != 0 {
		t.Errorf("second crawl: %+v", s)
	}
	if after := dump(t, dir); after != before {
		t.Errorf("second crawl: %s", firstDifference(before, after))
	}

	topic, post := seed(t, "add", "trade", "新资源出", "出拉勾简历，一手，4元一条，加QQ 1000054321")
	t.Cleanup(func() {
		exec.Command("../../deploy/testparts/machina/seed", "delete", "topic:"+topic).Run() // the test may have deleted it itself
	})
	s, _ = crawl(t, dir, 0, []string{host}, address)
	if s.Posts != 1 || s.Listings != 1 || s.Alerts != 1 {
		t.Errorf("a new thread: %+v", s)
	}
	hits := search(t, dir, "qq:1000054321")
	if len(hits) != 1 || !strings.HasSuffix(hits[0].Permalink, "?post="+post+"#"+post) && !strings.Contains(hits[0].Permalink, "?post="+post) {
		t.Fatalf("a new thread: %+v", hits)
	}
	first := hits[0]

	seed(t, "edit", post, "出拉勾简历，一手，5元一条，加QQ 1000054321")
	s, _ = crawl(t, dir, 0, []string{host}, "--again", address)
	if hits = search(t, dir, "qq:1000054321"); s.Posts != 0 || len(hits) != 1 || hits[0].ID != first.ID || hits[0].Revision != 1 || hits[0].Listing.Prices[0].Amount != "5" || hits[0].Capture.Digest == first.Capture.Digest {
		t.Errorf("an edit: %+v %+v", s, hits)
	}

	_, reply := seed(t, "reply", topic, "同出51job简历，1元一条，QQ 1000065432")
	s, _ = crawl(t, dir, 0, []string{host}, address)
	if s.Posts != 1 || s.Listings != 1 {
		t.Errorf("a reply: %+v", s)
	}
	seed(t, "delete", reply)
	crawl(t, dir, 0, []string{host}, "--again", address)
	if hits = search(t, dir, "qq:1000065432"); len(hits) != 1 || hits[0].State != "gone" {
		t.Errorf("a deleted reply: %+v", hits)
	}
	seed(t, "delete", "topic:"+topic)
	s, _ = crawl(t, dir, 0, []string{host}, "--again", address)
	if hits = search(t, dir, "qq:1000054321"); s.Visits["gone"] == 0 || len(hits) != 1 || hits[0].State != "gone" {
		t.Errorf("a deleted thread: %+v %+v", s, hits)
	}
	rw(t, dir, 0, "evidence", "verify")
	rw(t, dir, 0, "reindex", "--check")
}

func impatientForParts(t *testing.T, dir string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "conf.yaml"), []byte("data: ./data\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every capture of an import and of a crawl, opened, is accepted by warcio and
// jwarc; one that was changed by a bit is not.
func TestCapturesSatisfyOthers(t *testing.T) {
	warcio, jwarc := os.Getenv("RESUMEWATCH_WARCIO"), os.Getenv("RESUMEWATCH_JWARC")
	if warcio == "" || jwarc == "" {
		t.Fatal("RESUMEWATCH_WARCIO and RESUMEWATCH_JWARC must name the commands that deploy/testparts/{warcio,jwarc}/install print")
	}
	dir := t.TempDir()
	impatientForParts(t, dir)
	chat(t, filepath.Join(dir, "chat.txt"), gen.Options{Messages: 1500, Seed: 12, Listings: 0.02, GBK: true})
	rw(t, dir, 0, "import", "--group-id", group, "chat.txt")
	// Pages in GBK, with noise, redirects and a page that is gone.
	_, address, host := board(t, discuztest.Style{Charset: "gbk", Jammer: true})
	crawl(t, dir, 0, []string{host}, address)
	_, moved, movedHost := board(t, discuztest.Style{Rewrite: true})
	crawl(t, dir, 0, []string{movedHost}, "--ignore-robots-by", "A. Admin, ticket SEC-104", moved+"forum.php?mod=redirect&goto=findpost&ptid=4&pid=1")

	out, _ := rw(t, dir, 0, "evidence", "list", "--json", "--limit", "0")
	args, kinds, files := []string{"evidence", "open", "--to", "plain"}, map[string]int{}, map[string]bool{}
	for line := range strings.Lines(out) {
		var c struct {
			Digest string `json:"digest"`
			Kind   string `json:"kind"`
			File   string `json:"file"`
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		kinds[c.Kind]++
		args = append(args, c.Digest)
		files[c.File] = true
	}
	if kinds["chat"] < 5 || kinds["page"] < 2 {
		t.Fatalf("captures: %v", kinds)
	}
	for f := range files {
		args = append(args, f)
	}
	rw(t, dir, 0, args...)
	plain, err := filepath.Glob(filepath.Join(dir, "plain", "*.warc.gz"))
	if err != nil || len(plain) != len(args)-4 {
		t.Fatalf("%d files of %d captures and files, %v", len(plain), len(args)-4, err)
	}
	accepted := func(path ...string) (bool, string) {
		a, err1 := exec.Command(warcio, append([]string{"check", "-v"}, path...)...).CombinedOutput()
		b, err2 := exec.Command(jwarc, append([]string{"validate", "-v"}, path...)...).CombinedOutput()
		return err1 == nil && err2 == nil && !strings.Contains(string(a), "no digest to check"), string(a) + string(b)
	}
	if ok, said := accepted(plain...); !ok {
		t.Errorf("refused:\n%s", tail(said))
	}
	for _, p := range plain[:3] {
		rw(t, dir, 0, "verify", p)
	}
	var bent []byte
	for _, p := range plain { // in the first one that names its goods plainly
		text, err := exec.Command("gzip", "-dc", p).Output()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("简历")) {
			bent = bytes.Replace(text, []byte("简历"), []byte("简李"), 1)
			break
		}
	}
	if bent == nil {
		t.Fatal("no capture holds the word 简历")
	}
	path := filepath.Join(dir, "bent.warc")
	if err := os.WriteFile(path, bent, 0o600); err != nil {
		t.Fatal(err)
	}
	if ok, said := accepted(path); ok {
		t.Errorf("a forged one is accepted:\n%s", tail(said))
	}
	rw(t, dir, 1, "verify", path)
}
