package console

import (
	"net/http"
	"strconv"

	"resumewatch/internal/casebook"
)

// auditPerPage is how many entries of the audit log a page shows.
const auditPerPage = 100

// auditView is what the audit page shows.
type auditView struct {
	Entries []auditLine
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
