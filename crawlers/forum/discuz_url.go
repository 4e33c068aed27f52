package forum

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// discuzLink is what an address of a Discuz! site names.
type discuzLink struct {
	root string // scheme, host and folder of the forum, ends in "/"
	what Kind   // index, board, thread, or unknown
	id   string // fid or tid; a board may have a name in place of its number
	page int    // from 1
	pid  string // of a post permalink
	view string // sorted parameters that choose another view of a list or thread, "" for the usual one
}

// Default rewrite rules of Discuz! X: forum-F-N.html, thread-T-N-P.html (P is
// the page of the list one came from), group-F-N.html; archiver paths carry
// their parameters in the query.
var (
	rewrittenThread = regexp.MustCompile(`^thread-(\d{1,19})-(\d{1,9})(?:-\d+)?\.html?$`)
	rewrittenBoard  = regexp.MustCompile(`^(?:forum|group)-([\w]{1,64})-(\d{1,9})\.html?$`)
	archiverQuery   = regexp.MustCompile(`^(tid|fid)-(\d{1,19})\.html`)
	boardName       = regexp.MustCompile(`^\w{1,64}$`)
)

// Parameters that choose what a list or thread shows. All others are noise:
// extra, mobile, fromuid, highlight, _dsign, from, sid, ordertype …
var (
	boardViews  = []string{"archiveid", "dateline", "digest", "filter", "orderby", "sortid", "specialtype", "typeid"}
	threadViews = []string{"archiveid"}
)

// parseDiscuz reads an address, rewritten or dynamic, whatever the order of its
// parameters.
func parseDiscuz(u *url.URL) discuzLink {
	dir, file := path.Split(u.Path)
	if dir == "" {
		dir = "/"
	}
	archiver := strings.HasSuffix(dir, "/archiver/")
	if archiver {
		dir = strings.TrimSuffix(dir, "archiver/")
	}
	l := discuzLink{root: siteRoot(u, dir), what: KindUnknown, page: 1}
	if m := rewrittenThread.FindStringSubmatch(file); m != nil {
		l.what, l.id, l.page = KindThread, trimID(m[1]), pageNumber(m[2])
		return l
	}
	if m := rewrittenBoard.FindStringSubmatch(file); m != nil {
		l.what, l.id, l.page = KindBoard, trimID(m[1]), pageNumber(m[2])
		return l
	}
	q := u.Query()
	if archiver {
		if m := archiverQuery.FindStringSubmatch(u.RawQuery); m != nil {
			l.what, l.id, l.page = KindThread, trimID(m[2]), pageNumber(q.Get("page"))
			if m[1] == "fid" {
				l.what = KindBoard
			}
		}
		return l
	}
	mod, tid, fid := q.Get("mod"), q.Get("tid"), q.Get("fid")
	switch strings.ToLower(file) {
	case "viewthread.php": // Discuz! 7 and before; X redirects it
		mod = "viewthread"
	case "forumdisplay.php":
		mod = "forumdisplay"
	case "forum.php", "index.php", "":
	case "group.php":
		if mod == "" {
			return l
		}
	default:
		return l
	}
	switch mod {
	case "viewthread":
		if isID(tid) {
			l.what, l.id, l.page = KindThread, trimID(tid), pageNumber(q.Get("page"))
			l.view = views(q, threadViews)
		}
	case "forumdisplay", "group":
		if isID(fid) || boardName.MatchString(fid) && strings.Trim(fid, "0") != "" {
			l.what, l.id, l.page = KindBoard, trimID(fid), pageNumber(q.Get("page"))
			l.view = views(q, boardViews)
		}
	case "redirect":
		if ptid, pid := q.Get("ptid"), q.Get("pid"); q.Get("goto") == "findpost" && isID(pid) {
			l.what, l.pid = KindThread, trimID(pid)
			if isID(ptid) {
				l.id = trimID(ptid)
			}
		}
	case "":
		if q.Get("gid") == "" && (file != "" || u.RawQuery == "") {
			l.what = KindIndex
		}
	}
	return l
}

// key is the one spelling of the address.
func (l discuzLink) key() string {
	page := ""
	if l.page > 1 {
		page = "&page=" + strconv.Itoa(l.page)
	}
	switch {
	case l.pid != "":
		return l.root + "forum.php?mod=redirect&goto=findpost&ptid=" + l.id + "&pid=" + l.pid
	case l.what == KindThread:
		return l.root + "forum.php?mod=viewthread&tid=" + l.id + l.view + page
	case l.what == KindBoard:
		return l.root + "forum.php?mod=forumdisplay&fid=" + l.id + l.view + page
	}
	return l.root + "forum.php"
}

// first is the key of the first page.
func (l discuzLink) first() string {
	l.page = 1
	return l.key()
}

// permalink leads people to a post. Crawlers stay away from it: Discuz!'s own
// robots.txt disallows mod=redirect.
func (l discuzLink) permalink(pid string) string {
	l.pid = pid
	return l.key()
}

// Canonical implements Engine: rewritten and dynamic addresses of a page are
// one key, "…forum.php?mod=viewthread&tid=5&page=2". It is a key first: sites
// may disallow the dynamic spelling to robots, so fetch what was linked.
func (Discuz) Canonical(u *url.URL) string {
	if u == nil {
		return ""
	}
	if l := parseDiscuz(u); l.what != KindUnknown {
		return l.key()
	}
	return plainKey(u, []string{"extra", "fromuid", "from", "highlight", "_dsign", "mobile", "sid"})
}

// plainKey is an address without fragment and noise, its parameters sorted.
func plainKey(u *url.URL, noise []string) string {
	dir := u.EscapedPath()
	if dir == "" {
		dir = "/"
	}
	q := u.Query()
	for _, n := range noise {
		q.Del(n)
	}
	key := strings.TrimSuffix(siteRoot(u, "/"), "/") + dir
	if enc := q.Encode(); enc != "" {
		key += "?" + enc
	}
	return key
}

// siteRoot is scheme, host without its default port, and folder.
func siteRoot(u *url.URL, dir string) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	if !strings.HasPrefix(dir, "/") {
		dir = "/" + dir
	}
	return scheme + "://" + host + (&url.URL{Path: dir}).EscapedPath()
}

func views(q url.Values, names []string) string {
	var b strings.Builder
	for _, n := range names {
		if v := q.Get(n); v != "" && v != "0" && len(v) <= 64 {
			b.WriteString("&" + n + "=" + url.QueryEscape(v))
		}
	}
	return b.String()
}

// pageNumber is at least 1.
func pageNumber(s string) int { return min(max(digits(s), 1), 1_000_000) }

// trimID drops leading zeros of a number; names stay.
func trimID(s string) string {
	if isID(s) {
		return strings.TrimLeft(s, "0")
	}
	return s
}
