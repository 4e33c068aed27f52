package casebook

import "context"

// Check has the engine look through the whole book for damage.
func (b *Book) Check(ctx context.Context) error {
	return b.read(ctx, "check", func(t *tx) error { return b.d.check(t) })
}
