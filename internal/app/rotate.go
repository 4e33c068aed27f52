package app

import (
	"context"
	"fmt"
	"os"

	"resumewatch/internal/casebook"
	"resumewatch/internal/privacy"
)

// Rotated is what became of the keys of one kind of value.
type Rotated struct {
	Kind    string `json:"kind"`
	Key     int    `json:"key"`     // number of the one in use
	Values  int64  `json:"values"`  // that stand under older ones, or went with them
	Dropped []int  `json:"dropped"` // numbers of keys
}

// RotateBlind makes a new key of the blind index for a kind of value ("": for each),
// or, with drop, drops all but the newest and what stands under them. What was done
// before an error is returned with it.
func RotateBlind(ctx context.Context, o Options, kind string, drop bool, as string) ([]Rotated, error) {
	kinds := privacy.BlindKinds
	if kind != "" {
		kinds = []string{kind}
	}
	var out []Rotated
	err := withBook(ctx, o, func(book *casebook.Book) error {
		by, _, err := acting(ctx, o, book, as, []string{casebook.RoleAdmin})
		if err != nil {
			return err
		}
		keys, err := keyring(o)
		if err != nil {
			return err
		}
		if _, err := keys.OpenBlind(ctx); err != nil { // each kind has one
			return err
		}
		for _, kind := range kinds {
			r := rotation{ctx, book, keys, by, kind}
			step := r.renew
			if drop {
				step = r.drop
			}
			done, err := step()
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			out = append(out, done)
		}
		return nil
	})
	return out, err
}

type rotation struct {
	ctx  context.Context
	book *casebook.Book
	keys *privacy.Keyring
	by   casebook.Act
	kind string
}

func (r rotation) note(key int, dropped bool) error {
	device, _ := os.Hostname() // unknown is empty
	return r.book.NoteBlindKey(r.ctx, r.kind, key, dropped, device, r.by)
}

// renew makes a key. One that nobody noted, because the process died in between, is
// one more key and no harm.
func (r rotation) renew() (Rotated, error) {
	out := Rotated{Kind: r.kind, Dropped: []int{}}
	var err error
	if out.Key, err = r.keys.RotateBlind(r.kind); err != nil {
		return out, err
	}
	if err := r.note(out.Key, false); err != nil {
		return out, err
	}
	_, older, err := r.keys.BlindKeys(r.kind)
	for _, n := range older {
		c, err := r.book.UnderBlindKey(r.ctx, r.kind, n)
		if err != nil {
			return out, err
		}
		out.Values += c.Values
	}
	return out, err
}

// drop refuses while somebody's erasure stands under an older key alone: without that
// key the person would be taken up again. It is noted first; who is interrupted calls again.
func (r rotation) drop() (Rotated, error) {
	out := Rotated{Kind: r.kind, Dropped: []int{}}
	newest, older, err := r.keys.BlindKeys(r.kind)
	if err != nil {
		return out, err
	}
	out.Key = newest
	now, err := r.book.UnderBlindKey(r.ctx, r.kind, newest)
	if err != nil {
		return out, err
	}
	for _, n := range older {
		c, err := r.book.UnderBlindKey(r.ctx, r.kind, n)
		if err != nil {
			return out, err
		}
		if c.Erased > now.Erased {
			return out, fmt.Errorf("%d erasures are known under key %d and not under key %d: without it these people would be taken up again (`privacy erase` for each of them once more, then drop it)", c.Erased-now.Erased, n, newest)
		}
		out.Values += c.Values
	}
	for _, n := range older {
		if err := r.note(n, true); err != nil {
			return out, err
		}
		for done := false; !done; {
			if done, err = r.book.DropUnderBlindKey(r.ctx, r.kind, n); err != nil {
				return out, err
			}
		}
		if err := r.keys.DropBlind(r.kind, n); err != nil {
			return out, err
		}
		out.Dropped = append(out.Dropped, n)
	}
	return out, nil
}
