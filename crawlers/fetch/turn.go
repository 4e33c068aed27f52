package fetch

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"resumewatch/internal/market"
)

// turn is the right to send one request to a host, now. A host that sees every
// request within an interval after its slot never sees more in any time than the
// budget and one; so a turn that comes to nothing for too long (a busy machine, a
// slow handshake) is given up and another one taken.
type turn struct {
	f    *Fetcher
	host string
	rate market.Rate
	at   time.Time // when the slot came
}

const (
	// fewest is how late a request may always be: below that clocks and schedulers
	// decide, and a turn would be given up for another just as late.
	fewest = 20 * time.Millisecond
	// mostTurns bounds how often a turn is given up in a row.
	mostTurns = 5
)

// turn is for a request to that address; delay is what robots.txt asks for.
func (v *visit) turn(u *url.URL, delay time.Duration) *turn {
	rate := v.req.Rate
	free := rate.Interval() <= 0 && v.allow[hostPort(u)] // its slots are now, but while it is left alone
	if rate.Interval() <= 0 && !free {
		rate = market.DefaultRate // a redirect must not carry "no budget" out of the house
	}
	if delay > rate.Interval() && !free {
		rate = market.Rate{Requests: 1, Per: delay}
	}
	return &turn{f: v.f, host: BudgetHost(u), rate: rate}
}

// take waits for a slot of the host's budget, or stops with when to come back.
func (t *turn) take(ctx context.Context) error {
	for range mostTurns {
		asked := t.f.now()
		slot, ok, err := t.f.o.Budget.Take(ctx, t.host, t.rate, t.f.patience)
		if err != nil {
			return fmt.Errorf("budget of %s: %w", t.host, err)
		}
		if !ok {
			return t.away(slot.Wait)
		}
		if slot.Wait > 0 {
			if err := t.f.wait(ctx, slot.Wait); err != nil {
				return err
			}
			if ok, err = t.f.o.Budget.Confirm(ctx, t.host, slot); err != nil {
				return fmt.Errorf("budget of %s: %w", t.host, err)
			}
		}
		t.at = asked.Add(slot.Wait)
		if ok && !t.late() {
			return ctx.Err()
		}
	}
	return t.away(t.rate.Interval())
}

// late reports whether the slot is too long ago to be used.
func (t *turn) late() bool {
	every := t.rate.Interval()
	return every > 0 && t.f.now().Sub(t.at) > max(every/2, fewest)
}

func (t *turn) away(wait time.Duration) *stop {
	return &stop{
		reason:    fmt.Sprintf("the budget of %s has no slot for another %s", t.host, wait.Round(time.Millisecond)),
		notBefore: t.f.now().Add(wait),
	}
}
