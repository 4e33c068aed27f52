package forum

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/PuerkitoBio/goquery"

	"resumewatch/internal/market"
)

// Page is one fetched page, parsed.
type Page struct {
	URL    *url.URL // after redirects
	Status int
	Header http.Header
	Doc    *goquery.Document
	Raw    []byte // UTF-8
	At     time.Time
	Zone   *time.Location // zone of the site's times; nil: what the page says, else Asia/Shanghai
}

// ErrNoPage says that a page without address or document was given to an engine.
var ErrNoPage = errors.New("forum: a page needs an address and a parsed document")

// Parse makes a page of UTF-8 bytes. A document that the HTML parser refuses
// (nested too deep) is an error that wraps the parser's.
func Parse(at *url.URL, status int, header http.Header, raw []byte, when time.Time, zone *time.Location) (Page, error) {
	if at == nil {
		return Page{}, ErrNoPage
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(raw))
	if err != nil {
		return Page{}, fmt.Errorf("forum: parse %s: %w", at, err)
	}
	doc.Url = at
	return Page{URL: at, Status: status, Header: header, Doc: doc, Raw: raw, At: when, Zone: zone}, nil
}

// Kind is what a page is.
type Kind string

// Kinds of page.
const (
	KindIndex     Kind = "index"     // all boards of a forum
	KindBoard     Kind = "board"     // one page of a board's list of threads
	KindThread    Kind = "thread"    // one page of a thread
	KindMessage   Kind = "message"   // the engine says why it shows nothing else
	KindChallenge Kind = "challenge" // a defence stands before the forum
	KindUnknown   Kind = "unknown"
)

// Board is one board of a forum.
type Board struct{ ID, Title, URL string }

// Precisions of a time.
const (
	PrecisionSecond = "second"
	PrecisionMinute = "minute"
	PrecisionHour   = "hour"
	PrecisionDay    = "day"
)

// Thread is one row of a list, or the thread that a page belongs to.
type Thread struct {
	ID, Title, Author, AuthorID, URL string
	CreatedAt, LastPostAt            time.Time // zero when unknown
	Precision                        string    // of LastPostAt
	Replies, Views                   int       // -1 when the page doesn't say
	Sticky, Moved, Locked            bool
}

// Reading is what an engine makes of a page.
type Reading struct {
	Engine  string
	Kind    Kind
	Outcome market.Outcome // "": read normally; gone, login_wall, blocked, unreadable
	Detail  string         // why, in a closed set of words: see the Detail constants
	Board   Board
	Thread  Thread
	Boards  []Board
	Threads []Thread
	Posts   []market.Post

	PageNo, LastPage int      // from 1; the page that was served, which needn't be the one asked for
	Next             string   // absolute address of the next page, ""
	Canonical        string   // key of the served page: noise parameters dropped, one spelling
	Problems         []string // parts that could not be read
}

// Details of an outcome. The set is closed.
const (
	DetailChallengeJS       = "challenge_js"        // a script must run before the page shows
	DetailChallengeReload   = "challenge_reload"    // the page wants its cookie back: an ordinary reload
	DetailChallengeQuestion = "challenge_question"  // a sum or a question
	DetailChallengeCaptcha  = "challenge_captcha"   // a picture or slider
	DetailTooFast           = "too_fast"            // the site says that we ask too often
	DetailProxyRefused      = "proxy_refused"       // the site refuses proxies
	DetailFirewall          = "firewall"            // refused by address or pattern
	DetailDeletedOrReviewed = "deleted_or_reviewed" // deleted, under review or never there: the site doesn't say which
	DetailNoBoard           = "no_board"            // the board doesn't exist
	DetailNotFound          = "not_found"           // 404 without a reason
	DetailLoginFirst        = "login_first"         // guests must log in
	DetailNoPermission      = "no_permission"       // this group of users may not
	DetailReadAccess        = "read_access"         // the post wants a higher reading right
	DetailConditions        = "conditions"          // medals, credits or payment are wanted
	DetailPassword          = "password"            // the board has a password
	DetailSiteClosed        = "site_closed"         // the whole site is closed
	DetailSiteError         = "site_error"          // the engine or its database failed
	DetailTouch             = "touch_template"      // the mobile page, which has no absolute times
	DetailTooDeep           = "too_large_document"  // more nodes or levels than we walk
	DetailUnknownMessage    = "unknown_message"     // a message page with words that we don't know
	DetailUnknownPage       = "unknown_page"        // nothing that this engine knows
)

// Engine reads pages of one forum software. Implementations are stateless and
// safe for concurrent use.
type Engine interface {
	// Name is the kind of source as the configuration spells it.
	Name() string
	// Detect is how likely the page comes from this engine, 0 to 1.
	Detect(Page) float64
	// Read reads the page. The error is ErrNoPage and nothing else: all that a
	// site does is in the reading.
	Read(Page) (Reading, error)
	// Canonical is the key of an address: one spelling, without parameters
	// that don't change what is shown. Addresses of other things come back
	// without fragment.
	Canonical(*url.URL) string
}

// Engines lists every engine.
func Engines() []Engine { return []Engine{Discuz{}, Machina{}} }

// ByName finds an engine by its name.
func ByName(name string) (Engine, bool) {
	for _, e := range Engines() {
		if e.Name() == name {
			return e, true
		}
	}
	return nil, false
}

// Detect finds the engine that most likely made the page, and how likely that
// is. Below 0.5 the page should be taken as of no known engine; the engine is
// nil when none claims it at all.
func Detect(p Page) (Engine, float64) {
	var best Engine
	var sure float64
	for _, e := range Engines() {
		if s := e.Detect(p); s > sure {
			best, sure = e, s
		}
	}
	return best, sure
}
