package privacy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
)

// Run-time keys seal what only waits, such as the spool. Workers hold them as they
// are (they must read what they seal), in NAME-YYYY-Www.txt, 0600: a pair for each
// ISO week. Erasing one takes with it whatever was left of that week.

// maxRuntimeKeys bounds how many run-time keys of one name are read.
const maxRuntimeKeys = 64

// RuntimeKey is the pair of the week of the given time. It is made when first
// asked for and on disk before this returns. name is as for Secret.
func (k *Keyring) RuntimeKey(name string, at time.Time) (*age.X25519Identity, error) {
	if !secretForm.MatchString(name) {
		return nil, fmt.Errorf("privacy: run-time key %.80q: want lower-case letters, digits, - and _", name)
	}
	file := name + "-" + weekOf(at) + ".txt"
	id, err := k.identity(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = k.locked(func() error {
			if id, err = k.identity(file); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			made, err := age.GenerateX25519Identity()
			if err != nil {
				return err
			}
			text := fmt.Sprintf("# resumewatch: run-time key\n# public key: %s\n%s\n", made.Recipient(), made)
			if err := k.write(file, []byte(text), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			id, err = k.identity(file) // the winner's, where locks don't hold
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("privacy: run-time key %s: %w", file, err)
	}
	return id, nil
}

// RuntimeKeys are all pairs of that name, those of later weeks first.
func (k *Keyring) RuntimeKeys(name string) ([]age.Identity, error) {
	files, err := k.runtimeFiles(name)
	if err != nil {
		return nil, err
	}
	slices.Reverse(files)
	var out []age.Identity
	for _, file := range files[:min(len(files), maxRuntimeKeys)] {
		id, err := k.identity(file)
		if errors.Is(err, fs.ErrNotExist) { // erased meanwhile
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("privacy: run-time key %s: %w", file, err)
		}
		out = append(out, id)
	}
	return out, nil
}

// EraseRuntimeKeys removes the pairs of that name whose week ended before the given
// time, and returns how many. What was sealed to them can't be opened any more.
func (k *Keyring) EraseRuntimeKeys(name string, before time.Time) (int, error) {
	files, err := k.runtimeFiles(name)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, file := range files {
		end, ok := weekEnd(strings.TrimSuffix(strings.TrimPrefix(file, name+"-"), ".txt"))
		if !ok || !end.Before(before) {
			continue
		}
		if err := os.Remove(filepath.Join(k.dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, fmt.Errorf("privacy: erasing a run-time key: %w", err)
		}
		n++
	}
	if n == 0 {
		return 0, nil
	}
	if err := syncDir(k.dir); err != nil {
		return n, fmt.Errorf("privacy: erasing a run-time key: %w", err)
	}
	return n, nil
}

// identity reads the only identity of a file of the folder.
func (k *Keyring) identity(file string) (*age.X25519Identity, error) {
	text, err := k.read(file)
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	id, ok := ids[0].(*age.X25519Identity)
	if !ok || len(ids) != 1 {
		return nil, fmt.Errorf("%s: want one X25519 identity", file)
	}
	return id, nil
}

// runtimeFiles lists the files of a name's pairs, sorted by week.
func (k *Keyring) runtimeFiles(name string) ([]string, error) {
	if !secretForm.MatchString(name) {
		return nil, fmt.Errorf("privacy: run-time key %.80q: want lower-case letters, digits, - and _", name)
	}
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return nil, fmt.Errorf("privacy: keys: %w", err)
	}
	var out []string
	for _, e := range entries {
		week, ok := strings.CutPrefix(e.Name(), name+"-")
		if week, txt := strings.CutSuffix(week, ".txt"); ok && txt && weekForm.MatchString(week) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

var weekForm = regexp.MustCompile(`^([0-9]{4})-W([0-5][0-9])$`)

// weekOf is the ISO 8601 week of a time in UTC, 2026-W47.
func weekOf(at time.Time) string {
	year, week := at.UTC().ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// weekEnd is the first moment behind a week.
func weekEnd(week string) (time.Time, bool) {
	var year, number int
	if _, err := fmt.Sscanf(week, "%04d-W%02d", &year, &number); err != nil || !weekForm.MatchString(week) {
		return time.Time{}, false
	}
	// The 4th of January is always in week 1 (ISO 8601).
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	return monday.AddDate(0, 0, 7*number), true
}
