package casebook

import (
	"context"
	"errors"
	"fmt"
)

// Whole is a chunk of an archive that is kept whole for a case, until that closes.
// No post points to its capture: what belongs to a listing has a capture of its own.
type Whole struct {
	Case    int64 // number
	Archive string
	Start   int64  // offset in the archive
	Chunk   string // how it is read (JSON)
	Capture string // digest
}

// KeepKey is the name of the key that chunks kept for a case are sealed to.
func KeepKey(num int64) string { return "keep-" + CaseID(num) }

// keepWhole notes a chunk that is kept. ErrCaseClosed: it is not to be kept any more.
func (t *tx) keepWhole(w Whole) error {
	if _, err := t.openCase(w.Case); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO kept_whole (capture, case_num, archive, start, chunk) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		w.Capture, w.Case, w.Archive, w.Start, w.Chunk)
	return err
}

// ToKeep reports whether a chunk is to be kept for a case: that is open, and the chunk
// is not kept for it yet.
func (b *Book) ToKeep(ctx context.Context, num int64, archive string, start int64) (yes bool, err error) {
	err = b.read(ctx, "chunks that are kept", func(t *tx) error {
		return t.row(`SELECT EXISTS (SELECT 1 FROM case_file WHERE num = ? AND state = ?)
			AND NOT EXISTS (SELECT 1 FROM kept_whole WHERE case_num = ? AND archive = ? AND start = ?)`, num, CaseOpen, num, archive, start).Scan(&yes)
	})
	return yes, err
}

// OpenCase makes sure that a case is there and open: ErrNotFound, ErrCaseClosed.
func (b *Book) OpenCase(ctx context.Context, num int64) error {
	c, err := b.Case(ctx, num)
	if err == nil && c.State == CaseClosed {
		err = fmt.Errorf("%s: %w", CaseID(num), ErrCaseClosed)
	}
	return err
}

// Wholes are the chunks of an archive that are kept, in file order, each once.
func (b *Book) Wholes(ctx context.Context, archive string) (out []Whole, err error) {
	return b.wholes(ctx, `archive = ? ORDER BY start, case_num`, archive)
}

// WholeOf is the chunk that a capture is of. ErrNotFound: it is of none that is kept.
func (b *Book) WholeOf(ctx context.Context, capture string) (Whole, error) {
	all, err := b.wholes(ctx, `capture = ?`, capture)
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Whole{}, err
	}
	return all[0], nil
}

func (b *Book) wholes(ctx context.Context, where string, arg any) (out []Whole, err error) {
	err = b.read(ctx, "chunks that are kept", func(t *tx) error {
		out = nil
		return t.rows(func(scan func(...any) error) error {
			var w Whole
			err := scan(&w.Capture, &w.Case, &w.Archive, &w.Start, &w.Chunk)
			if n := len(out); err == nil && (n == 0 || out[n-1].Start != w.Start) {
				out = append(out, w)
			}
			return err
		}, `SELECT capture, case_num, archive, start, chunk FROM kept_whole WHERE `+where, arg)
	})
	return out, err
}

// KeptForClosed are the numbers of closed cases for which chunks are kept still.
func (b *Book) KeptForClosed(ctx context.Context) (nums []int64, err error) {
	err = b.read(ctx, "chunks of closed cases", func(t *tx) error {
		nums = nil
		return t.rows(func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			nums = append(nums, n)
			return err
		}, `SELECT num FROM case_file WHERE state = ? AND EXISTS (SELECT 1 FROM kept_whole WHERE case_num = num) ORDER BY num`, CaseClosed)
	})
	return nums, err
}

// KeptFor is how many chunks are kept for a case.
func (b *Book) KeptFor(ctx context.Context, num int64) (n int64, err error) {
	err = b.read(ctx, "chunks of a case", func(t *tx) error {
		return t.row(`SELECT count(*) FROM kept_whole WHERE case_num = ?`, num).Scan(&n)
	})
	return n, err
}

// errStillOpen says that what is kept for a case isn't to be dropped.
var errStillOpen = errors.New("the case is open")

// DoomKept notes that the files of what was kept for a closed case are to be dropped:
// DoomedFiles has them under the name of its key. Its chunks are kept no more.
func (b *Book) DoomKept(ctx context.Context, num int64) error {
	return b.write(ctx, "dropping what was kept for "+CaseID(num), func(t *tx) error {
		c, err := t.caseToChange(num)
		if err != nil {
			return err
		}
		if c.State != CaseClosed {
			return fmt.Errorf("%s: %w", CaseID(num), errStillOpen)
		}
		if _, err := t.exec(`INSERT INTO evidence_drop (file, month) SELECT DISTINCT file, ? FROM capture WHERE seal = ? ON CONFLICT DO NOTHING`,
			KeepKey(num), KeepKey(num)); err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM kept_whole WHERE case_num = ?`, num)
		return err
	})
}
