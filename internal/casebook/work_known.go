package casebook

import "context"

// DoneChunks tells which of the chunks were read to their end already: nobody
// needs their bytes again.
func (b *Book) DoneChunks(ctx context.Context, ids []string) (map[string]bool, error) {
	done := map[string]bool{}
	err := b.read(ctx, "chunks that are done", func(t *tx) error {
		clear(done)
		return inLots(ids, func(ids []string) error {
			return t.rows(func(scan func(...any) error) error {
				var id string
				err := scan(&id)
				done[id] = true
				return err
			}, `SELECT id FROM work WHERE state = 'done' AND id IN (`+marks(len(ids))+`)`, anys(ids)...)
		})
	})
	return done, err
}

// OpenChunk reports whether a chunk waits or is being read.
func (b *Book) OpenChunk(ctx context.Context, id string) (open bool, err error) {
	err = b.read(ctx, "open chunk", func(t *tx) error {
		var n int
		err := t.row(`SELECT count(*) FROM work WHERE id = ? AND state IN ('pending', 'leased')`, id).Scan(&n)
		open = n > 0
		return err
	})
	return open, err
}
