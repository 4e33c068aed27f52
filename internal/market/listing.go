package market

import (
	"encoding/json"
	"slices"
	"strings"
)

// The words of a listing document. Their JSON spelling is frozen.
const (
	SideSell = "sell"
	SideBuy  = "buy"

	GoodsResumeData          = "resume_data"
	GoodsDownloadService     = "download_service"
	GoodsRecruiterAccount    = "recruiter_account"
	GoodsAccountRegistration = "account_registration"
	GoodsScrapingTool        = "scraping_tool"

	GradeFirstHand  = "first_hand"
	GradeSecondHand = "second_hand"

	PerItem             = "item"
	PerThousandItems    = "thousand_items"
	PerTenThousandItems = "ten_thousand_items"
	PerAccount          = "account"
	PerDay              = "day"
	PerWeek             = "week"
	PerMonth            = "month"
	PerYear             = "year"
	PerSet              = "set"
	PerLot              = "lot"
	PerUnknown          = "unknown"

	CurrencyCNY  = "CNY"
	CurrencyUSDT = "USDT"

	UnitItem    = "item"
	UnitAccount = "account"

	ContactQQ       = "qq"
	ContactQQGroup  = "qq_group"
	ContactWeChat   = "wechat"
	ContactPhone    = "phone"
	ContactTelegram = "telegram"
	ContactEmail    = "email"
	ContactURL      = "url"
)

// Goods are all kinds of goods, in the order of the guide.
var Goods = []string{GoodsResumeData, GoodsDownloadService, GoodsRecruiterAccount, GoodsAccountRegistration, GoodsScrapingTool}

// Listing is what one message offers or seeks. A message that is no listing
// has Listing false, Side "" and every list empty.
type Listing struct {
	Listing   bool      `json:"listing"`
	Side      string    `json:"side"`
	Goods     []string  `json:"goods"`     // sorted, without repeats
	Platforms []string  `json:"platforms"` // sorted, without repeats
	Grades    []string  `json:"grades"`    // sorted, without repeats
	Prices    []Price   `json:"prices"`    // in order of first mention
	Stock     []Stock   `json:"stock"`     // in order of first mention
	Contacts  []Contact `json:"contacts"`  // in order of first mention
	Sample    *Sample   `json:"sample"`    // nil: no records are shown
}

// Price is one sum that the author asks or bids.
type Price struct {
	Amount      string `json:"amount"`     // decimal, main unit of the currency, no trailing zeros
	AmountMax   string `json:"amount_max"` // upper end of a range, else ""
	Currency    string `json:"currency"`
	Per         string `json:"per"`
	MinQuantity int64  `json:"min_quantity"` // 0: none said
}

// Stock is how much the author says to have or to want.
type Stock struct {
	Quantity int64  `json:"quantity"`
	Unit     string `json:"unit"`
}

// Contact is a way to reach the author, its value normalised.
type Contact struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Key is the contact as one string, "kind:value".
func (c Contact) Key() string { return c.Kind + ":" + c.Value }

// Strong reports whether the contact can tie listings of one seller together.
// Groups and addresses are shared by many and can't.
func (c Contact) Strong() bool {
	return c.Kind != ContactQQGroup && c.Kind != ContactURL
}

// Sample says that personal records are shown as proof of the goods. It never
// holds their values.
type Sample struct {
	Records int      `json:"records"`
	Fields  []string `json:"fields"` // sorted, without repeats
}

// Span ties a field of the document to the bytes of the text that it was read from.
type Span struct {
	Field string `json:"field"` // JSON pointer, "/prices/0"
	Start int    `json:"start"` // byte offset into the given text
	End   int    `json:"end"`   // exclusive
}

// Reason is one piece of evidence for or against, in a closed set of codes and
// in words for an analyst.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Reading is what the extractor makes of one text.
type Reading struct {
	Listing
	Confidence float64  `json:"confidence"` // probability that the text is a listing, 0 to 1
	Doubt      bool     `json:"doubt,omitempty"`
	Reasons    []Reason `json:"reasons"`
	Spans      []Span   `json:"spans"`
	// Masks are the byte ranges that hold other people's personal values
	// (records of a sample). They never leave the process.
	Masks []Span `json:"-"`
	// People are single values of those records that have no form of their own
	// (names, resume numbers). They never leave the process either.
	People []PersonValue `json:"-"`
}

// Normalize sorts the word lists, drops repeats and makes every list non-nil,
// so that equal readings have equal JSON.
func (l *Listing) Normalize() {
	l.Goods = words(l.Goods)
	l.Platforms = words(l.Platforms)
	l.Grades = words(l.Grades)
	l.Prices = distinct(l.Prices)
	l.Stock = distinct(l.Stock)
	l.Contacts = distinct(l.Contacts)
	if l.Sample != nil {
		l.Sample.Fields = words(l.Sample.Fields)
	}
}

// Normalize does what Listing.Normalize does and makes reasons and spans non-nil.
func (r *Reading) Normalize() {
	r.Listing.Normalize()
	if r.Reasons == nil {
		r.Reasons = []Reason{}
	}
	if r.Spans == nil {
		r.Spans = []Span{}
	}
}

func words(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	out = slices.Compact(out)
	if out == nil {
		out = []string{}
	}
	return out
}

func distinct[T comparable](in []T) []T {
	out := make([]T, 0, len(in))
	for _, v := range in {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// JSON is the document as stored: normalised, keys in the order of the guide.
func (l Listing) JSON() string {
	l.Normalize()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		panic("market: a listing is always encodable: " + err.Error()) // no maps, channels or floats inside
	}
	return strings.TrimSuffix(b.String(), "\n")
}
