package market

import "time"

// Slot is the right to send one request to a host, Wait from when it was given.
type Slot struct {
	Wait time.Duration
	// Ticket, if any, is to be shown when the slot has come: the budget may have
	// been lost in between, or the host may have asked to be left alone.
	Ticket string
}
