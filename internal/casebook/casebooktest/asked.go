package casebooktest

import (
	"encoding/json"
	"time"

	"resumewatch/internal/casebook"
)

// runAsked: what another run waits for is planned before what is merely due, in
// visits of its own, and fills the host's share of the queue first.
func runAsked(h *harness) {
	h.source("board", "https://bbs.example.com/")
	routine := h.run()
	h.request(routine, "board", "https://bbs.example.com/old-1", "https://bbs.example.com/old-2")
	h.now = h.now.Add(time.Minute)
	person := h.run()
	h.request(person, "board", "https://bbs.example.com/new-1", "https://bbs.example.com/new-2", "https://bbs.example.com/new-3")
	h.same("visits", 3, h.plan(routine, 2, 4))
	due, err := h.Due(h.ctx(), h.now, 10)
	h.must(err)
	asked := map[bool]int{}
	for _, w := range due {
		var p casebook.VisitPayload
		h.must(json.Unmarshal(w.Payload, &p))
		pages, err := h.BatchPages(h.ctx(), w.ID)
		h.must(err)
		for _, page := range pages {
			h.same("owed to "+page.URL, p.Asked, page.Run == person)
		}
		asked[p.Asked] += len(pages)
	}
	h.same("pages asked for, others", map[bool]int{true: 3, false: 1}, asked)
}
