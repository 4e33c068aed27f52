package casebook

import (
	"context"

	"resumewatch/internal/custody"
)

// CustodyEvents calls f for the events of a kind ("": every kind), oldest first, also
// those that wait for their number.
func (b *Book) CustodyEvents(ctx context.Context, kind custody.Kind, f func(custody.Event) error) error {
	after := int64(0)
	for {
		n := 0
		var found []custody.Event
		err := b.read(ctx, "custody events", func(t *tx) error {
			n, found = 0, nil
			return t.rows(func(scan func(...any) error) error {
				var text string
				if err := scan(&after, &text); err != nil {
					return err
				}
				n++
				e, err := custody.Decode(text)
				if err == nil && (kind == "" || e.Kind == kind) {
					found = append(found, e)
				}
				return err
			}, `SELECT id, event FROM custody_event WHERE id > ? ORDER BY id LIMIT ?`, after, lot)
		})
		if err != nil {
			return err
		}
		for _, e := range found {
			if err := f(e); err != nil {
				return err
			}
		}
		if n < lot {
			return nil
		}
	}
}
