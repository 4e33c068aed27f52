package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"resumewatch/bench/archivegen/gen"
)

// A line of 60 MB in the midst of an archive: left out and told, the messages
// around it are read, within the memory that is promised.
func TestLineOf60MB(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "chat.txt")
	var text bytes.Buffer
	fmt.Fprintf(&text, "2026-03-01 9:05:01 老王(1000012345)\n%s\n\n2026-03-01 9:06:01 小李(1000012346)\n", advert)
	text.WriteString(strings.Repeat("广告", 10_000_000))
	fmt.Fprintf(&text, "\n\n2026-03-01 9:07:01 老张(1000012399)\n出猎聘简历，3元一条，加QQ 1000012399\n\n")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	text.Reset()
	p := begin(t, dir, "import", "--json", "--group-id", group, "chat.txt")
	if code := p.code(); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.stderr.String())
	}
	s := summaryOf(t, p.stdout.String())
	if s.Listings != 2 || s.Quarantined < 1 || len(s.Problems) == 0 || !strings.HasSuffix(s.Problems[0].File, "chat.txt") || s.Problems[0].Byte == 0 {
		t.Errorf("%+v", s)
	}
	// The race detector keeps several bytes for each one of the program.
	if peak := p.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10; peak > 300_000_000 && !underRace {
		t.Errorf("peak memory %d MB", peak/1_000_000)
	}
}

// The disk fills up in the midst of an import: one line, exit code 1; with space
// again the import goes on and ends as if nothing had been.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chat(t, filepath.Join(dir, "chat.txt"), gen.Options{Size: 5_000_000, Seed: 8, Listings: 0.02})
	if err := os.Mkdir(filepath.Join(dir, "small"), 0o700); err != nil {
		t.Fatal(err)
	}
	// The mount is seen by this shell and its children alone, and ends with them.
	script := `set -u
mount -t tmpfs -o size=1800k none small || exit 99
timeout 60 resumewatch import --json --data small/data --group-id ` + group + ` chat.txt >out1 2>err1; echo $? >code1
resumewatch search --data small/data --json --limit 1 >out2 2>err2; echo $? >code2
mount -o remount,size=200m small || exit 99
resumewatch import --json --data small/data --group-id ` + group + ` chat.txt >out3 2>err3; echo $? >code3
resumewatch dump --canonical --data small/data >dump 2>>err3
resumewatch evidence verify --data small/data >verify 2>&1; echo $? >code4
resumewatch reindex --check --data small/data >reindex 2>&1; echo $? >code5
`
	inNamespace(t, dir, "-rm", "sh", "-c", script)
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(b))
	}
	if code, said := read("code1"), read("err1"); code != "1" || !strings.Contains(said, "no space left") && !strings.Contains(said, "disk is full") || strings.Contains(said, "goroutine ") {
		t.Errorf("full disk: exit code %s: %s", code, tail(said))
	} else if last := said[strings.LastIndexByte(said, '\n')+1:]; !strings.HasPrefix(last, "resumewatch: ") {
		t.Errorf("full disk: the last line is no word for people: %s", last)
	}
	if code, said := read("code3"), read("err3"); code != "0" {
		t.Fatalf("with space: exit code %s: %s", code, tail(said))
	}
	for _, name := range []string{"code4", "code5"} {
		if code := read(name); code != "0" {
			t.Errorf("%s: %s %s %s", name, code, read("verify"), read("reindex"))
		}
	}
	rw(t, dir, 0, "import", "--data", "roomy", "--group-id", group, "chat.txt")
	if a, b := strings.TrimSpace(dump(t, dir, "--data", "roomy")), read("dump"); a != b {
		t.Errorf("dumps differ: %s", firstDifference(a, b))
	}
}

// inNamespace runs a command in namespaces of its own: with flags -rm it may
// mount, with -rn it has no way out of the machine.
func inNamespace(t *testing.T, dir, flags string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "unshare", append([]string{flags}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("unshare %s: %v: %s", flags, err, tail(string(out)))
	}
	return string(out)
}

const inNoNetwork = "RESUMEWATCH_TEST_NO_NETWORK"

// Addresses that lead away from the public internet are refused before anything
// is dialled, whoever names them. This runs where there is no network, so that
// even a hole in the guard reaches nobody.
func TestGuardedAddresses(t *testing.T) {
	if os.Getenv(inNoNetwork) == "" {
		t.Parallel()
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := []string{"env", inNoNetwork + "=1", self, "-test.run=^TestGuardedAddresses$", "-test.v"}
		if out := inNamespace(t, t.TempDir(), "-rn", cmd...); !strings.Contains(out, "--- PASS: TestGuardedAddresses") {
			t.Errorf("%s", tail(out))
		}
		return
	}
	loopbackUp(t)
	dir := t.TempDir()
	impatient(t, dir)
	guarded := []string{
		"169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "127.0.0.2", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
		"[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]",
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/thread-%d-1-1.html", &n); err != nil || n >= len(guarded) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		http.Redirect(w, r, "http://"+guarded[n]+"/forum-2-1.html", http.StatusFound)
	}))
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	var asked, led []string
	for i, ip := range guarded {
		asked = append(asked, "http://"+ip+"/forum-2-1.html")
		led = append(led, fmt.Sprintf("%s/thread-%d-1-1.html", srv.URL, i))
	}
	// Asked for, and led to by a host that may be visited.
	out, _ := rw(t, dir, 1, append([]string{"crawl", "--config", "conf.yaml", "--json"}, asked...)...)
	allRefused(t, summaryOf(t, out), guarded)
	s, _ := crawl(t, dir, 1, []string{host}, led...)
	allRefused(t, s, guarded)
	// Numbers that a resolver may take for an address.
	out, errs := rw(t, dir, 1, "crawl", "--config", "conf.yaml", "--json", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/", "http://169.254.43518/")
	if s := summaryOf(t, out); s.Visits["error"]+s.Visits["robots"] != 4 || s.Posts != 0 {
		t.Errorf("%+v %s", s, errs)
	}
}

// allRefused wants a problem for each address, and that it was the guard who said no.
func allRefused(t *testing.T, s summary, guarded []string) {
	t.Helper()
	if int(s.Visits["error"]) != len(guarded) || len(s.Problems) != len(guarded) {
		t.Errorf("not %d errors: %+v", len(guarded), s)
	}
	for _, p := range s.Problems {
		if !strings.Contains(p.Reason, "not on the public internet") && !strings.Contains(p.Reason, "hides an IPv4 address") {
			t.Errorf("%s: %s", p.File, p.Reason)
		}
	}
}

// loopbackUp switches the loopback of a new network namespace on.
func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	var request [40]byte // struct ifreq: the name, then the flags
	copy(request[:], "lo")
	*(*uint16)(unsafe.Pointer(&request[16])) = syscall.IFF_UP | syscall.IFF_RUNNING
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		t.Fatalf("loopback: %v", errno)
	}
	if _, err := net.Dial("udp", "8.8.8.8:53"); err == nil {
		t.Fatal("there is a way out of here")
	}
}

// An export that was cut at any byte is looked at without harm, and what it
// holds whole is read.
func TestCutAtAnyByte(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	head := "消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n" + strings.Repeat("=", 64) + "\r\n消息分组:我的群\r\n" + strings.Repeat("=", 64) + "\r\n消息对象:人事交流\r\n" + strings.Repeat("=", 64) + "\r\n\r\n"
	first := "2026-03-01 9:05:01 老王(1000012345)\r\n" + strings.ReplaceAll(advert, "\n", "\r\n") + "\r\n\r\n"
	whole := head + first + "2026-03-01 9:06:01 小李<li@example.com>\r\n大家早上好[图片]\r\n\r\n"
	path := filepath.Join(dir, "cut.txt")
	for n := 0; n < len(whole); n += 4 { // in characters of three bytes that is every place
		if err := os.WriteFile(path, []byte(whole[:n]), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"import", "--dry-run", "--json", path}, nil, strings.NewReader(""), &out, &errs)
		if code != exitDone && code != exitFailed || code == exitFailed && n > len(head+first) || strings.Count(out.String(), "\n") != 1 {
			t.Fatalf("cut at %d: exit code %d: %s%s", n, code, out.String(), errs.String())
		}
	}
	// Every ninth cut behind the first message, all in one folder. Where half a
	// head ends the file it reads as text of the message before, another wording of
	// the same offer.
	if err := os.Mkdir(filepath.Join(dir, "cuts"), 0o700); err != nil {
		t.Fatal(err)
	}
	for n := len(head + first); n <= len(whole); n += 9 {
		if err := os.WriteFile(filepath.Join(dir, "cuts", fmt.Sprintf("%04d.txt", n)), []byte(whole[:n]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := rw(t, dir, 0, "import", "--json", "--group-id", group, "cuts")
	if s := summaryOf(t, out); s.Listings == 0 || s.Offers != 1 || s.Alerts != 1 || s.Duplicates == 0 {
		t.Errorf("%+v", s)
	}
}
