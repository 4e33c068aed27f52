package console

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
)

// auditPerPage is how many entries of the audit log a page shows.
const auditPerPage = 100

// auditView is what the audit page shows: one of two logs.
type auditView struct {
	Custody bool // the custody log
	Entries []auditLine
	Events  []eventLine
	Older   int64 // id that the next page begins before; 0 none
	Newest  bool  // this is the first page
}

type auditLine struct {
	casebook.AuditEntry
	Action, Detail string // in words where there are some
}

func (c *Console) audit(v *visit) error {
	before, err := strconv.ParseInt(v.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	if v.URL.Query().Get("log") == "custody" {
		return c.custodyLog(v, before)
	}
	entries, err := c.Book.AuditLog(v.Context(), before, auditPerPage+1)
	if err != nil {
		return err
	}
	view := auditView{Newest: before == 0}
	if len(entries) > auditPerPage {
		entries = entries[:auditPerPage]
		view.Older = entries[auditPerPage-1].ID
	}
	for _, e := range entries {
		line := auditLine{AuditEntry: e, Action: e.Action, Detail: e.Detail}
		if text, ok := v.lang.find("audit." + e.Action); ok {
			line.Action = text
		}
		if text, ok := v.lang.find("audit.why." + e.Detail); ok {
			line.Detail = text
		}
		view.Entries = append(view.Entries, line)
	}
	return v.render(http.StatusOK, "audit.html", view)
}

// eventsPerPage is how many events of the custody log a page shows.
const eventsPerPage = 50

// eventLine is an event of the custody log.
type eventLine struct {
	casebook.LogEntry
	What   string // its kind in words
	Detail []pair // key and value
	Shown  []custody.Item
	More   int // captures that are not listed
}

// itemsShown is how many captures of an event are listed.
const itemsShown = 5

func (c *Console) custodyLog(v *visit, before int64) error {
	entries, err := c.Book.CustodyPage(v.Context(), before, eventsPerPage+1)
	if err != nil {
		return err
	}
	view := auditView{Custody: true, Newest: before == 0}
	if len(entries) > eventsPerPage {
		entries = entries[:eventsPerPage]
		view.Older = entries[eventsPerPage-1].ID
	}
	for _, e := range entries {
		line := eventLine{LogEntry: e, What: v.lang.word("event", string(e.Event.Kind)), Shown: e.Event.Captures}
		for _, k := range slices.Sorted(maps.Keys(e.Event.Detail)) {
			line.Detail = append(line.Detail, pair{k, e.Event.Detail[k]})
		}
		if line.More = len(line.Shown) - itemsShown; line.More > 0 {
			line.Shown = line.Shown[:itemsShown]
		}
		view.Events = append(view.Events, line)
	}
	return v.render(http.StatusOK, "audit.html", view)
}
