// Package discuztest is a small forum that looks like Discuz! X3.4 or X3.5 to
// a reader: lists, threads, index and message pages made from a model in
// memory, with the noise and the defences of the real one. Tests of the crawl
// and the demo use it; it can be made to fail on command.
package discuztest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Style is how a site dresses its pages. The zero value is an X3.5 in UTF-8
// with ten rows and five posts a page.
type Style struct {
	Name       string // of the forum; "" is "示例论坛"
	Version    string // "X3.5" (default) or "X3.4"
	Charset    string // of the bytes: utf-8 (default), gbk, gb18030, big5
	HeaderSays string // charset in Content-Type; "" is Charset, "none" is none
	MetaSays   string // charset in <meta>; "" is Charset, "none" is none
	Rewrite    bool   // forum-2-1.html in place of forum.php?mod=forumdisplay&fid=2
	Folder     string // where the forum lives, "/" or "/bbs/"; "" is "/"
	BaseHref   bool   // <base href> on each page
	Jammer     bool   // random noise at each line break, new on each request
	PlainTimes bool   // "dateconvert" off: absolute times only
	NoMeta     bool   // generator and "Powered by" stripped
	PerList    int    // rows of a list page
	PerThread  int    // posts of a thread page
	Robots     string // body of robots.txt; "" is Discuz!'s own; "404" is none
}

// User is an invented member. ID 0 is a guest or an anonymous author.
type User struct {
	ID   int
	Name string
}

// Board is one board.
type Board struct {
	ID       int
	Name     string
	Category string
	Parent   int  // id of the board that it is a sub-board of
	Private  bool // the index says 私密版块, the list is refused
	Login    bool // guests must log in
}

// Thread is one thread; Posts[0] opens it.
type Thread struct {
	ID, Board, Views int
	Title            string
	Sticky, Locked   bool
	MovedTo          int // board that it moved to: a stub stays behind
	Deleted          bool
	Posts            []*Post
}

// Post is one post.
type Post struct {
	ID          int
	Author      User
	At          time.Time
	Text        string    // plain; line breaks are kept
	Quote       *Quote    // what it quotes
	Edited      time.Time // zero: never
	Deleted     bool
	Banned      bool     // shown as 该帖被管理员或版主屏蔽
	Hidden      bool     // readable after a reply only
	Attachments []string // names
	Comments    []Comment
}

// Quote is a quoted post.
type Quote struct {
	By   User
	At   time.Time
	Text string
}

// Comment is a short remark (点评) under a post.
type Comment struct {
	By   User
	At   time.Time
	Text string
}

// Failure is a way in which the site refuses to answer.
type Failure string

// Failures.
const (
	FailNone      Failure = ""
	FailReload    Failure = "reload"     // attackevasive 4: wants its cookie back
	FailQuestion  Failure = "question"   // attackevasive 8: a sum
	FailTooFast   Failure = "too_fast"   // attackevasive 1
	FailAntitheft Failure = "antitheft"  // a script in place of the page
	FailDatabase  Failure = "database"   // 503, Discuz! System Error
	FailRetry     Failure = "retry"      // 429 with Retry-After: 2
	FailClosed    Failure = "closed"     // the site is closed
	FailHang      Failure = "hang"       // answers nothing until the client goes away
	FailCut       Failure = "cut"        // breaks off in the middle of the body
	FailRedirects Failure = "redirects"  // redirects in a circle
	FailWrongType Failure = "wrong_type" // bytes that are no page
)

// Site is a forum. All methods may be called while it serves.
type Site struct {
	style Style
	now   func() time.Time

	mu       sync.Mutex
	boards   []*Board
	threads  []*Thread
	nextTID  int
	nextPID  int
	fail     Failure
	failLeft int // requests that still fail; -1: all
	noise    uint64
	seen     []string
}

// New makes an empty forum. now gives the time that pages are made at.
func New(style Style, now func() time.Time) *Site {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&style.Name, "示例论坛")
	def(&style.Version, "X3.5")
	def(&style.Charset, "utf-8")
	def(&style.HeaderSays, style.Charset)
	def(&style.MetaSays, style.Charset)
	def(&style.Folder, "/")
	if style.PerList <= 0 {
		style.PerList = 10
	}
	if style.PerThread <= 0 {
		style.PerThread = 5
	}
	return &Site{style: style, now: now, nextTID: 1, nextPID: 1, noise: 88172645463325252}
}

// AddBoard adds a board.
func (s *Site) AddBoard(b Board) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boards = append(s.boards, &b)
}

// AddThread adds a thread; missing ids are given in order. It returns the thread's number.
func (s *Site) AddThread(t Thread) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.ID == 0 {
		t.ID = s.nextTID
	}
	s.nextTID = max(s.nextTID, t.ID+1)
	posts := t.Posts
	t.Posts = nil
	for _, p := range posts {
		t.Posts = append(t.Posts, s.number(*p))
	}
	s.threads = append(s.threads, &t)
	return t.ID
}

func (s *Site) number(p Post) *Post {
	if p.ID == 0 {
		p.ID = s.nextPID
	}
	s.nextPID = max(s.nextPID, p.ID+1)
	return &p
}

// ErrUnknown says that the forum has no such thread or post.
var ErrUnknown = errors.New("discuztest: no such thread or post")

// Reply adds a post to a thread and returns its number.
func (s *Site) Reply(tid int, p Post) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.threads {
		if t.ID == tid {
			n := s.number(p)
			t.Posts = append(t.Posts, n)
			return n.ID, nil
		}
	}
	return 0, fmt.Errorf("%w: thread %d", ErrUnknown, tid)
}

// Change lets f alter a post in place: an edit sets Text and Edited, a
// deletion Deleted.
func (s *Site) Change(pid int, f func(*Post)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.threads {
		for _, p := range t.Posts {
			if p.ID == pid {
				f(p)
				return nil
			}
		}
	}
	return fmt.Errorf("%w: post %d", ErrUnknown, pid)
}

// ChangeThread lets f alter a thread in place.
func (s *Site) ChangeThread(tid int, f func(*Thread)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.threads {
		if t.ID == tid {
			f(t)
			return nil
		}
	}
	return fmt.Errorf("%w: thread %d", ErrUnknown, tid)
}

// Fail makes the next n page requests fail in a way; n < 0 is all until Fail
// is called again. robots.txt keeps answering.
func (s *Site) Fail(how Failure, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.failLeft = how, n
}

// Requests are the paths asked for so far, with their queries, in order.
func (s *Site) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (t *Thread) shown() []*Post {
	var out []*Post
	for _, p := range t.Posts {
		if !p.Deleted {
			out = append(out, p)
		}
	}
	return out
}

func (t *Thread) last() *Post {
	shown := t.shown()
	if len(shown) == 0 {
		return nil
	}
	last := shown[0]
	for _, p := range shown {
		if p.At.After(last.At) {
			last = p
		}
	}
	return last
}
