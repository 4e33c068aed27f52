package casebook

import "context"

// Topics of the outbox.
const (
	TopicIndex = "index"
	TopicGroup = "group"
)

// Notice says that something was added or changed: a listing (TopicIndex) or a
// wording (TopicGroup).
type Notice struct {
	Seq    int64
	Ref    string // its id
	Run    int64
	Reread bool // its text is what it was, only its reading is another
}

// Outbox reads the oldest notices of a topic. They stay until Ack.
func (b *Book) Outbox(ctx context.Context, topic string, limit int) ([]Notice, error) {
	var out []Notice
	err := b.read(ctx, "outbox", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			var n Notice
			err := scan(&n.Seq, &n.Ref, &n.Run, &n.Reread)
			out = append(out, n)
			return err
		}, `SELECT seq, ref, run_id, reread = 1 FROM outbox WHERE topic = ? ORDER BY seq LIMIT ?`, topic, limit)
	})
	return out, err
}

// NewestNotice is the number of the newest notice that waits, of any run and topic
// but TopicDrop, for which nobody waits who adds things; 0 when none does.
func (b *Book) NewestNotice(ctx context.Context) (seq int64, err error) {
	err = b.read(ctx, "newest notice", func(t *tx) error {
		return t.row(`SELECT coalesce(max(seq), 0) FROM outbox WHERE topic <> ?`, TopicDrop).Scan(&seq)
	})
	return seq, err
}

// Consumed reports whether every notice up to a number was consumed, but for those of TopicDrop.
func (b *Book) Consumed(ctx context.Context, seq int64) (yes bool, err error) {
	err = b.read(ctx, "oldest notice", func(t *tx) error {
		var waiting int
		err := t.row(`SELECT count(*) FROM (SELECT 1 FROM outbox WHERE seq <= ? AND topic <> ? LIMIT 1) AS one`, seq, TopicDrop).Scan(&waiting)
		yes = waiting == 0
		return err
	})
	return yes, err
}

// Ack drops notices that were consumed.
func (b *Book) Ack(ctx context.Context, notices []Notice) error {
	return b.write(ctx, "outbox", func(t *tx) error { return t.ack(notices) })
}

func (t *tx) ack(notices []Notice) error {
	return inLots(notices, func(notices []Notice) error {
		seqs := make([]int64, len(notices))
		for i, n := range notices {
			seqs[i] = n.Seq
		}
		in, args := among(seqs)
		_, err := t.exec(`DELETE FROM outbox WHERE seq IN (`+in+`)`, args...)
		return err
	})
}
