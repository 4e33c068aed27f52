// Package rules says which offers become alerts. Rules are data; to judge an
// offer by one is a pure function.
package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/market"
)

// Rule picks out offers.
type Rule struct {
	Name        string `json:"name" yaml:"name"`               // "listing.sells": lower-case words with points; never changes
	Title       string `json:"title" yaml:"title"`             // for people
	Description string `json:"description" yaml:"description"` // what it is for
	Match       Match  `json:"match" yaml:"match"`
	// Severity is the severity of its alerts; "" is judged by package severity.
	Severity string `json:"severity,omitempty" yaml:"severity,omitempty"`
}

// Match is what an offer must be: all that is said must hold, and of a list any
// one word. An empty Match takes every offer.
type Match struct {
	Side         string   `json:"side,omitempty" yaml:"side,omitempty"`
	Goods        []string `json:"goods,omitempty" yaml:"goods,omitempty"`
	Platforms    []string `json:"platforms,omitempty" yaml:"platforms,omitempty"`
	Contacts     []string `json:"contacts,omitempty" yaml:"contacts,omitempty"` // "qq:1000012345"
	Sources      []string `json:"sources,omitempty" yaml:"sources,omitempty"`   // names of sources
	MinStock     int64    `json:"min_stock,omitempty" yaml:"min_stock,omitempty"`
	MinSightings int      `json:"min_sightings,omitempty" yaml:"min_sightings,omitempty"`
}

// Offer is what a rule sees: what all listings of the offer say together.
type Offer struct {
	ID        string
	Side      string
	Goods     []string
	Platforms []string
	Prices    []market.Price
	Stock     []market.Stock
	Contacts  []market.Contact
	Sightings int
	Sources   []string
	FirstSeen time.Time
	LastSeen  time.Time
}

// Builtin are the rules that every installation has, by name.
func Builtin() []Rule {
	return []Rule{{
		Name:        "listing.sells",
		Title:       "出售简历数据或招聘账号",
		Description: "任何出售的信息。声称存量达到 10000 条，或单价乘以起售数量（整批按总价）达到 10000 元时为高，其余为中。",
		Match:       Match{Side: market.SideSell},
	}}
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// Validate says all that is wrong with a rule, each with its key.
func (r Rule) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("rule %.60q: %s: %s", r.Name, key, fmt.Sprintf(format, args...)))
	}
	if len(r.Name) > 60 || !nameForm.MatchString(r.Name) {
		bad("name", "want lower-case words with points between, at most 60 bytes, such as listing.sells")
	}
	if strings.TrimSpace(r.Title) == "" {
		bad("title", "is empty")
	}
	if r.Severity != "" && market.SeverityRank(r.Severity) == 0 {
		bad("severity", "%q is none of low, medium, high, critical", r.Severity)
	}
	if s := r.Match.Side; s != "" && s != market.SideSell && s != market.SideBuy {
		bad("match.side", "%q is neither sell nor buy", s)
	}
	for _, g := range r.Match.Goods {
		if _, ok := goodsName[g]; !ok {
			bad("match.goods", "%q is no goods", g)
		}
	}
	for _, p := range r.Match.Platforms {
		if _, ok := platformName[p]; !ok {
			bad("match.platforms", "%q is no platform", p)
		}
	}
	for _, c := range r.Match.Contacts {
		kind, value, ok := strings.Cut(c, ":")
		if !ok || value == "" || !slices.Contains(contactKinds, kind) {
			bad("match.contacts", "%q is no contact; write kind:value, such as qq:1000012345", c)
		}
	}
	if r.Match.MinStock < 0 {
		bad("match.min_stock", "%d is negative", r.Match.MinStock)
	}
	if r.Match.MinSightings < 0 {
		bad("match.min_sightings", "%d is negative", r.Match.MinSightings)
	}
	return errors.Join(errs...)
}

var contactKinds = []string{
	market.ContactQQ, market.ContactQQGroup, market.ContactWeChat, market.ContactPhone,
	market.ContactTelegram, market.ContactEmail, market.ContactURL,
}
