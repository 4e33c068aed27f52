package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strings"
)

// nextURL is what stands between two addresses in one text. A comma alone may
// stand between the hosts of one address.
var nextURL = regexp.MustCompile(`\s+|\s*,\s*([a-z][a-z0-9+.-]*://)`)

// setList makes a list of a text: addresses (split:"urls") or words, with
// commas or white space between them.
func setList(into reflect.Value, text string, tag reflect.StructTag) error {
	if tag.Get("split") == "urls" {
		text = nextURL.ReplaceAllString(text, " $1")
	} else {
		text = strings.ReplaceAll(text, ",", " ")
	}
	out := []string{}
	for _, word := range strings.Fields(text) {
		item := reflect.New(reflect.TypeFor[string]()).Elem()
		if err := set(item, word, ""); err != nil {
			return err
		}
		out = append(out, item.String())
	}
	into.Set(reflect.ValueOf(out))
	return nil
}

// address is an address in its parts. net/url knows one host only; Sentinel and
// PostgreSQL take several.
type address struct {
	scheme, user, hosts, rest string // user without "@"; rest is path, query and fragment
}

// cutAddress takes an address apart; false when it has no scheme. The user ends
// at the last @ of all, so that no half of a password is taken for something else.
func cutAddress(s string) (address, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return address{}, false
	}
	a := address{scheme: strings.ToLower(scheme)}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		a.user, rest = rest[:i], rest[i+1:]
	}
	a.hosts = rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		a.hosts, a.rest = rest[:i], rest[i:]
	}
	return a, true
}

var secretQuery = regexp.MustCompile(`(?i)([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&#]*`)

// Redacted is an address without its password: redis://:***@10.0.0.1:6379/0. A text
// that is no address comes back as it is.
func Redacted(s string) string {
	a, ok := cutAddress(s)
	if !ok {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:strings.Index(s, "://")] + "://") // as it was written: a.scheme may differ in length
	if a.user != "" {
		if name, _, ok := strings.Cut(a.user, ":"); ok {
			b.WriteString(name + ":")
		}
		b.WriteString("***@")
	}
	b.WriteString(a.hosts + secretQuery.ReplaceAllString(a.rest, "$1***"))
	return b.String()
}

// check looks at what all engines' addresses have in common. Errors never repeat
// the address, which may hold a password.
func (a address) check() error {
	if strings.ContainsAny(a.user, "/?#@ ") {
		return fmt.Errorf("holds one of / ? # @ in its user or password; write it %%2F, %%3F, %%23 or %%40")
	}
	if _, err := url.PathUnescape(a.user); err != nil {
		return fmt.Errorf("holds a %% in its user or password; write it %%25")
	}
	for host := range strings.SplitSeq(a.hosts, ",") {
		if err := checkHost(host); err != nil {
			return err
		}
	}
	return nil
}

// checkHost takes HOST, HOST:PORT and [IPv6]:PORT.
func checkHost(host string) error {
	if host == "" {
		return fmt.Errorf("names no host")
	}
	u, err := url.Parse("x://" + host)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(host, "@ \\") {
		return fmt.Errorf("must name HOST:PORT, not %q", brief(host))
	}
	if p := u.Port(); p != "" {
		return checkHostPort(u.Host)
	}
	return nil
}

// away reports whether one of the hosts is neither this machine nor a socket of it.
func (a address) away() bool {
	for host := range strings.SplitSeq(a.hosts, ",") {
		u, err := url.Parse("x://" + host)
		if err != nil {
			return true
		}
		ip, err := netip.ParseAddr(u.Hostname())
		if u.Hostname() != "" && u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
			return true
		}
	}
	return false
}
