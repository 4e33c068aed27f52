package console

import (
	"slices"

	"resumewatch/internal/casebook"
)

// permission is one thing that a visitor may be allowed to do.
type permission string

const (
	permRead    permission = "read"    // listings, offers, sellers, alerts, sources, queue
	permCases   permission = "cases"   // cases and their holds
	permAudit   permission = "audit"   // who did what
	permPrefer  permission = "prefer"  // choose language and theme, sign out
	permAccount permission = "account" // change one's own password
	permMetrics permission = "metrics" // scrape /metrics
	permUnmask  permission = "unmask"  // see listings as they were posted
	permApprove permission = "approve" // let another see many of them
	permNumbers permission = "numbers" // see numbers of resumes
	permReview  permission = "review"  // decide what the extractor can't
)

// everyone holds what every role may do.
var everyone = []permission{permRead, permPrefer, permAccount, permMetrics}

// grants says what a role may do beyond everyone, of what there are pages for. A role
// that isn't here may do nothing.
var grants = map[string][]permission{
	casebook.RoleViewer:   {permCases},
	casebook.RoleAnalyst:  {permCases, permUnmask},
	casebook.RoleReviewer: {permCases, permUnmask, permApprove, permReview},
	casebook.RoleAdmin:    {permCases, permAudit, permUnmask, permApprove, permReview},
	casebook.RoleAuditor:  {permCases, permAudit},
	casebook.RolePlatform: {permNumbers},
}

// scopes says what a token of a scope lets its holder do, of what its user may.
var scopes = map[string][]permission{
	casebook.ScopeRead:    {permRead, permCases},
	casebook.ScopeMetrics: {permMetrics},
}

// visitor is who asks.
type visitor struct {
	Name, Role string
	Demo       bool // let in by --demo: there is no such user

	token    bool // by a token: no session, no form
	scopes   []string
	language language
	theme    string
}

// May reports whether the visitor is allowed to do something.
func (v visitor) May(p permission) bool {
	granted, known := grants[v.Role]
	if !known || (v.Demo && p == permAccount) {
		return false
	}
	if v.token && !slices.ContainsFunc(v.scopes, func(s string) bool { return slices.Contains(scopes[s], p) }) {
		return false
	}
	if p == permMetrics && !v.token {
		return false
	}
	return slices.Contains(everyone, p) || slices.Contains(granted, p)
}

// SignedIn reports whether there is a visitor.
func (v visitor) SignedIn() bool { return v.Role != "" }
