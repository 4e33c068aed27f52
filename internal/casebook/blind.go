package casebook

import (
	"context"
	"fmt"
	"strconv"

	"resumewatch/internal/custody"
)

// under is the range of digests under a key of the blind index: "7:…".
func under(key int) (from, to string) {
	n := strconv.Itoa(key)
	return n + ":", n + ";"
}

// NoteBlindKey writes into the custody log and the audit log that a key of the blind
// index was made, or is dropped.
func (b *Book) NoteBlindKey(ctx context.Context, kind string, key int, dropped bool, device string, by Act) error {
	what := "made"
	if dropped {
		what = "dropped"
	}
	return b.write(ctx, "key of the blind index", func(t *tx) error {
		_, err := t.note(custody.Event{Kind: custody.BlindRotated, At: by.At, Actor: by.Who, Device: device, Object: kind, Detail: map[string]string{what: strconv.Itoa(key)}})
		if err != nil {
			return err
		}
		return t.audit(by, ActBlindRotated, kind, fmt.Sprintf("%s %d", what, key))
	})
}

// BlindCount counts what stands under a key of the blind index.
type BlindCount struct {
	Values int64 // of people in samples
	Erased int64 // marks of what was erased
}

// UnderBlindKey counts what stands under a key of a kind.
func (b *Book) UnderBlindKey(ctx context.Context, kind string, key int) (BlindCount, error) {
	var c BlindCount
	from, to := under(key)
	err := b.read(ctx, "blind index", func(t *tx) error {
		return t.row(`SELECT (SELECT count(*) FROM sample_value WHERE kind = ? AND digest >= ? AND digest < ?),
			(SELECT count(*) FROM erased_value WHERE kind = ? AND digest >= ? AND digest < ?)`, kind, from, to, kind, from, to).Scan(&c.Values, &c.Erased)
	})
	return c, err
}

// DropUnderBlindKey deletes values of people under a key of a kind that is dropped,
// and marks of what was erased by it, some thousand at most; false: there are more.
func (b *Book) DropUnderBlindKey(ctx context.Context, kind string, key int) (done bool, err error) {
	from, to := under(key)
	err = b.write(ctx, "dropping a key of the blind index", func(t *tx) error {
		var digests []string
		err := t.rows(func(scan func(...any) error) error {
			var d string
			err := scan(&d)
			digests = append(digests, d)
			return err
		}, `SELECT DISTINCT digest FROM sample_value WHERE kind = ? AND digest >= ? AND digest < ? ORDER BY digest LIMIT ?`, kind, from, to, lot)
		if err != nil {
			return err
		}
		if done = len(digests) == 0; done {
			_, err := t.exec(`DELETE FROM erased_value WHERE kind = ? AND digest >= ? AND digest < ?`, kind, from, to)
			return err
		}
		in, args := among(digests)
		_, err = t.exec(`DELETE FROM sample_value WHERE kind = ? AND digest IN (`+in+`)`, append([]any{kind}, args...)...)
		return err
	})
	return done, err
}
