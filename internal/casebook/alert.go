package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"resumewatch/internal/market"
)

// AlertID is the name of an alert: "A-12".
func AlertID(num int64) string { return fmt.Sprintf("A-%d", num) }

// SellerID is the name of a seller: "S-3"; "" for none.
func SellerID(num int64) string {
	if num == 0 {
		return ""
	}
	return fmt.Sprintf("S-%d", num)
}

// AlertEvent is one line of an alert's history.
type AlertEvent struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"` // "" for the program itself
	Action string    `json:"action"`
	Detail string    `json:"detail"`
}

func (t *tx) alertEvent(num int64, at time.Time, who, action, detail string) error {
	_, err := t.exec(`INSERT INTO alert_event (alert, at, who, action, detail) VALUES (?, ?, ?, ?, ?)`, num, millis(at), who, action, detail)
	return err
}

// AlertFilter picks alerts; empty fields pick all.
type AlertFilter struct {
	State, Severity, Kind string
	Limit                 int // 0: all
}

// where is the filter as SQL.
func (f AlertFilter) where() (string, []any) {
	where, args := []string{`alert.merged = 0`}, []any{}
	for _, c := range [][2]string{{"alert.state", f.State}, {"alert.severity", f.Severity}, {"alert.kind", f.Kind}} {
		if c[1] != "" {
			where, args = append(where, c[0]+` = ?`), append(args, c[1])
		}
	}
	return ` WHERE ` + strings.Join(where, ` AND `), args
}

const alertOrder = ` ORDER BY CASE alert.severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END DESC,
	coalesce(offer.last_seen, 0) DESC, alert.num`

// Alerts lists alerts: the gravest first, then the latest seen, then by number.
func (b *Book) Alerts(ctx context.Context, f AlertFilter) ([]market.Alert, error) {
	query, args := f.where()
	query += alertOrder
	if f.Limit > 0 {
		query, args = query+` LIMIT ?`, append(args, f.Limit)
	}
	return b.alerts(ctx, query, args...)
}

// Alert finds one alert; the number of one that became part of another finds that.
func (b *Book) Alert(ctx context.Context, num int64) (market.Alert, error) {
	current, err := b.currentAlert(ctx, num)
	if err != nil {
		return market.Alert{}, err
	}
	out, err := b.alerts(ctx, ` WHERE alert.num = ?`, current)
	if err != nil {
		return market.Alert{}, err
	}
	if len(out) == 0 {
		return market.Alert{}, fmt.Errorf("alert %s: %w", AlertID(num), ErrNotFound)
	}
	return out[0], nil
}

func (b *Book) currentAlert(ctx context.Context, num int64) (int64, error) {
	current := num
	err := b.read(ctx, "alert", func(t *tx) error {
		var merged int64
		err := t.row(`SELECT merged FROM alert WHERE num = ?`, num).Scan(&merged)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%s: %w", AlertID(num), ErrNotFound)
		}
		if merged != 0 {
			current = merged
		}
		return err
	})
	return current, err
}

func (b *Book) alerts(ctx context.Context, query string, args ...any) (out []market.Alert, err error) {
	err = b.read(ctx, "alerts", func(t *tx) error {
		out, err = t.alerts(query, args...)
		return err
	})
	return out, err
}

func (t *tx) alerts(query string, args ...any) ([]market.Alert, error) {
	out := []market.Alert{}
	err := t.rows(func(scan func(...any) error) error {
		var a market.Alert
		var num, seller, first, last int64
		var reasons string
		err := scan(&num, &a.Kind, &a.OfferID, &a.Rule, &a.Severity, &a.State, &a.Title, &reasons, &a.Assignee, &seller, &first, &last, &a.Sightings)
		if err != nil {
			return err
		}
		a.ID, a.SellerID, a.FirstSeen, a.LastSeen = AlertID(num), SellerID(seller), instant(first), instant(last)
		out = append(out, a)
		return parse(reasons, &out[len(out)-1].Reasons)
	}, `SELECT alert.num, alert.kind, alert.offer_id, alert.rule, alert.severity, alert.state, alert.title, alert.reasons, alert.assignee,
		coalesce(offer.seller_id, 0), coalesce(offer.first_seen, 0), coalesce(offer.last_seen, 0), coalesce(offer.sightings, 0)
		FROM alert LEFT JOIN offer ON offer.id = alert.offer_id`+query, args...)
	if err != nil {
		return nil, err
	}
	return out, t.alertPlaces(out)
}

// alertPlaces adds the sources and contacts of the offers' listings.
func (t *tx) alertPlaces(alerts []market.Alert) error {
	of := map[string][]*market.Alert{}
	for i := range alerts {
		a := &alerts[i]
		a.Sources, a.Contacts = []string{}, []market.Contact{}
		if a.OfferID != "" {
			of[a.OfferID] = append(of[a.OfferID], a)
		}
	}
	return inLots(slices.Sorted(maps.Keys(of)), func(offers []string) error {
		in, args := among(offers)
		if err := t.rows(func(scan func(...any) error) error {
			var offer, source string
			err := scan(&offer, &source)
			for _, a := range of[offer] {
				a.Sources = append(a.Sources, source)
			}
			return err
		}, `SELECT DISTINCT wording.offer_id, wording_source.source FROM wording JOIN wording_source ON wording_source.wording = wording.id
			WHERE wording.offer_id IN (`+in+`) ORDER BY wording_source.source`, args...); err != nil {
			return err
		}
		return t.rows(func(scan func(...any) error) error {
			var offer, doc string
			if err := scan(&offer, &doc); err != nil {
				return err
			}
			var l market.Listing
			if err := parse(doc, &l); err != nil {
				return err
			}
			for _, a := range of[offer] {
				for _, c := range l.Contacts {
					if !slices.Contains(a.Contacts, c) {
						a.Contacts = append(a.Contacts, c)
					}
				}
			}
			return nil
		}, `SELECT DISTINCT offer_id, doc FROM wording WHERE offer_id IN (`+in+`) ORDER BY doc`, args...)
	})
}

// AlertHistory lists what happened to an alert, oldest first.
func (b *Book) AlertHistory(ctx context.Context, num int64) ([]AlertEvent, error) {
	out := []AlertEvent{}
	err := b.read(ctx, "history of an alert", func(t *tx) error {
		out = out[:0]
		return t.rows(func(scan func(...any) error) error {
			var e AlertEvent
			var at int64
			err := scan(&at, &e.Who, &e.Action, &e.Detail)
			e.At = instant(at)
			out = append(out, e)
			return err
		}, `SELECT at, who, action, detail FROM alert_event WHERE alert = ? ORDER BY id`, num)
	})
	return out, err
}
