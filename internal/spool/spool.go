// Package spool is the sealed parking place of bytes that workers can't read
// where they lie: chunks of archives between the import that found them and the
// worker that reads them.
//
// An item is a file of the data folder, sealed by age to a run-time key of the
// week, which all processes of the folder hold (privacy.Keyring.RuntimeKey).
// What is done is dropped at once; what was forgotten is swept; what is older than
// MaxAge can't be opened by anybody, since its key is erased.
package spool

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"filippo.io/age"
)

// Limits.
const (
	// MaxItem is the most bytes of one item.
	MaxItem = 64 << 20
	// MaxTotal is the most bytes that a spool holds.
	MaxTotal = 16 << 30
	// MinFree is how many bytes of the disk a spool leaves to the others.
	MinFree = 1 << 30
	// MaxAge is how long an item can be opened, at least. (Keys are erased by weeks.)
	MaxAge = 30 * 24 * time.Hour
	// Grace is how long an item stays that nobody claims: it is parked before its
	// unit of work is written down.
	Grace = 24 * time.Hour
)

// Errors.
var (
	// ErrFull is wrapped when an item would take more room than there is for spools.
	ErrFull = errors.New("the spool is full")
	// ErrAbsent is wrapped when there is no item of that id: done, or swept.
	ErrAbsent = errors.New("not in the spool")
	// ErrErased is wrapped when the key of an item is erased.
	ErrErased = errors.New("the run-time key that it was sealed to is erased")
	// ErrDamaged is wrapped when the bytes of an item are not those that were put.
	ErrDamaged = errors.New("the item is damaged")
)

// KeyName is the name of the spool's run-time keys.
const KeyName = "spool"

// Keys hands out run-time keys; privacy.Keyring is one.
type Keys interface {
	RuntimeKey(name string, at time.Time) (*age.X25519Identity, error)
	RuntimeKeys(name string) ([]age.Identity, error)
	EraseRuntimeKeys(name string, before time.Time) (int, error)
}

// Spool is a folder of items. It may be used by any number of goroutines and processes.
type Spool struct {
	dir  string
	keys Keys
	now  func() time.Time
	room room
}

// Open opens the folder, making it (0700) when it is absent.
func Open(dir string, keys Keys, now func() time.Time) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	return &Spool{dir: dir, keys: keys, now: now, room: room{total: MaxTotal, free: MinFree, disk: free}}, nil
}

const (
	suffix    = ".age"
	newPrefix = ".new-"
	magic     = "resumewatch-spool/1"
)

var idForm = regexp.MustCompile(`^[0-9a-f]{16,128}$`)

// path is where an item lies; its id must be a digest in lower-case hex.
func (s *Spool) path(id string) (string, error) {
	if !idForm.MatchString(id) {
		return "", fmt.Errorf("spool: id %.80q: want 16 to 128 hex digits", id)
	}
	return filepath.Join(s.dir, id[:2], id+suffix), nil
}

// Put parks the bytes under the id, a digest in hex. They are on disk when it
// returns nil; after an error or a kill the item is what it was before. Putting an
// id again replaces it.
func (s *Spool) Put(ctx context.Context, id string, data []byte) error {
	return s.put(ctx, id, data, s.room.free)
}

// Keep is Put for what is read nowhere else later and would be lost: it may use the room
// that the others leave on the disk. When that is gone too the error is the system's.
func (s *Spool) Keep(ctx context.Context, id string, data []byte) error {
	return s.put(ctx, id, data, 0)
}

// put parks bytes while as many of the disk stay free.
func (s *Spool) put(ctx context.Context, id string, data []byte, free int64) error {
	path, err := s.path(id)
	if err != nil {
		return err
	}
	if len(data) > MaxItem {
		return fmt.Errorf("spool: %s: %d bytes; an item has at most %d", id, len(data), MaxItem)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.claim(int64(len(data)), free); err != nil {
		return err
	}
	key, err := s.keys.RuntimeKey(KeyName, s.now())
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if err := s.write(path, id, data, key.Recipient()); err != nil {
		return fmt.Errorf("spool: %s: %w", id, err)
	}
	return nil
}

func (s *Spool) write(path, id string, data []byte, to age.Recipient) (err error) {
	dir := filepath.Dir(path)
	switch err := os.Mkdir(dir, 0o700); {
	case err == nil:
		if err := syncDir(s.dir); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	tmp := filepath.Join(dir, newPrefix+rand.Text())
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(seal(f, id, data, to), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err == nil {
		// Its age is reckoned by the clock of the program, as all other dates are;
		// that of an unfinished file by the system's, so it is set after the rename.
		// Somebody may have dropped it already.
		err = removed(os.Chtimes(path, time.Time{}, s.now()))
	}
	if err != nil {
		return errors.Join(err, removed(os.Remove(tmp)))
	}
	return syncDir(dir)
}

// seal writes head and data: the head ties them to the id, so that items can't be
// taken for each other.
func seal(f io.Writer, id string, data []byte, to age.Recipient) error {
	w, err := age.Encrypt(f, to)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, head(id, len(data))); err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Close()
}

func head(id string, n int) string { return fmt.Sprintf("%s %s %d\n", magic, id, n) }

// Get returns the bytes of an item. An error wraps ErrAbsent, ErrErased or
// ErrDamaged when it is one of these.
func (s *Spool) Get(ctx context.Context, id string) ([]byte, error) {
	path, err := s.path(id)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("spool: %s: %w", id, ErrAbsent)
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	defer f.Close()
	ids, err := s.keys.RuntimeKeys(KeyName)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var size int64
	info, err := f.Stat()
	if err == nil {
		size = info.Size()
	}
	data, err := unseal(f, size, id, ids)
	if err != nil {
		return nil, fmt.Errorf("spool: %s: %w", id, err)
	}
	return data, nil
}

// unseal reads an item of about the given size.
func unseal(f io.Reader, size int64, id string, ids []age.Identity) ([]byte, error) {
	if len(ids) == 0 {
		return nil, ErrErased
	}
	r, err := age.Decrypt(f, ids...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrErased
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	most := len(head(id, MaxItem))
	var b bytes.Buffer
	b.Grow(int(min(max(size, 0), MaxItem)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r, int64(most+MaxItem+1))); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	first, data, ok := bytes.Cut(b.Bytes(), []byte("\n"))
	if !ok || string(first)+"\n" != head(id, len(data)) {
		return nil, fmt.Errorf("%w: it is another item, or longer than %d bytes", ErrDamaged, MaxItem)
	}
	return data, nil
}

// Drop removes an item that is done. One that is absent is no error.
func (s *Spool) Drop(ctx context.Context, id string) error {
	path, err := s.path(id)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := removed(os.Remove(path)); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// removed passes over what is gone already.
func removed(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// idOf is the id of an item's file, "" of any other.
func idOf(name string) string {
	id, ok := strings.CutSuffix(name, suffix)
	if !ok || !idForm.MatchString(id) {
		return ""
	}
	return id
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
