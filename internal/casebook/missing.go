package casebook

import (
	"context"

	"resumewatch/internal/market"
)

// ThreadPosts gives the native ids of a thread's posts with a listing that were
// there when last looked at, by the post's id.
func (b *Book) ThreadPosts(ctx context.Context, thread string) (map[string]string, error) {
	out := map[string]string{}
	err := b.read(ctx, "posts of a thread", func(t *tx) error {
		clear(out)
		return t.rows(func(scan func(...any) error) error {
			var id, native string
			err := scan(&id, &native)
			out[id] = native
			return err
		}, `SELECT id, native_id FROM post WHERE thread = ? AND native_id <> '' AND state <> ?`, thread, market.PostGone)
	})
	return out, err
}

// gonePosts notes that posts are there no more.
func (t *tx) gonePosts(ids []string) error {
	return inLots(ids, func(ids []string) error {
		_, err := t.exec(`UPDATE post SET state = ? WHERE id IN (`+marks(len(ids))+`)`, append([]any{market.PostGone}, anys(ids)...)...)
		return err
	})
}
