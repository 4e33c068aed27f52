package query

import (
	"fmt"
	"time"
)

// Node is a part of a query: one of And, Or, Not, Phrase, Field, Number, Period,
// IDs and All. The set is closed.
type Node interface{ node() }

// And holds where all of its parts hold; it has at least two.
type And struct{ Nodes []Node }

// Or holds where one of its parts holds; it has at least two.
type Or struct{ Nodes []Node }

// Not holds where its part does not.
type Not struct{ Node Node }

// Phrase is a word or a quoted phrase: tokens that follow each other in the
// title or in the text. A word of several Han characters is several tokens.
type Phrase struct {
	Tokens []string // as Tokens cuts them; at least one
	// Prefix: the last token is a single Han character and holds for every token
	// that begins with it, however many there are.
	Prefix bool
	Text   string // as written, for messages
	Column int    // 1-based rune column of its start
}

// Field is a value that must be equal, such as platform:zhaopin. Values are
// normalised as NormalValue says.
type Field struct {
	Name   string
	Value  string
	Column int
}

// Number is a range of price or stock, its ends included; an open end is
// infinite. A price that is itself a range (2 to 5) is met where the two overlap.
type Number struct {
	Field    string // FieldPrice or FieldStock
	Min, Max float64
	Column   int
}

// Period is a range of the time of posting (of seeing, where that is unknown):
// From ≤ t < Before. A zero time is an open end.
type Period struct {
	From, Before time.Time
	Column       int
}

// IDs are the listings that the casebook named for an alert or a seller.
type IDs struct{ IDs []string } // sorted, without repeats; empty: holds nowhere

// All holds everywhere: the empty query.
type All struct{}

func (And) node()    {}
func (Or) node()     {}
func (Not) node()    {}
func (Phrase) node() {}
func (Field) node()  {}
func (Number) node() {}
func (Period) node() {}
func (IDs) node()    {}
func (All) node()    {}

// Names of fields. The casebook answers FieldSeller and FieldAlert; the index the others.
const (
	FieldSide     = "side"
	FieldGoods    = "goods"
	FieldPlatform = "platform"
	FieldGrade    = "grade"
	FieldSource   = "source"
	FieldPlace    = "place"
	FieldAuthor   = "author"
	FieldSeller   = "seller"
	FieldAlert    = "alert"
	FieldQQ       = "qq"
	FieldWeChat   = "wechat"
	FieldPhone    = "phone"
	FieldTelegram = "telegram"
	FieldEmail    = "email"
	FieldPrice    = "price"
	FieldStock    = "stock"
	FieldPosted   = "posted"
)

// Error is a mistake in a query.
type Error struct {
	Column  int // 1-based, in runes
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("query column %d: %s", e.Column, e.Message) }
