package spool

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Swept says what Sweep removed.
type Swept struct {
	Items int   // that nobody claims, or whose key is erased
	Parts int   // unfinished files that a kill left
	Bytes int64 // of both
	Keys  int   // run-time keys of weeks that ended MaxAge ago
}

// unfinished is how old an unfinished file gets before nobody can be writing it
// any more.
const unfinished = time.Hour

// Sweep removes what is older than Grace and for which keep is false, what
// killed processes left unfinished, and keys and items older than MaxAge. keep is
// true of an item whose unit of work isn't done; when in doubt it must be true.
func (s *Spool) Sweep(ctx context.Context, keep func(id string) bool, now time.Time) (Swept, error) {
	var done Swept
	err := s.each(func(path string, e os.DirEntry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return removed(err)
		}
		name, age := filepath.Base(path), now.Sub(info.ModTime())
		n := &done.Items
		switch id := idOf(name); {
		case strings.HasPrefix(name, newPrefix) && time.Since(info.ModTime()) > unfinished: // of the system's clock: it was not set
			n = &done.Parts
		case id != "" && age > MaxAge+7*24*time.Hour: // its key is erased below
		case id != "" && age > Grace && !keep(id):
		default:
			return nil
		}
		// Put again since? Then it is wanted.
		if again, err := os.Stat(path); err != nil || !again.ModTime().Equal(info.ModTime()) {
			return removed(err)
		}
		if err := removed(os.Remove(path)); err != nil {
			return err
		}
		*n++
		done.Bytes += info.Size()
		return nil
	})
	if err != nil {
		return done, fmt.Errorf("spool: sweep: %w", err)
	}
	if done.Keys, err = s.keys.EraseRuntimeKeys(KeyName, now.Add(-MaxAge)); err != nil {
		return done, fmt.Errorf("spool: %w", err)
	}
	return done, nil
}
