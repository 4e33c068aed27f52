package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"

	"resumewatch/internal/casebook"
	"resumewatch/internal/spool"
)

// parkedAtOnce is how many items are put into the spool at once: each waits for the disk.
const parkedAtOnce = 8

// decided are those of the doubtful posts of which a person said in these words that
// they are listings: they are read as such. The rest is returned.
func (w *Workshop) decided(ctx context.Context, all []doubtful, listing func(doubtful, casebook.Found)) (rest []doubtful, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = d.row.ID
	}
	known, err := w.Book.DecidedListings(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if known[d.row.ID] != d.row.TextDigest {
			rest = append(rest, d)
			continue
		}
		f := w.assume(&d.post)
		f.ID, f.Length = d.row.ID, d.post.Length
		listing(d, f)
	}
	return rest, nil
}

// park puts doubtful posts into the spool and adds them to what was learnt. item
// completes one: where it is kept, or how it is to be.
func (w *Workshop) park(ctx context.Context, l *casebook.Learnt, all []doubtful, item func(doubtful, *Doubt) error) error {
	if w.Spool == nil || len(all) == 0 {
		return nil
	}
	rows, of := make([]casebook.Doubtful, len(all)), make(map[string]doubtful, len(all))
	for i, d := range all {
		rows[i], of[d.row.ID] = d.row, d
	}
	rows, parked, over, err := w.Book.ParkableDoubts(ctx, l.Source, rows)
	if err != nil {
		return err
	}
	l.DoubtsOver += over
	full := make([]bool, len(rows))
	put, ctx2 := errgroup.WithContext(ctx)
	put.SetLimit(parkedAtOnce)
	for i, row := range rows {
		if parked[row.Item] {
			continue
		}
		d := of[row.ID]
		doc := Doubt{Post: d.post, ID: row.ID, Around: d.around, At: d.first, Start: -1, Length: d.post.Length}
		if err := item(d, &doc); err != nil {
			return errors.Join(err, put.Wait())
		}
		put.Go(func() error {
			text, err := json.Marshal(doc)
			if err != nil {
				return fmt.Errorf("doubtful post %s: %w", row.ID, err)
			}
			err = w.Spool.Keep(ctx2, row.Item, text)
			if full[i] = errors.Is(err, spool.ErrFull); full[i] {
				return nil
			}
			return err
		})
	}
	if err := put.Wait(); err != nil {
		return err
	}
	for i, row := range rows {
		if full[i] {
			l.DoubtsOver++
			continue
		}
		l.Doubtful = append(l.Doubtful, row)
	}
	return nil
}

// forget drops items of the spool that a commit left without a use. What stays by a
// failure here is swept later.
func (w *Workshop) forget(ctx context.Context, items []string) {
	if w.Spool == nil {
		return
	}
	for _, item := range items {
		if err := w.Spool.Drop(ctx, item); err != nil {
			w.Log.Warn("a doubtful post that is settled stays in the spool until it is swept", "err", err)
		}
	}
}

func hashHex(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil))
}
