package fetch

import (
	"container/list"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// Bounds on what hosts may make us remember.
const (
	maxJars          = 1024
	maxCookies       = 300  // names kept for a site; one more and the jar starts afresh
	maxCookieSize    = 4096 // bytes of name and value
	maxCookiesAtOnce = 60   // taken from one answer
)

// siteJar is a cookie jar that a flood of cookies can't fill; the standard one has no bound.
type siteJar struct {
	mu    sync.Mutex
	jar   *cookiejar.Jar
	names map[string]bool
}

var _ http.CookieJar = (*siteJar)(nil)

func newSiteJar() *siteJar {
	s := &siteJar{}
	s.reset()
	return s
}

func (s *siteJar) reset() {
	s.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // never fails
	s.names = map[string]bool{}
}

// SetCookies implements http.CookieJar.
func (s *siteJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []*http.Cookie
	for _, c := range cookies {
		if len(kept) == maxCookiesAtOnce {
			break
		}
		if len(c.Name)+len(c.Value) > maxCookieSize || len(c.Path)+len(c.Domain) > maxCookieSize {
			continue
		}
		kept = append(kept, c)
	}
	for _, c := range kept {
		s.names[fmt.Sprintf("%s\x00%s\x00%s\x00%s", u.Hostname(), c.Domain, c.Path, c.Name)] = true
	}
	if len(s.names) > maxCookies {
		s.reset()
	}
	s.jar.SetCookies(u, kept)
}

// Cookies implements http.CookieJar.
func (s *siteJar) Cookies(u *url.URL) []*http.Cookie {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jar.Cookies(u)
}

// jars keeps the jars of the sites visited last.
type jars struct {
	mu    sync.Mutex
	order *list.List // of jarSlot, latest first
	byKey map[string]*list.Element
}

type jarSlot struct {
	key string
	jar *siteJar
}

func newJars() *jars { return &jars{order: list.New(), byKey: map[string]*list.Element{}} }

func (j *jars) of(key string) *siteJar {
	j.mu.Lock()
	defer j.mu.Unlock()
	if el, ok := j.byKey[key]; ok {
		j.order.MoveToFront(el)
		return el.Value.(jarSlot).jar
	}
	s := jarSlot{key: key, jar: newSiteJar()}
	j.byKey[key] = j.order.PushFront(s)
	for j.order.Len() > maxJars {
		last := j.order.Back()
		delete(j.byKey, last.Value.(jarSlot).key)
		j.order.Remove(last)
	}
	return s.jar
}
