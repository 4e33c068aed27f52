package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/privacy"
)

// whole is the capture of all of a chunk, for the case that it is kept for; nil where
// it is not to be kept, or is kept already.
func (c *chunkReader) whole(ctx context.Context, p ChunkPayload, s Stretch) (*evidence.Capture, error) {
	if p.Keep == 0 {
		return nil, nil
	}
	keep, err := c.w.Book.ToKeep(ctx, p.Keep, p.Archive, p.Chunk.Offset)
	if err != nil || !keep {
		return nil, err
	}
	doc, err := json.Marshal(p.Chunk)
	if err != nil {
		return nil, fmt.Errorf("chunk at byte %d: %w", p.Chunk.Offset, err)
	}
	info := c.w.Info
	info.Source, info.Authority = c.learnt.Source, c.authority
	info.Robots, info.UserAgent, info.Clock = "", "", c.w.clock()
	// It may hold several conversations: it is named after the file.
	capture, err := evidence.ChatCapture(info, "urn:sha256:"+c.archive.SHA256, c.learnt.At, []evidence.Chunk{{
		File: filepath.Base(c.archive.Path), FileSHA256: c.archive.SHA256, Start: p.Chunk.Offset, End: p.Chunk.Offset + p.Chunk.Length,
		Data: s.Data, Reader: c.archive.Format + "/1", Type: "text/plain; charset=" + c.chunk.Charset(),
	}})
	if err != nil {
		return nil, err
	}
	capture.Key = casebook.KeepKey(p.Keep)
	c.learnt.Whole = &casebook.Whole{Case: p.Keep, Archive: p.Archive, Start: p.Chunk.Offset, Chunk: string(doc)}
	return &capture, nil
}

// Kept ends what was kept whole for cases that are closed by now.
type Kept struct {
	Book   *casebook.Book
	Store  evidence.Store
	Keys   MonthKeys
	Now    func() time.Time
	Device string // the machine, for the custody log
	Actor  string // who closed the case; "": the program itself
}

// droppedLot is how many captures are dropped in one transaction.
const droppedLot = 100

// End erases the keys of closed cases' chunks and removes their files, but where a hold
// of another case keeps some: those go when that is lifted. It may die anywhere: the
// next one goes on. n is how many captures went.
func (k Kept) End(ctx context.Context) (n int64, err error) {
	nums, err := k.Book.KeptForClosed(ctx)
	if err != nil {
		return 0, err
	}
	for _, num := range nums {
		if err := k.erase(ctx, num); err != nil {
			return n, fmt.Errorf("ending what was kept for %s: %w", casebook.CaseID(num), err)
		}
	}
	doomed, err := k.Book.DoomedFiles(ctx)
	if err != nil {
		return n, err
	}
	for _, file := range slices.Sorted(maps.Keys(doomed)) {
		if len(doomed[file]) < len("keep-C-1") || doomed[file][:5] != "keep-" {
			continue // a month's: retention drops it
		}
		if may, err := MayDrop(k.Keys, file, doomed[file]); err != nil || !may {
			return n, errors.Join(err, fmt.Errorf("%s is noted to be dropped, and the key %.40s is not erased", file, doomed[file]))
		}
		dropped, err := k.remove(ctx, file)
		n += dropped
		if err != nil {
			return n, fmt.Errorf("ending what was kept for %s: %w", doomed[file][5:], err)
		}
	}
	return n, nil
}

// erase dooms what was kept for a case, unless somebody holds it.
func (k Kept) erase(ctx context.Context, num int64) error {
	key := casebook.KeepKey(num)
	e := privacy.Erasure{Month: key, At: k.Now(), By: k.Actor, Reason: casebook.CaseID(num) + " is closed"}
	missing := false
	held, err := k.Book.Unheld(ctx, key, func() error {
		var err error
		if e, err = k.Keys.Doom(e); errors.Is(err, fs.ErrNotExist) {
			missing, err = true, nil
		}
		return err
	})
	if err != nil || len(held) > 0 {
		return err
	}
	if !missing {
		kept, err := k.Book.KeptFor(ctx, num)
		if err != nil {
			return err
		}
		if err := k.Book.NoteCustodyOnce(ctx, "key_erased."+key, custody.Event{Kind: custody.KeyErased, At: e.At, Actor: e.By, Device: k.Device, Object: key,
			Detail: map[string]string{"reason": e.Reason, "captures": fmt.Sprint(kept)}}); err != nil {
			return err
		}
		if err := k.Keys.Erase(key); err != nil {
			return err
		}
	}
	return k.Book.DoomKept(ctx, num)
}

// remove drops a file and what the casebook knows of it.
func (k Kept) remove(ctx context.Context, file string) (n int64, err error) {
	if err := k.Store.Remove(ctx, file); err != nil {
		return 0, err
	}
	for {
		d, err := k.Book.DropCaptures(ctx, file, custody.Event{At: k.Now(), Actor: k.Actor, Device: k.Device, Detail: map[string]string{"by": "case closed"}}, droppedLot)
		if errors.Is(err, sql.ErrNoRows) { // another process was faster
			return n, nil
		}
		n += d.Captures
		if err != nil || d.Done {
			return n, err
		}
	}
}
