package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// exhibit is something that is searched: what a store, a log or an answer holds.
type exhibit struct {
	place  string
	data   []byte
	tokens []string // of an index, each alone
	asked  string   // words of the asker that an answer may repeat
}

// stage is where the program runs: folders, commands, and what they said.
type stage struct {
	dir, data string // data is the data folder
	binary    string
	conf      string // configuration file
	w         *world
	said      []exhibit
	files     [4]string // of world.files
	board     *httptest.Server
	users     bool // there is an administrator
	log       io.Writer
}

// newStage makes the folders, the archives and the board. The caller closes it.
func newStage(dir, binary string, w *world, log io.Writer) (*stage, error) {
	s := &stage{dir: dir, data: filepath.Join(dir, "data"), binary: binary, conf: filepath.Join(dir, "conf.yaml"), w: w, log: log}
	for _, d := range []string{"tmp", "home", "in", "work"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	var err error
	if s.files[0], s.files[1], s.files[2], s.files[3], err = w.files(filepath.Join(dir, "in")); err != nil {
		return nil, err
	}
	s.board = httptest.NewServer(w)
	return s, os.WriteFile(s.conf, []byte("data: ./data\nfetch: {first_byte: 5s, total: 10s}\n"), 0o600)
}

func (s *stage) close() { s.board.Close() }

func (s *stage) host() string {
	u, err := url.Parse(s.board.URL)
	if err != nil {
		panic(err) // httptest's own
	}
	return u.Host
}

// command is the program with places of its own for everything that it may write,
// and leave to dump its memory.
func (s *stage) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append([]string{"-c", `ulimit -c unlimited 2>/dev/null; exec "$@"`, "sh", s.binary, "--config", s.conf, "--log-level", "debug"}, args...)
	c := exec.CommandContext(ctx, "bash", all...)
	c.Dir = filepath.Join(s.dir, "work")
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(s.dir, "tmp"), "HOME=" + filepath.Join(s.dir, "home"), "GOTRACEBACK=crash"}
	if s.users {
		c.Env = append(c.Env, "RESUMEWATCH_USER=admin")
	}
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// run runs a command to its end and keeps what it said. asked are words of ours
// that it may say again.
func (s *stage) run(ctx context.Context, in string, args ...string) (stdout string, code int, err error) {
	c := s.command(ctx, args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr, c.Stdin = &out, &errs, strings.NewReader(in)
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", 0, fmt.Errorf("%v: %w", args, err)
	}
	code = c.ProcessState.ExitCode()
	s.keep("stdout of "+args[0], out.Bytes())
	s.keep("stderr of "+args[0], errs.Bytes())
	fmt.Fprintf(s.log, "%d %s\n", code, strings.Join(args, " "))
	return out.String(), code, nil
}

func (s *stage) keep(place string, data []byte) {
	s.said = append(s.said, exhibit{place: place, data: data})
}

// must is run for commands that have to succeed.
func (s *stage) must(ctx context.Context, args ...string) (string, error) {
	out, code, err := s.run(ctx, "", args...)
	if err == nil && code != 0 {
		err = fmt.Errorf("%v: exit code %d: %s", args, code, s.said[len(s.said)-1].data)
	}
	return out, err
}

// fill reads the archives: one of them is killed in the midst, with a signal that
// makes the runtime tell all it knows, and goes on.
func (s *stage) fill(ctx context.Context) error {
	first := s.command(ctx, "import", "--group-id", "1000045678", s.files[0])
	var out, errs bytes.Buffer
	first.Stdout, first.Stderr = &out, &errs
	if err := first.Start(); err != nil {
		return err
	}
	for range 200 { // until it works
		if _, err := os.Stat(filepath.Join(s.data, "evidence")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = first.Process.Signal(syscall.SIGABRT) // it may be done
	_ = first.Wait()
	s.keep("stdout of a killed import", out.Bytes())
	s.keep("stderr of a killed import", errs.Bytes())
	if _, err := s.must(ctx, "import", "--json", "--group-id", "1000045678", s.files[0]); err != nil {
		return err
	}
	if _, err := s.must(ctx, "import", "--group-id", "1000045679", s.files[1]); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"import", "--json", "--by-name", s.files[2]},
		{"import", "--json", "--by-name", s.files[3]},
		{"import", "--by-name", s.files[3] + "x"},
		{"import", s.files[1]},
		{"import", "--by-name", s.files[1]},
		{"import", "--dry-run", s.files[1]},
		{"import", "--dry-run", "--json", s.files[0], s.files[2], s.files[3]},
	} {
		if _, _, err := s.run(ctx, "", args...); err != nil {
			return err
		}
	}
	return nil
}

var roles = []string{"viewer", "analyst", "reviewer", "admin", "auditor", "platform"}

// tokens makes a user of each role and a token for each.
func (s *stage) tokens(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte("correct horse battery staple"), 0o600); err != nil {
		return nil, err
	}
	for _, r := range append([]string{"admin"}, roles...) {
		if _, ok := out[r]; ok {
			continue
		}
		if _, err := s.must(ctx, "user", "add", r, "--role", r, "--password-file", secret); err != nil {
			return nil, err
		}
		s.users = true
		t, err := s.must(ctx, "token", "create", "--user", r, "--scope", "read", "--scope", "metrics")
		if err != nil {
			return nil, err
		}
		out[r] = strings.TrimSpace(t)
	}
	return out, nil
}

// ask is one request to the console; asked are words that the answer may repeat.
func (s *stage) ask(ctx context.Context, method, address, token, asked string, form url.Values) ([]byte, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	var head bytes.Buffer
	_ = res.Header.Write(&head) // into memory
	s.said = append(s.said, exhibit{place: "answer to " + method + " " + r.URL.Path, data: append(head.Bytes(), page...), asked: asked})
	return page, nil
}

var link = regexp.MustCompile(`(?:href|hx-get|action|src)="(/[^"]*)"`)

// browse looks at pages of the console as one role, from link to link.
func (s *stage) browse(ctx context.Context, base, token string, most int) (int, error) {
	seen := map[string]bool{"/": true, "/metrics": true, "/livez": true, "/readyz": true, "/?q=&limit=500": true}
	todo := []string{"/", "/metrics", "/livez", "/readyz", "/?q=&limit=500"}
	for n := 0; n < len(todo); n++ {
		page, err := s.ask(ctx, http.MethodGet, base+todo[n], token, "", nil)
		if err != nil {
			return n, err
		}
		for _, m := range link.FindAllSubmatch(page, -1) {
			to := strings.ReplaceAll(string(m[1]), "&amp;", "&")
			if !seen[to] && len(todo) < most && !strings.HasPrefix(to, "/static/") {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	return len(todo), nil
}

// annoy asks for what there isn't, in words that hold values.
func (s *stage) annoy(ctx context.Context, base, token string) error {
	number, mail := s.w.in("word of a question", phone), s.w.in("word of a question", mailbox)
	for _, path := range []string{"/offers/" + number, "/alerts/" + mail, "/sellers/" + number, "/sources/" + mail, "/nothing/" + number + "?" + mail, "/audit?before=" + number, "/setup/" + number, "/%00" + number, "/?q=" + number, "/?q=" + mail + "%20AND%20(", "/?since=" + number, "/login?next=/" + number} {
		for _, who := range []string{token, "", number} {
			if _, err := s.ask(ctx, http.MethodGet, base+path, who, number+" "+mail, nil); err != nil {
				return err
			}
		}
	}
	for _, path := range []string{"/login", "/preferences", "/settings/password", "/setup/" + number, "/logout/" + mail} {
		form := url.Values{"name": {number}, "password": {mail}, "next": {"/" + number}, "theme": {number}, "language": {mail}}
		if _, err := s.ask(ctx, http.MethodPost, base+path, "", number+" "+mail, form); err != nil {
			return err
		}
	}
	return nil
}

// runFile is what `up` tells other processes.
type runFile struct {
	Queue, Password, Console string
}

// serve runs `up`, crawls the board beside it, looks at every page of the console,
// at its queue and at its folder while it works, and stops it.
func (s *stage) serve(ctx context.Context, tokens map[string]string) error {
	up := s.command(ctx, "up", "--json", "--listen", "127.0.0.1:0")
	var out, errs bytes.Buffer
	up.Stdout, up.Stderr = &out, &errs
	if err := up.Start(); err != nil {
		return err
	}
	defer func() { _ = up.Process.Kill() }() // if we left early
	var at runFile
	for range 1000 {
		text, err := os.ReadFile(filepath.Join(s.data, "run.json"))
		if err == nil && json.Unmarshal(text, &at) == nil && at.Console != "" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if at.Console == "" {
		return fmt.Errorf("up did not start: %s", errs.String())
	}
	if err := s.crawl(ctx); err != nil {
		return err
	}
	for _, r := range roles {
		most := 12
		if r == "admin" {
			most = 60
		}
		n, err := s.browse(ctx, at.Console, tokens[r], most)
		if err != nil {
			return fmt.Errorf("console as %s: %w", r, err)
		}
		fmt.Fprintf(s.log, "%d pages as %s\n", n, r)
	}
	if err := s.annoy(ctx, at.Console, tokens["analyst"]); err != nil {
		return err
	}
	queued, err := redisHolds(ctx, at.Queue, at.Password)
	if err != nil {
		return err
	}
	s.said = append(s.said, queued...)
	if err := s.folder(ctx, "while up works"); err != nil {
		return err
	}
	if err := up.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err = up.Wait()
	s.keep("stdout of up", out.Bytes())
	s.keep("stderr of up", errs.Bytes())
	return err
}

// crawl looks at the board.
func (s *stage) crawl(ctx context.Context) error {
	number := s.w.in("address of a source", phone)
	for _, args := range [][]string{
		{"crawl", "--rate", "0", "--allow-private", s.host(), s.board.URL + "/"},
		{"crawl", "--json", "--rate", "0", "--allow-private", s.host(), "--again", s.board.URL + "/"},
		{"source", "test", "--allow-private", s.host(), s.board.URL + "/forum.php?mod=viewthread&tid=7&tel=" + number},
		{"crawl", "--json", "--rate", "0", "--allow-private", s.host(), s.board.URL + "/nothing/" + number},
	} {
		if _, _, err := s.run(ctx, "", args...); err != nil {
			return err
		}
	}
	return nil
}

// questions are commands that only look.
func (s *stage) questions(ctx context.Context) error {
	number, mail := s.w.in("question", phone), s.w.in("question", mailbox)
	for _, c := range []struct {
		in   string
		args []string
	}{
		{"", []string{"search", "--json", "--limit", "0"}},
		{"", []string{"search", "--limit", "0"}},
		{"", []string{"search", number}},
		{"", []string{"search", mail, "AND", "("}},
		{"", []string{"search", "price:" + number + ".." + mail}},
		{"", []string{"search", "--since", number}},
		{"", []string{"alert", "list", "--json", "--limit", "0"}},
		{"", []string{"alert", "list"}},
		{"", []string{"alert", "show", "A-1", "--json"}},
		{"", []string{"alert", "show", "A-1"}},
		{"", []string{"alert", "show", number}},
		{"", []string{"review", "list", "--json", "--limit", "0"}},
		{"", []string{"review", "list"}},
		{"", []string{"review", "show", "D-1", "--json"}},
		{"", []string{"review", "show", "D-2"}},
		{"", []string{"review", "show", number}},
		{"", []string{"review", "reject", "D-1", "D-9999"}},
		{"", []string{"review", "list", "--state", "all"}},
		{"", []string{"source", "list", "--json"}},
		{"", []string{"source", "list"}},
		{"", []string{"source", "pause", mail}},
		{"", []string{"source", "add", "http://" + number + "/" + mail, "--name", "x"}},
		{"", []string{"evidence", "list", "--json", "--limit", "0"}},
		{"", []string{"evidence", "list"}},
		{"", []string{"evidence", "verify"}},
		{"", []string{"evidence", "verify", "--json"}},
		{"", []string{"evidence", "open", number}},
		{"", []string{"dump", "--canonical"}},
		{"", []string{"doctor"}},
		{"", []string{"doctor", "--json"}},
		{"", []string{"config", "show"}},
		{"", []string{"config", "check", "/" + number}},
		{"", []string{"reindex", "--check"}},
		{"", []string{"reindex"}},
		{"", []string{"rule", "list"}},
		{"", []string{"user", "list", "--json"}},
		{"", []string{"user", "set", number, "--role", "viewer"}},
		{"", []string{"token", "list"}},
		{number, []string{"privacy", "report", "--phone", "-", "--as", "admin"}},
		{s.w.people[0].phone, []string{"privacy", "report", "--phone", "-", "--as", "admin", "--json"}},
		{"", []string{"privacy", "report", "--email", mail, "--as", "admin", "--json"}},
		{"", []string{"privacy", "report", "--phone", mail, "--as", "admin"}},
		{number, []string{"privacy", "erase", "--phone", "-", "--as", "admin", "--reason", "asked by " + number}},
		{s.w.people[1].phone, []string{"privacy", "erase", "--phone", "-", "--as", "admin", "--reason", "R-7"}},
		{"", []string{"privacy", "unmask", number, "--as", "admin", "--reason", mail}},
		{"{\"id\":\"" + number + "\",\"text\":" + mail, []string{"extract"}},
		{"", []string{"extract", "/" + number}},
		{"", []string{number}},
		{"", []string{"import", "--" + mail}},
		{"", []string{"verify", s.files[3]}},
	} {
		if _, _, err := s.run(ctx, c.in, c.args...); err != nil {
			return err
		}
	}
	return nil
}
