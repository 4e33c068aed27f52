package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
)

// RecoverableStore is a store of evidence that several processes write.
type RecoverableStore interface {
	evidence.Store
	// Size is the number of bytes of a file.
	Size(ctx context.Context, file string) (int64, error)
}

// recovery remembers, over the rounds of one leader, which files are as they ought
// to be: an owner that is gone never comes back.
type recovery struct {
	mu      sync.Mutex
	settled map[string]int64 // size of files whose owner is gone, -1: it is missing
}

// round is one look at all files.
type round struct {
	w       *Workshop
	ctx     context.Context
	cancel  context.CancelCauseFunc
	store   RecoverableStore
	leases  map[string]casebook.LeaseRow // by owner; nil: not asked yet
	gone    map[string]bool              // owners whose lease is revoked or was given back
	settled map[string]int64
	now     map[string]int64 // settled in this round
	last    string           // the file that was asked for last
}

// RecoverEvidence cuts what dead writers left in the evidence that several
// processes share: the leader calls it at its start and every minute. A writer is
// dead when its lease lapsed penMargin ago; the lease is revoked before the
// casebook is asked what it knows of its files, so that no commit can come later.
// Files of writers that live, or whose commits are still under way, stay as they are.
func (w *Workshop) RecoverEvidence(ctx context.Context, store RecoverableStore) error {
	w.recovered.mu.Lock()
	defer w.recovered.mu.Unlock()
	if w.recovered.settled == nil {
		w.recovered.settled = map[string]int64{}
	}
	r := &round{w: w, store: store, gone: map[string]bool{}, settled: w.recovered.settled, now: map[string]int64{}}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	done, err := store.Recover(r.ctx, r.known, r.live)
	if cause := context.Cause(r.ctx); cause != nil {
		return fmt.Errorf("recovering evidence: %w", cause)
	}
	if err != nil {
		delete(r.now, r.last)
	}
	for file, size := range r.now {
		r.settled[file] = size
	}
	for _, d := range done.Damaged { // reported once; again when it changes
		r.settled[d.File] = r.size(d.File)
	}
	ReportDamage(w.Log, done)
	if err != nil {
		return fmt.Errorf("recovering evidence: %w", err)
	}
	return nil
}

// live is asked after all files were listed, so that the lease of each, which is
// older than its file, shows among those that are read now.
func (r *round) live(file string) bool {
	if r.ctx.Err() != nil {
		return true
	}
	if end, ok := r.settled[file]; ok {
		// A writer that was paused may wake behind the cut and write on for a moment.
		if r.size(file) == end {
			return true
		}
		delete(r.settled, file)
	}
	if r.leases == nil {
		rows, err := r.w.Book.Leases(r.ctx, penPrefix)
		if err != nil {
			r.cancel(err)
			return true
		}
		r.leases = map[string]casebook.LeaseRow{}
		for _, row := range rows {
			r.leases[row.Name[len(penPrefix):]] = row
		}
	}
	owner := evidence.OwnerOf(file)
	row, ok := r.leases[owner]
	if !ok || r.gone[owner] {
		return false
	}
	return !r.revoke(owner, row)
}

// size is the number of bytes of a file, -1 when it is not there.
func (r *round) size(file string) int64 {
	// Where each question is a request, the list that was made has the answer.
	if l, ok := r.store.(interface{ ListedSize(string) (int64, bool) }); ok {
		if n, ok := l.ListedSize(file); ok {
			return n
		}
	}
	n, err := r.store.Size(r.ctx, file)
	if err != nil {
		return -1
	}
	return n
}

// revoke takes the lease of a writer that let it lapse.
func (r *round) revoke(owner string, row casebook.LeaseRow) bool {
	before := r.w.Now().Add(-penMargin)
	if !row.Until.Before(before) {
		return false
	}
	ctx, cancel := context.WithTimeout(r.ctx, penWait)
	defer cancel()
	err := r.w.Book.RevokeLease(ctx, row.Fence, before)
	switch {
	case err == nil:
		r.w.Log.Info("a writer of evidence is gone", "owner", owner, "lapsed", row.Until)
		r.gone[owner] = true
		return true
	case errors.Is(err, casebook.ErrLost): // it lives, or gave the lease back just now: the next round sees
	case ctx.Err() != nil && r.ctx.Err() == nil:
		r.w.Log.Warn("a writer of evidence let its lease lapse in the midst of a commit; its files wait", "owner", owner)
	default:
		r.cancel(err)
	}
	r.leases[owner] = casebook.LeaseRow{Fence: row.Fence, Until: r.w.Now()} // once a round
	return false
}

// known asks the casebook, after live said that no commit can come any more.
func (r *round) known(file string) int64 {
	r.last = file
	end, err := r.w.Book.EvidenceEnd(r.ctx, file)
	if err != nil {
		r.cancel(err)
		return math.MaxInt64 // nothing is cut
	}
	r.now[file] = end
	return end
}

// maxDamaged bounds how many damaged files are logged at once.
const maxDamaged = 20

// ReportDamage logs what a recovery did, and what is missing.
func ReportDamage(log *slog.Logger, done evidence.Recovered) {
	if done.Cut+done.Removed > 0 {
		log.Info("evidence: what killed writers left uncommitted was cut", "files", done.Cut+done.Removed, "bytes", done.Bytes)
	}
	for i, d := range done.Damaged {
		if i == maxDamaged {
			log.Error("evidence is damaged: more files", "files", len(done.Damaged)-i)
			return
		}
		log.Error("evidence is damaged", "file", d.File, "detail", d.Detail)
	}
}
