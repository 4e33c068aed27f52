package fetch

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"
)

// maxURL bounds addresses, in bytes.
const maxURL = 8192

// checkURL judges the address that a caller asks for.
func checkURL(address string) (string, error) {
	address = tidy(address)
	if len(address) > maxURL {
		return "", fmt.Errorf("%w: %d bytes, at most %d are taken", ErrURL, len(address), maxURL)
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("%w: %q", ErrURL, address)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "":
		return "", fmt.Errorf("%w: %q", ErrScheme, address)
	case u.Hostname() == "":
		return "", fmt.Errorf("%w: %q names no host", ErrURL, address)
	case u.User != nil:
		return "", fmt.Errorf("%w: %q holds a user name or password", ErrURL, u.Redacted())
	}
	return u.String(), nil
}

// resolve reads a Location against the address that sent it. Host names with a
// password in front lose it.
func resolve(base *url.URL, location string) (*url.URL, error) {
	if len(location) > maxURL {
		return nil, fmt.Errorf("an address of %d bytes", len(location))
	}
	location = tidy(location)
	if !utf8.ValidString(location) { // GBK sites send their own bytes: keep them
		var b strings.Builder
		for i := 0; i < len(location); i++ {
			if c := location[i]; c >= 0x80 {
				fmt.Fprintf(&b, "%%%02X", c)
			} else {
				b.WriteByte(c)
			}
		}
		location = b.String()
	}
	u, err := base.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("%.200q, which is no address", location)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" {
		return nil, fmt.Errorf("%.200q: %w", location, ErrScheme)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%.200q, which names no host", location)
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u, nil
}

// tidy does to an address what browsers do before they read it: outer white
// space and inner tabs and line ends go, a percent sign that encodes nothing is encoded.
func tidy(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if s[i] == '%' && (i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func withoutFragment(u *url.URL) string {
	c := *u
	c.Fragment, c.RawFragment = "", ""
	return c.String()
}

// hostPort is "host:port" in the spelling of Request.AllowPrivate.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
}

// BudgetHost names the budget that a request counts against: the host, with
// its port when it is another service than the usual two.
func BudgetHost(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch port := u.Port(); port {
	case "", "80", "443":
		return host
	default:
		return net.JoinHostPort(host, port)
	}
}

// originOf is what a robots.txt speaks for: scheme, host and port.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host
}
