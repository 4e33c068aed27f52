package casebook

import (
	"context"

	"resumewatch/internal/market"
)

// AlertPage lists alerts as Alerts does, passing over skip of them.
func (b *Book) AlertPage(ctx context.Context, f AlertFilter, skip int) ([]market.Alert, error) {
	where, args := f.where()
	return b.alerts(ctx, where+alertOrder+` LIMIT ? OFFSET ?`, append(args, f.Limit, skip)...)
}

// AlertsOfOffer lists the alerts of an offer (by its present id), the gravest first.
func (b *Book) AlertsOfOffer(ctx context.Context, offer string) ([]market.Alert, error) {
	return b.alerts(ctx, ` WHERE alert.merged = 0 AND alert.offer_id = ?`+alertOrder, offer)
}

// AlertCount is how many alerts agree in these words.
type AlertCount struct {
	Kind, Severity, State string
	N                     int
}

// AlertCounts counts alerts by kind, severity and state.
func (b *Book) AlertCounts(ctx context.Context) ([]AlertCount, error) {
	out := []AlertCount{}
	err := b.read(ctx, "counts of alerts", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var c AlertCount
			err := scan(&c.Kind, &c.Severity, &c.State, &c.N)
			out = append(out, c)
			return err
		}, `SELECT kind, severity, state, count(*) FROM alert WHERE merged = 0 GROUP BY kind, severity, state ORDER BY kind, severity, state`)
	})
	return out, err
}
