package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// carrierNAT is the shared address space of RFC 6598, which netip doesn't count as private.
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// checkAddress is the guard: it judges an address that is about to be dialled,
// after name resolution, so that neither redirects nor rebound names get past it.
// named says that AllowPrivate names the "host:port" of the address in the URL,
// literal that the host named there is an IP address itself.
func checkAddress(g *ssrf.Guardian, network, address string, named, literal bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q is no address and port", ErrRefused, address)
	}
	ip := ap.Addr()
	if ip.Is4In6() {
		return fmt.Errorf("%w: %s hides an IPv4 address", ErrRefused, ip)
	}
	bad := g.Safe(network, address, nil)
	if bad == nil {
		return nil
	}
	if named {
		// A name is granted the private ranges only: whoever controls its DNS
		// must not lead us to a cloud's metadata service (169.254.169.254).
		if literal || ip.IsPrivate() || ip.IsLoopback() || carrierNAT.Contains(ip) {
			return nil
		}
	}
	if errors.Is(bad, ssrf.ErrProhibitedIP) {
		return fmt.Errorf("%w: %s is not on the public internet", ErrRefused, ip)
	}
	return fmt.Errorf("%w: %s: %w", ErrRefused, address, bad)
}

// door is a way out: a transport whose dialer grants one set of exceptions.
// Connections are never shared between sets, else a kept-alive connection that
// one request was granted would serve another that was not.
type door struct {
	allow     map[string]bool
	transport *http.Transport
}

// dialing is what all doors share.
type dialing struct {
	guard    *ssrf.Guardian
	resolver Resolver
	tls      *tls.Config
	limits   Limits
	name     string // of the resolver
	// judged sees every verdict of the guard; tests set it.
	judged func(address string, err error)
}

func (d *dialing) door(allow []string) *door {
	o := &door{allow: map[string]bool{}}
	for _, a := range allow {
		o.allow[a] = true
	}
	o.transport = &http.Transport{
		Proxy:                  nil, // never from the environment: a proxy would dial behind the guard's back
		DialContext:            func(ctx context.Context, _, addr string) (net.Conn, error) { return d.dial(ctx, o, addr) },
		DialTLSContext:         func(ctx context.Context, _, addr string) (net.Conn, error) { return d.dialTLS(ctx, o, addr) },
		DisableCompression:     true, // we ask for gzip and deflate ourselves and keep the bytes as received
		MaxResponseHeaderBytes: d.limits.Header,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
	}
	return o
}

// dial resolves the host of addr ("host:port" as in the URL) and connects to
// its addresses one after the other, IPv4 first.
func (d *dialing) dial(ctx context.Context, o *door, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.limits.FirstByte) // the transport's dials outlive their request's context
	defer cancel()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	named := o.allow[strings.ToLower(addr)]
	var ips []netip.Addr
	literal := false
	if ip, err := netip.ParseAddr(host); err == nil {
		ips, literal = []netip.Addr{ip}, true
	} else {
		if ips, err = d.resolver.LookupNetIP(ctx, "ip", host); err != nil {
			return nil, err
		}
		for i := range ips {
			ips[i] = ips[i].Unmap() // resolvers hand IPv4 out in both forms
		}
		slices.SortStableFunc(ips, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
		const most = 8 // a name with hundreds of addresses is no reason to try them all
		ips = ips[:min(len(ips), most)]
	}
	if len(ips) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	var errs []error
	for i, ip := range ips {
		dialer := net.Dialer{
			KeepAlive: 15 * time.Second,
			Control: func(network, address string, _ syscall.RawConn) error {
				err := checkAddress(d.guard, network, address, named, literal)
				if d.judged != nil {
					d.judged(address, err)
				}
				return err
			},
		}
		if deadline, ok := ctx.Deadline(); ok {
			dialer.Timeout = max(time.Until(deadline)/time.Duration(len(ips)-i), time.Millisecond)
		}
		target := net.JoinHostPort(ip.String(), port)
		if ip.Is4In6() { // net would quietly dial the IPv4 address
			err := checkAddress(d.guard, "tcp6", target, named, literal)
			if d.judged != nil {
				d.judged(target, err)
			}
			return nil, err
		}
		conn, err := dialer.DialContext(ctx, "tcp", target)
		if err == nil {
			w := newWire(conn, d.limits.Header)
			if !literal {
				w.resolver = d.name
				for _, ip := range ips {
					w.resolved = append(w.resolved, ip.String())
				}
			}
			return w, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// dialTLS shakes hands itself so that what is recorded is the plain text.
func (d *dialing) dialTLS(ctx context.Context, o *door, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, o, addr)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		_ = conn.Close() // never used
		return nil, err
	}
	cfg := &tls.Config{}
	if d.tls != nil {
		cfg = d.tls.Clone()
	}
	cfg.ServerName = host
	cfg.NextProtos = []string{"http/1.1"} // the evidence keeps heads as they went over the wire
	ctx, cancel := context.WithTimeout(ctx, d.limits.FirstByte)
	defer cancel()
	plain := conn.(*wire)
	secure := tls.Client(plain.Conn, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // never used
		return nil, fmt.Errorf("TLS: %w", err)
	}
	w, state := newWire(secure, d.limits.Header), secure.ConnectionState()
	w.tls, w.resolver, w.resolved = &state, plain.resolver, plain.resolved
	return w, nil
}

// doors keeps one door for each set of exceptions in use.
type doors struct {
	mu   sync.Mutex
	make func(allow []string) *door
	byID map[string]*door
	ids  []string // oldest first
}

const maxDoors = 64

// pick returns the door for a set of exceptions, which must be normalised.
func (s *doors) pick(allow []string) *door {
	id := strings.Join(allow, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, ok := s.byID[id]; ok {
		return o
	}
	if len(s.ids) >= maxDoors {
		s.byID[s.ids[0]].transport.CloseIdleConnections() // requests under way keep theirs
		delete(s.byID, s.ids[0])
		s.ids = s.ids[1:]
	}
	o := s.make(allow)
	s.byID[id] = o
	s.ids = append(s.ids, id)
	return o
}

func (s *doors) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.byID {
		o.transport.CloseIdleConnections()
	}
}

// normalAllow checks exceptions and puts them into one spelling and order.
func normalAllow(allow []string) ([]string, error) {
	out := make([]string, 0, len(allow))
	for _, a := range allow {
		host, port, err := net.SplitHostPort(strings.TrimSpace(a))
		if err != nil || host == "" || port == "" {
			return nil, fmt.Errorf("%w: exception %q: want host:port, such as 127.0.0.1:8080", ErrRequest, a)
		}
		if n, err := net.LookupPort("tcp", port); err != nil || n < 1 {
			return nil, fmt.Errorf("%w: exception %q: %q is no port", ErrRequest, a, port)
		}
		if ip, err := netip.ParseAddr(host); err == nil {
			host = ip.String()
		}
		out = append(out, strings.ToLower(net.JoinHostPort(host, port)))
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
