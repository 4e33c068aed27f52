package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// known refuses requests under a name that isn't ours: a page elsewhere whose name was
// turned to this address (DNS rebinding) would else be of the same origin as we are.
// An address as a name is nobody's to turn.
func (c *Console) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.ourName(r.Host) {
			c.refuse(w, r, &problem{status: http.StatusMisdirectedRequest, key: "error.host"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *Console) ourName(host string) bool {
	if c.public != nil && strings.EqualFold(host, c.public.Host) {
		return true
	}
	name := hostOf(host)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	// The name that the console was told to listen on is one that people may type.
	return strings.EqualFold(name, "localhost") || (name != "" && strings.EqualFold(name, hostOf(c.Listen)))
}

// hostOf is the host of "host:port", "[::1]:80" or a bare host.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
}

// loopbackName reports whether a host is this machine and nothing else.
func loopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// client is the address that a request comes from: of the connection, or, where that
// is a proxy that we trust, the last one it forwards for that isn't.
func (c *Console) client(r *http.Request) netip.Addr {
	at, ok := parseAddr(hostOf(r.RemoteAddr))
	if !ok || !c.trusted(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && i >= len(hops)-20; i-- {
		hop, ok := parseAddr(hostOf(strings.TrimSpace(hops[i])))
		if !ok {
			break
		}
		if at = hop; !c.trusted(hop) {
			break
		}
	}
	return at
}

func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

func (c *Console) trusted(a netip.Addr) bool {
	for _, p := range c.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// direct reports whether a request comes from this machine itself, by a name of this
// machine, and through no proxy. HTTP/1.0 is what some proxies speak (nginx unless it
// is told otherwise, which names nobody besides) and no browser.
func (c *Console) direct(r *http.Request) bool {
	for name := range r.Header { // in their canonical form
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return false
		}
	}
	return r.ProtoAtLeast(1, 1) && c.loopback && loopbackName(hostOf(r.Host)) && loopbackName(hostOf(r.RemoteAddr))
}
