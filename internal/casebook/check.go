package casebook

import (
	"context"
	"fmt"
)

// Check has the engine look through the whole book for damage.
func (b *Book) Check(ctx context.Context) error {
	return b.read(ctx, "check", func(t *tx) error {
		var verdict string
		if err := t.row(`PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return fmt.Errorf("damaged: %s", verdict)
		}
		return nil
	})
}
