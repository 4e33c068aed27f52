package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/jobs"
	"resumewatch/internal/privacy"
	"resumewatch/internal/queue"
)

// resealLot is how many captures are sealed anew before the casebook hears of them.
const resealLot = 64

// resealer seals captures that holds keep to the keys of these holds, byte for byte:
// first the new copy, durable, then the casebook with its event. Whoever is killed
// leaves a copy that nobody knows, which recovery cuts, and asks again.
type resealer struct {
	book   *casebook.Book
	store  evidence.Store
	ids    []age.Identity
	keys   *privacy.Keyring
	pens   *jobs.Pens
	by     casebook.Act
	device string
}

// resealHeld seals anew what a key seals and holds keep.
func resealHeld(ctx context.Context, o Options, book *casebook.Book, keys *privacy.Keyring, key string, by casebook.Act, identityFiles []string) (n int, err error) {
	store, ids, err := Evidence(ctx, o, identityFiles...)
	if err != nil {
		return 0, err
	}
	now, err := clock(ctx, book, o.Env)
	if err != nil {
		return 0, err
	}
	r := resealer{book: book, store: store, ids: ids, keys: keys, by: by}
	r.device, _ = os.Hostname() // unknown is empty
	owner := evidence.NewOwner(now())
	var shut []func() error
	defer func() {
		for _, f := range shut {
			err = errors.Join(err, f())
		}
	}()
	if o.scaled() {
		lease := jobs.NewPenLease(book, owner, now, o.Log)
		r.pens = jobs.NewLeasedPens(store, lease)
		shut = append(shut, r.pens.Close, lease.Close)
	} else {
		// Who works on the folder has cut what was left over when it began; who would
		// begin now must not.
		lock, err := queue.Acquire(o.Data)
		if err != nil && !errors.Is(err, queue.ErrHeld) {
			return 0, err
		}
		r.pens = jobs.NewPens(store, owner)
		shut = append(shut, r.pens.Close)
		if lock != nil {
			shut = append(shut, lock.Release)
		}
	}
	after := ""
	for {
		held, err := book.HeldUnder(ctx, key, after, resealLot)
		if err != nil || len(held) == 0 {
			return n, err
		}
		after = held[len(held)-1].Digest
		for _, lot := range byCase(held) {
			if err := r.move(ctx, key, lot); err != nil {
				return n, err
			}
			n += len(lot)
		}
	}
}

// byCase parts captures by the case that holds them, in their order.
func byCase(held []casebook.Holder) (out [][]casebook.Holder) {
	at := map[int64]int{}
	for _, h := range held {
		i, ok := at[h.Case]
		if !ok {
			i = len(out)
			at[h.Case], out = i, append(out, nil)
		}
		out[i] = append(out[i], h)
	}
	return out
}

// move seals captures of one case anew.
func (r *resealer) move(ctx context.Context, from string, held []casebook.Holder) error {
	num := held[0].Case
	to := casebook.HoldKey(num)
	recipient, err := r.keys.Recipient(to)
	if err != nil {
		return err
	}
	public := fmt.Sprint(recipient)
	if err := r.book.NoteCustodyOnce(ctx, "key "+to+" "+public, custody.Event{Kind: custody.KeyMade, At: r.by.At, Actor: r.by.Who, Device: r.device, Object: to,
		Detail: map[string]string{"public": public}}); err != nil {
		return err
	}
	done := casebook.Resealing{Case: num, From: from, Device: r.device}
	captures := make([]evidence.Capture, len(held))
	for i, h := range held {
		done.Was = append(done.Was, h.Capture)
		ref := refOf(h.Capture)
		captures[i] = evidence.Capture{Kind: h.Kind, URL: h.URL, At: h.At, Key: to, Plain: func() (io.ReadCloser, error) {
			return openCapture(ctx, r.store, ref, r.ids, r.keys)
		}}
	}
	err = r.pens.Write(ctx, captures, func(refs []evidence.Ref, pen casebook.Fence) error {
		done.Pen, done.Now = pen, done.Now[:0]
		for i, ref := range refs {
			now := done.Was[i]
			if ref.Digest != now.Digest {
				return fmt.Errorf("%s: %w", now.Digest, evidence.ErrDamaged)
			}
			now.SealedDigest, now.File, now.Offset, now.Length, now.Seal = ref.SealedDigest, ref.File, ref.Offset, ref.Length, to
			done.Now = append(done.Now, now)
		}
		return r.book.Reseal(ctx, done, r.by)
	})
	if err != nil {
		return fmt.Errorf("sealing anew for %s: %w", casebook.CaseID(num), err)
	}
	return nil
}

// refOf is where a capture lies.
func refOf(c casebook.Capture) evidence.Ref {
	return evidence.Ref{Digest: c.Digest, SealedDigest: c.SealedDigest, File: c.File, Offset: c.Offset, Length: c.Length, Kind: c.Kind, URL: c.URL, At: c.At, Key: c.Seal}
}
