package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Scaled reports whether Redis, PostgreSQL and Elasticsearch are used; Load sees
// to it that it is all of them or none.
func (c *Config) Scaled() bool { return len(c.Queue.Redis) > 0 }

// Prefixes are the networks of the trusted proxies.
func (c Console) Prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range c.TrustedProxies {
		if p, err := parsePrefix(s); err == nil { // checked by Load
			out = append(out, p)
		}
	}
	return out
}

// engine is one of the three programs that go together.
type engine struct {
	key     string
	name    string
	given   []string
	schemes []string
}

func (c *Config) engines() []engine {
	e := []engine{
		{"queue.redis", "Redis", c.Queue.Redis, []string{"redis", "rediss", "redis-sentinel"}},
		{"casebook.dsn", "PostgreSQL", nil, []string{"postgres", "postgresql"}},
		{"index.elasticsearch", "Elasticsearch", c.Index.Elasticsearch, []string{"https", "http"}},
	}
	if c.Casebook.DSN != "" {
		e[1].given = []string{c.Casebook.DSN}
	}
	return e
}

// checkEngines looks at the addresses of the engines: all or none, and each such
// as its client takes it.
func (d *decoder) checkEngines(c *Config) {
	engines := c.engines()
	first := slices.IndexFunc(engines, func(e engine) bool { return len(e.given) > 0 })
	for _, e := range engines {
		if len(e.given) == 0 && first >= 0 && !d.failed(e.key) {
			d.missing(e, engines[first])
		}
		schemes := strings.Join(e.schemes, "://, ") + "://"
		for i, text := range e.given {
			key := e.key
			if e.key != "casebook.dsn" {
				key = fmt.Sprintf("%s[%d]", e.key, i)
			}
			a, ok := cutAddress(text)
			switch {
			case !ok || !slices.Contains(e.schemes, a.scheme):
				d.failAt(key, "must be an address that begins with one of %s", schemes)
			case strings.Contains(a.hosts, ",") && (e.name == "Elasticsearch" || a.scheme == "redis" || a.scheme == "rediss"):
				d.failAt(key, "names several hosts; write a list of addresses")
			case a.scheme == "redis-sentinel" && len(e.given) > 1:
				d.failAt(key, "stands in a list, which is a cluster; name all sentinels in one address: redis-sentinel://HOST:PORT,HOST:PORT/MASTER")
			case e.name == "PostgreSQL" && a.hosts == "" && strings.Contains(a.rest, "host="):
				// A socket's folder is given as ?host=/run/postgresql.
			default:
				if err := a.check(); err != nil {
					d.failAt(key, "%s", err)
				}
			}
		}
	}
}

// missing says which of the three is not there, at the line of one that is.
func (d *decoder) missing(e, set engine) {
	at := fmt.Sprintf("line %d", d.lines[set.key])
	if name, ok := d.vars[set.key]; ok {
		at = name
	}
	message := fmt.Sprintf("is empty, but %s is set (%s): Redis, PostgreSQL and Elasticsearch are used all three or not at all", set.key, at)
	switch line, ok := d.lines[e.key]; {
	case ok:
		d.fail(line, e.key, "%s", message)
	case d.vars[set.key] != "":
		d.errs = append(d.errs, &Error{File: d.vars[set.key], Key: e.key, Message: message})
	default:
		d.fail(d.lines[set.key], e.key, "%s", message)
	}
}

// indexName is what Elasticsearch takes as a name, and what stays a good one with
// -2026-01 behind it.
var indexName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// checkListeners looks at the console, the health address and the index's name.
func (d *decoder) checkListeners(c *Config) {
	if !indexName.MatchString(c.Index.Name) && !d.failed("index.name") {
		d.failAt("index.name", "must begin with a small letter or digit and hold only those, dots, - and _ (100 at most)")
	}
	for key, listen := range map[string]string{"console.listen": c.Console.Listen, "health.listen": c.Health.Listen} {
		if listen != "" && !d.failed(key) {
			if err := checkListen(listen); err != nil {
				d.failAt(key, "%s", err)
			}
		}
	}
	if c.Console.Listen != "" && c.Console.Listen == c.Health.Listen && !strings.HasSuffix(c.Health.Listen, ":0") {
		d.failAt("health.listen", "is the address of console.listen; take another port")
	}
	if c.Console.PublicURL != "" {
		if err := checkPublic(c.Console.PublicURL); err != nil {
			d.failAt("console.public_url", "%s", err)
		}
	}
	for i, s := range c.Console.TrustedProxies {
		if _, err := parsePrefix(s); err != nil {
			d.failAt(fmt.Sprintf("console.trusted_proxies[%d]", i), "%s", err)
		}
	}
}

// checkListen takes HOST:PORT, :PORT for all addresses, and port 0 for a free one.
func checkListen(s string) error {
	host, port, found := strings.Cut(s, ":")
	if i := strings.LastIndexByte(s, ':'); found {
		host, port = s[:i], s[i+1:]
	}
	if host == "" {
		host = "0.0.0.0"
	}
	if port == "0" {
		port = "1"
	}
	if checkHostPort(host+":"+port) != nil {
		return fmt.Errorf("must be HOST:PORT such as 127.0.0.1:8686, is %q", brief(s))
	}
	return nil
}

func checkPublic(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("must be an address that begins with https:// or http://, is %q", brief(s))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return fmt.Errorf("must be scheme and host alone, such as https://watch.example.com, is %q", brief(s))
	}
	return nil
}

// parsePrefix takes 10.0.0.0/8 and a single address.
func parsePrefix(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		a, aerr := netip.ParseAddr(s)
		if aerr != nil {
			return netip.Prefix{}, fmt.Errorf("must be a network such as 10.0.0.0/8, is %q", brief(s))
		}
		return netip.PrefixFrom(a.Unmap().WithZone(""), a.Unmap().BitLen()), nil
	}
	if p.Bits() == 0 {
		return netip.Prefix{}, fmt.Errorf("would trust everybody; name the proxy's network")
	}
	return p.Masked(), nil
}

// Warnings are risks that are taken by what is configured, one sentence each: passwords that
// cross a network in the clear. No mistakes, since a network may be private.
func (c *Config) Warnings() []string {
	var out []string
	for _, e := range c.engines() {
		for _, text := range e.given {
			a, ok := cutAddress(text)
			if !ok || !a.away() {
				continue
			}
			credentials := a.user != "" || e.name == "Elasticsearch" && c.Index.APIKeyFile != ""
			clear := slices.Contains([]string{"http", "redis", "redis-sentinel"}, a.scheme)
			how := "use https://"
			switch e.name {
			case "Redis":
				how = "use rediss://"
			case "PostgreSQL":
				clear, how = !verifies(a.rest), "add sslmode=verify-full"
			}
			if credentials && clear {
				out = append(out, fmt.Sprintf("%s: the password crosses the network to %s in the clear, or to whoever answers there; %s unless that network is private", e.key, a.hosts, how))
			}
		}
	}
	if a, ok := cutAddress(c.Evidence.S3.Endpoint); ok && c.Evidence.URL != "" && a.scheme == "http" && a.away() {
		out = append(out, fmt.Sprintf("evidence.s3.endpoint: whoever stands between here and %s can read the list of captures and drop or change what is sent; use https:// unless that network is private", a.hosts))
	}
	return out
}

// verifies reports whether PostgreSQL's certificate is checked.
func verifies(rest string) bool {
	_, query, _ := strings.Cut(rest, "?")
	v, err := url.ParseQuery(query)
	return err == nil && strings.HasPrefix(v.Get("sslmode"), "verify-")
}
