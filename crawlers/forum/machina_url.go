package forum

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// machinaLink is what an address of a django-machina site names.
type machinaLink struct {
	root  string // where the forum is mounted, ends in "/"
	what  Kind
	board string // id
	slug  string // of the board
	topic string // id
	page  int
	post  string // of a post permalink: the engine shows the page that holds it
}

// Default routes: {mount}forum/{slug}-{id}/ and
// {mount}forum/{slug}-{id}/topic/{slug}-{id}/; ids decide, slugs are for people.
var (
	machinaTopic   = regexp.MustCompile(`^(.*/)?forum/([^/]+)-(\d{1,19})/topic/[^/]+-(\d{1,19})/$`)
	machinaBoard   = regexp.MustCompile(`^(.*/)?forum/([^/]+)-(\d{1,19})/$`)
	machinaProfile = regexp.MustCompile(`/member/profile/(\d{1,19})/$`)
)

func parseMachina(u *url.URL) machinaLink {
	p := u.Path
	if !strings.HasSuffix(p, "/") {
		p += "/"
	}
	q := u.Query()
	l := machinaLink{what: KindUnknown, page: pageNumber(q.Get("page"))}
	if m := machinaTopic.FindStringSubmatch(p); m != nil {
		l.what, l.root, l.slug, l.board, l.topic = KindThread, siteRoot(u, m[1]), m[2], trimID(m[3]), trimID(m[4])
		if id := q.Get("post"); isID(id) && !q.Has("page") {
			l.post = trimID(id)
		}
	} else if m := machinaBoard.FindStringSubmatch(p); m != nil {
		l.what, l.root, l.slug, l.board = KindBoard, siteRoot(u, m[1]), m[2], trimID(m[3])
	} else {
		l.root = siteRoot(u, p)
	}
	return l
}

// key is the one spelling of the address. A topic's key has neither its slug
// nor its board: titles change and topics move, the engine finds them by number.
// It can be fetched as it is.
func (l machinaLink) key() string {
	key := l.root
	switch l.what {
	case KindThread:
		key += "forum/f-0/topic/t-" + l.topic + "/"
		if l.post != "" {
			return key + "?post=" + l.post
		}
	case KindBoard:
		key += "forum/" + (&url.URL{Path: l.slug}).EscapedPath() + "-" + l.board + "/"
	}
	if l.page > 1 {
		key += "?page=" + strconv.Itoa(l.page)
	}
	return key
}

func (l machinaLink) first() string {
	l.page, l.post = 1, ""
	return l.key()
}

// Canonical implements Engine.
func (Machina) Canonical(u *url.URL) string {
	if u == nil {
		return ""
	}
	if l := parseMachina(u); l.what != KindUnknown {
		return l.key()
	}
	return plainKey(u, nil)
}
