package market

import "time"

// Severities, from the least to the gravest.
const (
	SeverityLow      = "low"
	SeverityMedium   = "medium"
	SeverityHigh     = "high"
	SeverityCritical = "critical"
)

// SeverityRank orders severities: a higher number is graver, 0 is no severity.
func SeverityRank(severity string) int {
	switch severity {
	case SeverityLow:
		return 1
	case SeverityMedium:
		return 2
	case SeverityHigh:
		return 3
	case SeverityCritical:
		return 4
	}
	return 0
}

// States of an alert.
const (
	AlertNew       = "new"
	AlertTriaged   = "triaged"
	AlertConfirmed = "confirmed"
	AlertActioned  = "actioned"
	AlertClosed    = "closed"
	AlertDismissed = "dismissed"
)

// Kinds of alert.
const (
	AlertMarket = "market" // about an offer
	AlertHealth = "health" // about a source
)

// Alert is an offer that a rule picked out.
type Alert struct {
	ID        string    `json:"id"` // "A-12"
	Kind      string    `json:"kind"`
	Severity  string    `json:"severity"`
	State     string    `json:"state"`
	Title     string    `json:"title"`
	Reasons   []Reason  `json:"reasons"`
	OfferID   string    `json:"offer_id"`
	SellerID  string    `json:"seller_id"`
	Rule      string    `json:"rule"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Sightings int       `json:"sightings"`
	Sources   []string  `json:"sources"`
	Contacts  []Contact `json:"contacts"`
	Assignee  string    `json:"assignee"`
}

// States of a post's text at its place.
const (
	PostThere        = "there"
	PostChanged      = "changed"
	PostGone         = "gone"
	PostVerifiedGone = "verified_gone"
	PostUnknown      = "unknown"
)
