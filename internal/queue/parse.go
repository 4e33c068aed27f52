package queue

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ErrAddress says that what should be the address of a Redis is none. The text
// of the error names what is wrong and never the address, which may hold a
// password.
var ErrAddress = errors.New("no address of a Redis")

const (
	maxAddress  = 4 << 10 // bytes of one address
	maxNodes    = 100
	maxDB       = 1 << 20
	maxCAFile   = 1 << 20
	redisPort   = "6379"
	sentinels   = "26379"
	addressForm = "want redis://[USER:PASSWORD@]HOST:PORT/DB, rediss:// for TLS, redis-sentinel://HOST:PORT,HOST:PORT/MASTER, or a list of redis:// for a Cluster"
)

// ParseAddress reads the addresses of one Redis as people write them:
//
//	redis://[[user]:password@]host[:port][/db]            one server
//	rediss://…[?ca_file=FILE]                             the same by TLS, with the system's roots or those of a PEM file
//	redis-sentinel://[[user]:password@]host[:port],…/master[?db=0&tls=true&sentinel_user=…&sentinel_password=…]
//	two and more redis:// or rediss://                    nodes of a Cluster, with the same user and password
//	one with ?cluster=true                                a Cluster by one node
//
// User and password of a redis-sentinel address are those of the Redis servers;
// the Sentinels' own stand behind. In them %, /, ?, # and @ are written %25, %2F …
func ParseAddress(texts []string) (Address, error) {
	if len(texts) == 0 {
		return Address{}, fmt.Errorf("%w: none is given (%s)", ErrAddress, addressForm)
	}
	if len(texts) > maxNodes {
		return Address{}, fmt.Errorf("%w: %d addresses, at most %d make a Cluster", ErrAddress, len(texts), maxNodes)
	}
	var all []Address
	for i, text := range texts {
		a, cluster, err := parseOne(text)
		if err != nil && len(texts) > 1 {
			return Address{}, fmt.Errorf("address %d of %d: %w", i+1, len(texts), err)
		}
		if err != nil {
			return Address{}, err
		}
		if cluster || len(texts) > 1 {
			if a.Master != "" {
				return Address{}, fmt.Errorf("%w: address %d of %d names Sentinels; a list is a Cluster, and all Sentinels stand in one address", ErrAddress, i+1, len(texts))
			}
			if a.DB != 0 {
				return Address{}, fmt.Errorf("%w: address %d of %d names database %d; a Cluster has only 0", ErrAddress, i+1, len(texts), a.DB)
			}
			a.Nodes, a.Addr = []string{a.Addr}, ""
		}
		all = append(all, a)
	}
	a := all[0]
	for i, b := range all[1:] {
		if a.Username != b.Username || a.Password != b.Password || (a.TLS == nil) != (b.TLS == nil) {
			return Address{}, fmt.Errorf("%w: address %d has another user, password or scheme than the first; the nodes of a Cluster share them", ErrAddress, i+2)
		}
		if slices.Contains(a.Nodes, b.Nodes[0]) {
			return Address{}, fmt.Errorf("%w: address %d is given twice", ErrAddress, i+2)
		}
		a.Nodes = append(a.Nodes, b.Nodes[0])
	}
	return a, nil
}

// parseOne reads one address; cluster is true when it says that it is one.
// Errors never come from net/url, which repeats what it could not read.
func parseOne(text string) (a Address, cluster bool, err error) {
	bad := func(format string, args ...any) (Address, bool, error) {
		return Address{}, false, fmt.Errorf("%w: %s", ErrAddress, fmt.Sprintf(format, args...))
	}
	if len(text) > maxAddress {
		return bad("%d bytes long, at most %d", len(text), maxAddress)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xfffd }) {
		return bad("holds white space or control characters")
	}
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if !ok || !slices.Contains([]string{"redis", "rediss", "redis-sentinel"}, scheme) {
		return bad("%s", addressForm)
	}
	// The user ends at the last @ of all, so that no half of a password is taken
	// for something that may be named.
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if a.Username, a.Password, ok = user(rest[:i]); !ok {
			return bad("user or password holds one of @ / ? # %% ; write it %%40 %%2F %%3F %%23 %%25")
		}
		rest = rest[i+1:]
	}
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(rest, "/")
	values, err := url.ParseQuery(query)
	if err != nil || fragment != "" {
		return bad("what follows ? cannot be read")
	}
	option := func(key string) string {
		v := values.Get(key)
		values.Del(key)
		return v
	}

	port := redisPort
	if scheme == "redis-sentinel" {
		port = sentinels
	}
	for host := range strings.SplitSeq(hosts, ",") {
		h, err := hostPort(host, port)
		if err != nil {
			return bad("%v", err)
		}
		a.Nodes = append(a.Nodes, h)
	}
	db := option("db")
	if scheme == "redis-sentinel" {
		master, err := url.PathUnescape(path)
		if a.Master = master; err != nil || master == "" || len(master) > MaxName || strings.Contains(master, "/") {
			return bad("the name of the master is missing: redis-sentinel://HOST:PORT,HOST:PORT/MASTER")
		}
		a.SentinelUsername, a.SentinelPassword = option("sentinel_user"), option("sentinel_password")
	} else {
		if len(a.Nodes) != 1 {
			return bad("names %d hosts; the nodes of a Cluster are a list of addresses", len(a.Nodes))
		}
		a.Addr, a.Nodes = a.Nodes[0], nil
		if path != "" && db != "" {
			return bad("names its database twice")
		}
		db += path
		switch option("cluster") {
		case "":
		case "true":
			cluster = true
		default:
			return bad("cluster= can only be true")
		}
	}
	if db != "" {
		if a.DB, err = strconv.Atoi(db); err != nil || a.DB < 0 || a.DB > maxDB {
			return bad("the database must be a number from 0")
		}
	}
	if scheme == "rediss" || scheme == "redis-sentinel" && option("tls") == "true" {
		a.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if file := option("ca_file"); file != "" {
			if a.TLS.RootCAs, err = roots(file); err != nil {
				return Address{}, false, err
			}
		}
	}
	for key := range values { // any: the first one is enough
		return bad("option %.40q is not known here", key)
	}
	return a, cluster, nil
}

// user takes "user:password", "user" and ":password" apart.
func user(text string) (name, password string, ok bool) {
	if strings.ContainsAny(text, "@/?#") {
		return "", "", false
	}
	name, password, _ = strings.Cut(text, ":")
	name, err := url.PathUnescape(name)
	if err != nil {
		return "", "", false
	}
	password, err = url.PathUnescape(password)
	return name, password, err == nil
}

// hostPort completes HOST, HOST:PORT, [IPV6] and [IPV6]:PORT.
func hostPort(text, port string) (string, error) {
	host := text
	if h, p, err := net.SplitHostPort(text); err == nil {
		host, port = h, p
	} else if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		host = text[1 : len(text)-1]
	} else if strings.Contains(text, ":") {
		return "", fmt.Errorf("%.80q is no HOST:PORT", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("port of %.80q must be a number from 1 to 65535", text)
	}
	if _, err := netip.ParseAddr(host); err != nil && !isName(host) {
		return "", fmt.Errorf("host %.80q is neither a name nor an address", host)
	}
	return net.JoinHostPort(strings.ToLower(host), port), nil
}

// isName is generous: people write underscores into the names of containers.
func isName(host string) bool {
	return host != "" && len(host) <= 253 && !strings.ContainsFunc(host, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_')
	})
}

// roots reads the certificates that a server's own must lead to.
func roots(file string) (*x509.CertPool, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%w: ca_file: %w", ErrAddress, err)
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxCAFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: ca_file: %w", ErrAddress, err)
	}
	pool := x509.NewCertPool()
	if len(pem) > maxCAFile || !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%w: ca_file %s holds no certificate in PEM", ErrAddress, file)
	}
	return pool, nil
}
