package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// recount is how long a count of the folder is believed: other processes put and
// drop too.
const recount = 5 * time.Second

// room keeps a spool from filling the disk. It is near enough for that, not exact:
// processes that put at the same moment don't see each other's last items.
type room struct {
	total, free int64                          // limits, in bytes
	disk        func(dir string) (int64, bool) // bytes free; false: unknown
	mu          sync.Mutex
	used        int64 // by the last count, and what this process put since
	counted     time.Time
}

// claim makes sure that there is room for n bytes more, and that as many of the disk
// stay free; of 0 the disk itself tells.
func (s *Spool) claim(n, free int64) error {
	r := &s.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.counted) > recount || r.used+n > r.total {
		var err error
		if r.used, _, err = s.count(); err != nil {
			return fmt.Errorf("spool: %w", err)
		}
		r.counted = time.Now()
	}
	if r.used+n > r.total {
		return fmt.Errorf("%w: it holds %d of at most %d bytes until workers have read them", ErrFull, r.used, r.total)
	}
	if left, ok := r.disk(s.dir); ok && free > 0 && left-n < free {
		return fmt.Errorf("%w: the disk of %s has %d bytes left, and %d stay free", ErrFull, s.dir, left, free)
	}
	r.used += n
	return nil
}

// Size counts the items and their bytes on disk.
func (s *Spool) Size() (items int, total int64, err error) {
	total, items, err = s.count()
	if err != nil {
		return 0, 0, fmt.Errorf("spool: %w", err)
	}
	return items, total, nil
}

func (s *Spool) count() (total int64, items int, err error) {
	err = s.each(func(path string, e os.DirEntry) error {
		info, err := e.Info()
		if err != nil {
			return removed(err)
		}
		total += info.Size()
		if idOf(e.Name()) != "" {
			items++
		}
		return nil
	})
	return total, items, err
}

// each calls f for every file of the spool's folders, items and unfinished ones.
func (s *Spool) each(f func(path string, e os.DirEntry) error) error {
	dirs, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if !d.IsDir() || len(d.Name()) != 2 || strings.Trim(d.Name(), "0123456789abcdef") != "" {
			continue
		}
		files, err := os.ReadDir(filepath.Join(s.dir, d.Name()))
		if err != nil {
			return err
		}
		for _, e := range files {
			if !e.Type().IsRegular() {
				continue
			}
			if err := f(filepath.Join(s.dir, d.Name(), e.Name()), e); err != nil {
				return err
			}
		}
	}
	return nil
}
