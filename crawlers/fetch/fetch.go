// Package fetch asks hosts for pages, politely and safely: one slot of the
// host's shared budget for every request that goes out (robots.txt and
// redirects too), robots.txt on the path and query exactly as they are sent,
// an address guard in the dialer, caps on bytes and seconds, cookies per site,
// and our own reading of the character set. The exchange itself is colly's;
// what colly's defaults would get wrong for us is listed in collect.go.
//
// Whatever a host does is an outcome with a reason. Get fails with an error
// only when its context ends or when it is misused.
package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"resumewatch/internal/market"
)

// Token is the product token: robots.txt groups are matched by it, and it
// stands in the default User-Agent.
const Token = "resumewatch"

// DefaultUserAgent names the product. Discuz! sends agents that contain
// "android", "mot", "nec" and the like to its mobile pages and treats "bot",
// "crawl" and "spider" specially, so the text avoids these (research/forums.md §1.7).
const DefaultUserAgent = "Mozilla/5.0 (compatible; " + Token + "/1.0)"

// DefaultPatience is how long a request waits for a slot of its host's budget.
const DefaultPatience = 5 * time.Second

// Misuse and refusals that callers tell apart with errors.Is.
var (
	// ErrScheme: the address asked for has a scheme other than http or https.
	ErrScheme = errors.New("only http and https addresses can be fetched")
	// ErrURL: the address asked for is no usable address (no host, a password in it, too long).
	ErrURL = errors.New("not a usable address")
	// ErrRefused: the address leads to a place that must not be reached from
	// here (loopback, private, link-local, carrier NAT, multicast, mapped, …).
	// It stands in Result.Cause, never in the error of Get.
	ErrRefused = errors.New("address refused")
	// ErrRequest: another field of the Request or the Options is unusable.
	ErrRequest = errors.New("unusable request")
)

// Budget hands out the request slots of a host. It is shared by all workers.
type Budget interface {
	// Take asks for the next slot of the host at the given rate. ok: the slot is
	// ours once we have waited for slot.Wait, which is at most patience. Not ok:
	// nothing was taken, and the next slot is slot.Wait away.
	Take(ctx context.Context, host string, rate market.Rate, patience time.Duration) (slot market.Slot, ok bool, err error)
	// Confirm reports, when we have waited, whether a slot with a ticket is still
	// ours. Who hears no takes another.
	Confirm(ctx context.Context, host string, slot market.Slot) (bool, error)
}

// Resolver turns a host name into addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Limits bound what one Get may cost. A zero field takes its default.
type Limits struct {
	Body      int64         // bytes of a page after decompression; 10 MB
	Header    int64         // bytes of a response's head; 256 kB
	FirstByte time.Duration // from dialling to the end of the response's head, each hop; 30 s
	Total     time.Duration // on the network, all hops together, waits for slots not counted; 60 s
	Redirects int           // followed at most; 10
}

// DefaultLimits are the limits of the `crawl` command.
var DefaultLimits = Limits{Body: 10_000_000, Header: 256_000, FirstByte: 30 * time.Second, Total: 60 * time.Second, Redirects: 10}

// Options make a Fetcher. Budget is required; the rest has defaults.
type Options struct {
	Budget    Budget
	Robots    RobotsCache // nil: a bounded cache in memory
	Limits    Limits
	UserAgent string        // empty: DefaultUserAgent
	Patience  time.Duration // for each slot; 0: DefaultPatience
	Now       func() time.Time
	// Wait sleeps until a slot has come; nil: a timer. Tests and simulations replace it.
	Wait     func(ctx context.Context, d time.Duration) error
	Resolver Resolver // nil: the system's
	// ResolverName says in the evidence who resolved; "" is "system".
	ResolverName string
	TLS          *tls.Config // nil: the system's roots, TLS 1.2 and up
}

// Request is one page to look at.
type Request struct {
	URL  string
	Rate market.Rate // of every host on the way. Zero is no budget, granted to hosts in AllowPrivate alone; others then get market.DefaultRate
	// AllowPrivate names, as "host:port" exactly as in the address, the places
	// behind the guard that may be reached all the same.
	AllowPrivate []string
	// IgnoreRobotsBy is who allowed that robots.txt is not asked for; empty: it holds.
	IgnoreRobotsBy string
	// ETag and LastModified are validators of the copy at hand, for a conditional
	// request to URL (not to where it may redirect).
	ETag, LastModified string
	// Cookies is the jar to use; nil: the fetcher's own jar named by Jar, kept in memory.
	Cookies http.CookieJar
	// Jar names the site whose cookies are kept together; empty: the host of URL.
	Jar string
}

// Verdicts of robots.txt in Result.Robots. A fetch that IgnoreRobotsBy let
// through says "ignored by NAME".
const (
	RobotsAllowed     = "allowed"
	RobotsDisallowed  = "disallowed"
	RobotsUnavailable = "unavailable" // could not be read: nothing may be fetched until it can
	robotsIgnored     = "ignored by "
)

// Result is what became of a Get.
type Result struct {
	// Outcome is "" when a page was received and is for a forum engine to judge,
	// or when NotBefore is set on the first hop and nothing was asked at all.
	// Otherwise: same (304), gone (404, 410, 451), login_wall (401), blocked (403,
	// 405, 418, 429, 468, 503, 521), moved (a redirect whose slot is too far away:
	// URL is where to go on), robots, too_large, unreadable, error. Answers keep
	// their body whatever their status, so that an engine may refine the outcome.
	Outcome market.Outcome
	Reason  string // one line for a person; "" with Outcome ""
	Cause   error  // why there is no page, for errors.Is(…, ErrRefused); nil when a response was received whole

	URL        string      // of the last answer, without fragment; with moved: of the next request
	Moved      []string    // addresses that redirected, in order; empty without redirects
	Status     int         // HTTP status of the last answer; 0 without one
	Header     http.Header // of the last answer, as received
	Body       []byte      // of the last answer: content-decoded, bytes as the site sent them
	UTF8       []byte      // Body as UTF-8 without U+0000; nil when it is no text
	Charset    string      // what Body was read as ("utf-8", "gb18030", "big5" …); "" when it is no text
	CharsetBy  string      // what decided: bom, content, meta, header, detected
	Replaced   int         // bytes or characters that were no text and became U+FFFD in UTF8
	At         time.Time   // when the head of the last answer was in
	RemoteAddr string      // "ip:port" that answered

	Robots     string        // a verdict above, of the last hop
	CrawlDelay time.Duration // that robots.txt of the last hop asks for; 0 none
	RetryAfter time.Duration // that the answer asks for; 0 none
	// NotBefore is set when a slot of the budget was further away than the
	// patience: come back then.
	NotBefore time.Time

	// Exchanges are the hops that were answered, in order, for the evidence.
	// Fetches of robots.txt are not among them.
	Exchanges []Exchange
}

// Exchange is one request and its response as they went over the wire.
type Exchange struct {
	URL        string
	At         time.Time // when the request was sent
	RemoteAddr string    // "ip:port"
	Status     int
	// RequestHead and ResponseHead run to the end of their empty line, byte for
	// byte. RequestHead holds cookies. ResponseHead may speak of chunked coding.
	RequestHead, ResponseHead []byte
	// Body is the entity as received: content-coded if the head says so, chunk framing removed.
	Body []byte
	// Truncated says why Body ends early, in the words of WARC-Truncated:
	// "length", "time", "disconnect"; "" when whole.
	Truncated string
	TLS       *tls.ConnectionState // of the connection that it went over; nil: plain
	Resolver  string               // Options.ResolverName; "" when the address named no host
	Resolved  []string             // the addresses that the host's name had, in the order of trying
	Robots    string               // the verdict on this address
}
