package fetch

import (
	"strconv"
	"strings"
	"time"
)

// MaxCrawlDelay bounds the Crawl-delay that is honoured: a host that asks for
// more is visited once in this time.
const MaxCrawlDelay = time.Hour

// Bounds on what one robots.txt may make us remember and compare.
const (
	maxRules    = 10_000
	maxRuleSize = 2048 // bytes; longer rules can't match an address that is fetched sensibly
)

// Rules is the group of a robots.txt that speaks to us, read by RFC 9309.
//
// We read the file ourselves: temoto/robotstxt drops the whole file for one
// bad line, doesn't anchor patterns with wildcards, measures them by their
// length as escaped regular expressions, lets the first of two equal rules win
// instead of the allowing one, and compares percent-encodings as they stand.
type Rules struct {
	rules []robotsRule
	delay time.Duration
}

type robotsRule struct {
	allow  bool
	pieces []string // the path cut at its wildcards, percent-encoding normalised; never empty
	end    bool     // the pattern ends with $
	length int      // octets of the pattern: the longest that matches decides

	// A rule that forbids one parameter, such as /forum.php?mod=redirect, holds
	// wherever the parameter stands in the query: the page is the same. This is
	// stricter than the RFC. before and param are the rule cut at its question mark.
	before []string
	param  string // "mod=redirect"; "" for other rules
}

// ParseRobots reads a robots.txt for the given product token. It never fails:
// lines that it doesn't understand are skipped, as the RFC wants.
func ParseRobots(body []byte, token string) *Rules {
	token = strings.ToLower(token)
	var ours, others Rules
	found := false    // a group names our token
	inOurs := false   // the present group does
	inOthers := false // the present group is for "*"
	headOpen := false // the last line that counted was a User-agent
	text := strings.TrimPrefix(string(body), "\ufeff")
	for text != "" {
		var line string
		if i := strings.IndexAny(text, "\r\n"); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			line, text = text, ""
		}
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch key {
		case "user-agent", "useragent", "user agent":
			if !headOpen {
				inOurs, inOthers = false, false
			}
			headOpen = true
			switch {
			case value == "*":
				inOthers = true
			case productToken(value) == token:
				inOurs, found = true, true
			}
		case "allow", "disallow":
			headOpen = false
			rule, ok := parseRule(value, key == "allow")
			if !ok {
				continue
			}
			if inOurs && len(ours.rules) < maxRules {
				ours.rules = append(ours.rules, rule)
			}
			if inOthers && len(others.rules) < maxRules {
				others.rules = append(others.rules, rule)
			}
		case "crawl-delay", "crawldelay":
			headOpen = false
			delay, ok := parseDelay(value)
			if !ok {
				continue
			}
			if inOurs {
				ours.delay = max(ours.delay, delay)
			}
			if inOthers {
				others.delay = max(others.delay, delay)
			}
		}
	}
	if found {
		return &ours
	}
	return &others
}

// productToken is the leading run of letters, - and _ of a User-agent value in
// lower case: "ResumeWatch/2.0 (x)" names "resumewatch".
func productToken(value string) string {
	i := 0
	for i < len(value) {
		c := value[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_') {
			break
		}
		i++
	}
	return strings.ToLower(value[:i])
}

func parseDelay(value string) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds >= 0) { // also drops NaN
		return 0, false
	}
	if seconds > MaxCrawlDelay.Seconds() {
		return MaxCrawlDelay, true
	}
	return time.Duration(seconds * float64(time.Second)), true
}

func parseRule(value string, allow bool) (robotsRule, bool) {
	if value == "" || len(value) > maxRuleSize {
		return robotsRule{}, false // "Disallow:" forbids nothing
	}
	if value[0] != '/' && value[0] != '*' {
		value = "/" + value
	}
	r := robotsRule{allow: allow}
	if strings.HasSuffix(value, "$") {
		r.end = true
		value = value[:len(value)-1]
	}
	value = normalPercent(value)
	for strings.Contains(value, "**") { // a run of stars says no more than one
		value = strings.ReplaceAll(value, "**", "*")
	}
	r.length = len(value)
	if r.end {
		r.length++
	}
	r.pieces = strings.Split(value, "*")
	if before, param, ok := strings.Cut(strings.TrimSuffix(value, "*"), "?"); ok && !allow && !r.end {
		key, val, _ := strings.Cut(param, "=")
		if key != "" && val != "" && !strings.ContainsAny(param, "*&?") { // "?page=" alone forbids first places only
			r.before, r.param = strings.Split(before, "*"), param
		}
	}
	return r, true
}

// Allowed reports whether a path with its query ("/forum.php?mod=viewthread&tid=1",
// raw, keys in the order in which they are sent) may be asked for. The longest
// matching rule decides; of two equally long ones the allowing.
func (r *Rules) Allowed(requestURI string) bool {
	path, _, _ := strings.Cut(requestURI, "#")
	if path == "/robots.txt" {
		return true
	}
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	path = normalPercent(path)
	longest, allow := -1, true
	for i := range r.rules {
		rule := &r.rules[i]
		if rule.length < longest || rule.length == longest && (allow || !rule.allow) {
			continue
		}
		if matchPieces(rule.pieces, rule.end, path) || rule.param != "" && rule.matchParam(path) {
			longest, allow = rule.length, rule.allow
		}
	}
	return allow
}

// CrawlDelay is the distance between requests that the host asks for; 0 none.
func (r *Rules) CrawlDelay() time.Duration { return r.delay }

// matchParam looks for the parameter that a rule forbids among those of a query.
func (r *robotsRule) matchParam(path string) bool {
	path, query, ok := strings.Cut(path, "?")
	if !ok || !matchPieces(r.before, true, path) {
		return false
	}
	for param := range strings.SplitSeq(query, "&") {
		if strings.HasPrefix(param, r.param) {
			return true
		}
	}
	return false
}

// matchPieces matches a pattern cut at its wildcards, at the beginning of a
// path or (end) the whole of it. It is greedy from the left, which finds a match
// whenever there is one: taking each piece at its first place leaves most room
// for the rest, and the last piece of an ended pattern stands at the end or nowhere.
func matchPieces(pieces []string, end bool, path string) bool {
	first := pieces[0]
	if !strings.HasPrefix(path, first) {
		return false
	}
	rest := path[len(first):]
	if len(pieces) == 1 {
		return !end || rest == ""
	}
	middle, last := pieces[1:len(pieces)-1], pieces[len(pieces)-1]
	for _, piece := range middle {
		i := strings.Index(rest, piece)
		if i < 0 {
			return false
		}
		rest = rest[i+len(piece):]
	}
	if end {
		return strings.HasSuffix(rest, last)
	}
	return strings.Contains(rest, last)
}

// normalPercent makes two spellings of one path equal: octets outside of
// printable ASCII are encoded, encoded unreserved characters are decoded, hex
// digits are upper case (RFC 9309 §2.2.2, RFC 3986 §6.2.2).
func normalPercent(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '%' || c <= ' ' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi >= 0 && lo >= 0 {
				v := byte(hi<<4 | lo)
				i += 2
				if unreserved(v) {
					b.WriteByte(v)
				} else {
					b.Write([]byte{'%', hex[v>>4], hex[v&15]})
				}
				continue
			}
		}
		if c <= ' ' || c >= 0x7f {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
