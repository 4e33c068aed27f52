package privacy

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrErased is wrapped where a month's key was erased: what it sealed is gone for
// ever, and nothing is sealed to that month any more.
var ErrErased = errors.New("the key of that month was erased")

// Erasure says when, by whom and why the key of a month, or of a hold, was erased.
type Erasure struct {
	Month  string    `json:"month"` // or "hold-C-3"
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // "" nobody that is known
	Reason string    `json:"reason"`
}

// erasedSuffix ends the name of the file that tells of an erasure; it stays.
const erasedSuffix = ".erased"

// Erased tells whether the key of a month is erased, or about to be.
func (k *Keyring) Erased(month string) (e Erasure, erased bool, err error) {
	if !monthForm.MatchString(month) {
		return e, false, fmt.Errorf("privacy: month %.40q: want YYYY-MM", month)
	}
	text, err := k.read(month + erasedSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return e, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if err != nil {
		return e, true, fmt.Errorf("privacy: %s: %w", month+erasedSuffix, err)
	}
	return e, true, nil
}

// Doom notes that the key of a month is to be erased: from then on nothing is
// sealed to it. It is durable before it returns, and of several calls the first
// one's words stand. The error wraps fs.ErrNotExist when the month has no key.
func (k *Keyring) Doom(e Erasure) (Erasure, error) {
	if was, erased, err := k.Erased(e.Month); erased || err != nil {
		return was, err
	}
	e.At = e.At.UTC()
	text, err := json.Marshal(e)
	if err != nil {
		return e, fmt.Errorf("privacy: %w", err)
	}
	err = k.locked(func() error {
		files, err := k.monthFiles(e.Month)
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return fmt.Errorf("no key of %s: %w", e.Month, fs.ErrNotExist)
		}
		return k.write(e.Month+erasedSuffix, append(text, '\n'), 0o644)
	})
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return e, fmt.Errorf("privacy: erase: %w", err)
	}
	was, _, err := k.Erased(e.Month)
	return was, err
}

// Erase removes the key of a month that Doom was told of, in every form that is
// kept here: each file is overwritten, synced and unlinked. Doing it again is no
// error. Copies elsewhere (backups, snapshots, what a flash disk keeps behind the
// file system) are not reached.
func (k *Keyring) Erase(month string) error {
	if _, erased, err := k.Erased(month); err != nil || !erased {
		return errors.Join(err, fmt.Errorf("privacy: erase %.40s: nobody asked for it", month))
	}
	err := k.locked(func() error {
		files, err := k.monthFiles(month)
		if err != nil {
			return err
		}
		for _, path := range files {
			if err := shred(path); err != nil {
				return err
			}
		}
		return syncDir(k.dir)
	})
	if err != nil {
		return fmt.Errorf("privacy: erase: %w", err)
	}
	return nil
}

// Gone reports whether nothing of a key is here: it was erased, or never made.
func (k *Keyring) Gone(name string) (bool, error) {
	if _, _, err := k.Erased(name); err != nil { // the name is none, or its mark can't be read
		return false, err
	}
	files, err := k.monthFiles(name)
	return len(files) == 0, err
}

// monthFiles are those of the month's key: public half, identity, identities that
// were set aside.
func (k *Keyring) monthFiles(month string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(k.dir, month+".*"))
	var out []string
	for _, path := range all {
		if !strings.HasSuffix(path, erasedSuffix) {
			out = append(out, path)
		}
	}
	return out, err
}

// shred overwrites a file and unlinks it.
func shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, rand.Reader, info.Size())
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("overwrite: %w", err)
	}
	return os.Remove(path)
}

// Erasures are all of them, by month. An erasure whose key is still there in some
// form was interrupted; unfinished names those.
func (k *Keyring) Erasures() (all []Erasure, unfinished []string, err error) {
	marks, err := filepath.Glob(filepath.Join(k.dir, "*"+erasedSuffix))
	if err != nil {
		return nil, nil, fmt.Errorf("privacy: keys: %w", err)
	}
	for _, path := range marks {
		month := strings.TrimSuffix(filepath.Base(path), erasedSuffix)
		e, _, err := k.Erased(month)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, e)
		files, err := k.monthFiles(month)
		if err != nil {
			return nil, nil, fmt.Errorf("privacy: keys: %w", err)
		}
		if len(files) > 0 {
			unfinished = append(unfinished, month)
		}
	}
	return all, unfinished, nil
}
