package console

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"resumewatch/internal/queue"
	"resumewatch/internal/search"
)

// Rooms are the parts that the pages look into.
type Rooms struct {
	Searcher search.Searcher
	// Queue looks into the queue, at no more than so many tasks of each state (Asynq.Look);
	// nil: the page tells of the casebook alone.
	Queue func(ctx context.Context, tasks int) (queue.View, error)
	// Originals opens sealed captures; nil: nobody sees anything unmasked.
	Originals Originals
	// Doubts opens the posts that wait for a reviewer; nil: nobody reviews here.
	Doubts Doubts
	// LogKey is the public key of the custody log; nil or "": no receipts are handed out.
	LogKey func() (string, error)
}

// pages registers every page of the console.
func (c *Console) pages() {
	c.page("GET /{$}", permRead, c.searchPage)
	c.page("GET /offers/{id}", permRead, c.offerPage)
	c.page("GET /alerts", permRead, c.alertsPage)
	c.page("GET /alerts/{id}", permRead, c.alertPage)
	c.page("GET /sellers/{id}", permRead, c.sellerPage)
	c.page("GET /sources", permRead, c.sourcesPage)
	c.page("GET /sources/{name}", permRead, c.sourcePage)
	c.page("GET /queue", permRead, newQueueRoom(c).page)
	c.page("GET /cases", permCases, c.casesPage)
	c.page("GET /cases/{id}", permCases, c.casePage)
	c.page("GET /captures/{digest}", permRead, c.capturePage)
	c.page("GET /captures/{digest}/receipt", permRead, c.receipt)
	if c.Doubts != nil {
		c.page("GET /review", permReview, c.reviewPage)
		c.page("POST /review/{id}", permReview, c.review)
	}
	if c.Originals != nil {
		c.page("GET /unmask", permUnmask, c.unmaskPage)
		c.page("POST /unmask", permUnmask, c.unmask)
		c.page("POST /unmask/{id}", permApprove, c.approveUnmask)
		c.page("GET /offers/{id}/numbers", permNumbers, c.numbersPage)
		c.page("POST /offers/{id}/numbers", permNumbers, c.numbers)
	}
}

// Patience with one page.
const pageTime = 20 * time.Second

// leaf is a number of a page in an address, from 1; anything else is page 1.
func leaf(r *http.Request) int {
	n, err := strconv.Atoi(r.FormValue("page"))
	if err != nil || n < 1 || n > 100_000 {
		return 1
	}
	return n
}
