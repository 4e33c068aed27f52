package privacy

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
	"sync"
	"syscall"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"
)

// SecretSize is the length of a secret in bytes.
const SecretSize = 32

// maxKeyFile bounds what is read of any key file, in bytes.
const maxKeyFile = 64 << 10

// Keyring keeps the keys of one installation in one folder:
//
//	YYYY-MM.pub   the public half of a month's key; whoever captures needs it alone
//	YYYY-MM.txt   the identity as it is, 0600, when there is nobody to seal it to
//	YYYY-MM.age   the identity wrapped by age to the seal_to recipients
//	YYYY-MM.erased  when and why the key of that month was erased
//	hold-C-N.…, keep-C-N.…  the same four of what is kept for a case
//	NAME.key      a secret of 32 bytes as hex, 0600
//	NAME-YYYY-Www.txt  a run-time key of one week, 0600
//
// Nothing is ever overwritten. Several processes, also on several machines, may
// use one folder at once: what is missing is made under the lock of the file
// ".lock", and where a network's locks don't hold, the first file of a name
// stands and the others read it. A Keyring may be used by any number of goroutines.
type Keyring struct {
	dir    string
	sealTo []age.Recipient

	mu     sync.Mutex
	parsed map[string]age.Recipient // by the text of the .pub
	lock   func() (unlock func() error, err error)
}

// OpenKeyring opens the folder, making it (0700) when it is absent. sealTo are
// the recipients that new identities are wrapped to; with none they are kept
// as they are.
func OpenKeyring(dir string, sealTo []age.Recipient) (*Keyring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("privacy: keys: %w", err)
	}
	// A folder that a power cut takes back would take the keys with it.
	if err := syncDir(filepath.Dir(filepath.Clean(dir))); err != nil {
		return nil, fmt.Errorf("privacy: keys: %w", err)
	}
	k := &Keyring{dir: dir, sealTo: sealTo, parsed: map[string]age.Recipient{}}
	k.lock = k.lockFile
	return k, nil
}

// ParseRecipients reads the public keys of seal_to, "age1…" each. An error
// names the number of the entry, counted from 1.
func ParseRecipients(keys []string) ([]age.Recipient, error) {
	var out []age.Recipient
	for i, key := range keys {
		key = strings.TrimSpace(key)
		if strings.HasPrefix(key, "AGE-SECRET-KEY-") {
			return nil, fmt.Errorf("privacy: recipient %d is a secret key; give its public half, age1…", i+1)
		}
		rs, err := age.ParseRecipients(strings.NewReader(key))
		if err != nil || len(rs) != 1 || strings.ContainsAny(key, "\r\n") {
			return nil, fmt.Errorf("privacy: recipient %d: %.100q is no age public key (age1…)", i+1, key)
		}
		out = append(out, rs...)
	}
	return out, nil
}

// keyForm is how keys of captures are called: that of a month, or of a case.
const keyForm = `([0-9]{4}-(0[1-9]|1[0-2])|(hold|keep)-C-[1-9][0-9]{0,17})`

var monthForm = regexp.MustCompile(`^` + keyForm + `$`)

// Recipient is the public half of the month's key ("2026-11"), or of a hold's
// ("hold-C-3"). The pair is made when first asked for; it is on disk, both halves,
// before this returns.
func (k *Keyring) Recipient(month string) (age.Recipient, error) {
	if !monthForm.MatchString(month) {
		return nil, fmt.Errorf("privacy: month %.40q: want YYYY-MM", month)
	}
	// Read each time: after an erasure of the month nothing may be sealed to the
	// key that is gone, nor to another one of that month.
	if e, erased, err := k.Erased(month); err != nil {
		return nil, err
	} else if erased {
		return nil, fmt.Errorf("privacy: key of %s: %w on %s", month, ErrErased, e.At.Format(time.DateOnly))
	}
	r, err := k.published(month)
	if errors.Is(err, fs.ErrNotExist) {
		err = k.locked(func() error {
			var err error
			if r, err = k.published(month); errors.Is(err, fs.ErrNotExist) {
				r, err = k.make(month)
			}
			if errors.Is(err, fs.ErrExist) { // another made it, in spite of the lock
				r, err = k.awaited(month)
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("privacy: key of %s: %w", month, err)
	}
	return r, nil
}

func (k *Keyring) published(month string) (age.Recipient, error) {
	name := month + ".pub"
	text, err := k.read(name)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.parsed[string(text)]; r != nil {
		return r, nil
	}
	rs, err := age.ParseRecipients(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rs) != 1 {
		return nil, fmt.Errorf("%s: %d keys; want one", name, len(rs))
	}
	if len(k.parsed) > 1000 { // only an endless change of keys gets here
		clear(k.parsed)
	}
	k.parsed[string(text)] = rs[0]
	return rs[0], nil
}

// awaited is the public half of a pair that another process is making, or has
// made: between its two files a moment passes.
func (k *Keyring) awaited(month string) (r age.Recipient, err error) {
	for pause := time.Millisecond; pause < 2*time.Second; pause *= 2 {
		if r, err = k.published(month); !errors.Is(err, fs.ErrNotExist) {
			return r, err
		}
		time.Sleep(pause)
	}
	return k.make(month) // it died between the two
}

// make makes the pair, identity first: what was sealed to a published key can
// always be opened. It runs under the lock.
func (k *Keyring) make(month string) (age.Recipient, error) {
	id, err := k.identityWithoutPub(month)
	if err != nil {
		return nil, err
	}
	if id == nil {
		if id, err = age.GenerateX25519Identity(); err != nil {
			return nil, err
		}
		name, content, err := k.wrap(month, id)
		if err != nil {
			return nil, err
		}
		if err := k.write(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	// Where the lock doesn't hold another may have been first: that one's stands, its
	// identity was there before it.
	if err := k.write(month+".pub", []byte(id.Recipient().String()+"\n"), 0o644); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return k.published(month)
}

// identityWithoutPub looks for what a kill between the two writes left. A plain
// identity tells its public half. A wrapped one doesn't: it is set aside under
// another name, never removed, for perhaps only the .pub was lost.
func (k *Keyring) identityWithoutPub(month string) (*age.X25519Identity, error) {
	id, err := k.identity(month + ".txt")
	if err == nil {
		return id, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	wrapped := filepath.Join(k.dir, month+".age")
	for n := 1; ; n++ {
		aside := filepath.Join(k.dir, fmt.Sprintf("%s.%d.age", month, n))
		if _, err := os.Lstat(wrapped); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		if err := os.Rename(wrapped, aside); errors.Is(err, fs.ErrNotExist) { // another process did, where locks don't hold
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		return nil, syncDir(k.dir)
	}
}

func (k *Keyring) wrap(month string, id *age.X25519Identity) (name string, content []byte, err error) {
	plain := fmt.Sprintf("# resumewatch: identity of the captures of %s\n# public key: %s\n%s\n", month, id.Recipient(), id)
	if len(k.sealTo) == 0 {
		return month + ".txt", []byte(plain), nil
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, k.sealTo...)
	if err != nil {
		return "", nil, err
	}
	if _, err := io.WriteString(w, plain); err != nil {
		return "", nil, err
	}
	if err := w.Close(); err != nil {
		return "", nil, err
	}
	return month + ".age", b.Bytes(), nil
}

var identityForm = regexp.MustCompile(`^` + keyForm + `(\.[0-9]+)?\.(txt|age)$`)

// Identities are those that open captures: of the folder the plain ones and
// those that the identities of the given files unwrap, then the latter
// themselves. A wrapped one that none of them opens is left out. The error
// joins what is wrong with single files of the folder, the rest is returned
// nevertheless; a given file that can't be read gives an error alone.
func (k *Keyring) Identities(ctx context.Context, identityFiles ...string) ([]age.Identity, error) {
	var given []age.Identity
	for _, name := range identityFiles {
		text, err := readKeyFile(name)
		if err != nil {
			return nil, fmt.Errorf("privacy: identity file: %w", err)
		}
		ids, err := age.ParseIdentities(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("privacy: identity file %s: %w", name, err)
		}
		given = append(given, ids...)
	}
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return nil, fmt.Errorf("privacy: keys: %w", err)
	}
	var out []age.Identity
	var faults []error
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !identityForm.MatchString(e.Name()) {
			continue
		}
		ids, err := k.open(e.Name(), given)
		if err != nil {
			faults = append(faults, fmt.Errorf("privacy: %s: %w", filepath.Join(k.dir, e.Name()), err))
		}
		out = append(out, ids...)
	}
	return append(out, given...), errors.Join(faults...)
}

// open reads one identity file of the folder; nil when no given identity fits.
func (k *Keyring) open(name string, given []age.Identity) ([]age.Identity, error) {
	text, err := k.read(name)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".age") {
		if len(given) == 0 {
			return nil, nil
		}
		r, err := age.Decrypt(bytes.NewReader(text), given...)
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if text, err = io.ReadAll(io.LimitReader(r, maxKeyFile)); err != nil {
			return nil, err
		}
	}
	return age.ParseIdentities(bytes.NewReader(text))
}

// locked runs f while no other process of this folder runs one.
func (k *Keyring) locked(f func() error) error {
	unlock, err := k.lock()
	if err != nil {
		return fmt.Errorf("lock of %s: %w", k.dir, err)
	}
	return errors.Join(k.sweep(), f(), unlock())
}

func (k *Keyring) lockFile() (func() error, error) {
	lock := flock.New(filepath.Join(k.dir, ".lock"), flock.SetPermissions(0o600)) // a handle a call: goroutines exclude each other too
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := lock.TryLockContext(ctx, 5*time.Millisecond)
	switch {
	case errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK): // a file system without locks
		return lock.Close, nil
	case err != nil:
		return nil, err
	}
	return lock.Unlock, nil
}

// unfinished is how old a file that isn't finished gets before nobody can be
// writing it any more.
const unfinished = time.Minute

// sweep removes what a kill left of unfinished files.
func (k *Keyring) sweep() error {
	left, err := filepath.Glob(filepath.Join(k.dir, newPrefix+"*"))
	for _, path := range left {
		// The lock may not hold on every file system: young ones may have a writer.
		if info, statErr := os.Stat(path); statErr != nil || time.Since(info.ModTime()) < unfinished {
			continue
		}
		if rmErr := os.Remove(path); !errors.Is(rmErr, fs.ErrNotExist) {
			err = errors.Join(err, rmErr)
		}
	}
	return err
}

// newPrefix begins the names of files that are not finished.
const newPrefix = ".new-"

func (k *Keyring) read(name string) ([]byte, error) {
	return readKeyFile(filepath.Join(k.dir, name))
}

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxKeyFile)
	}
	return text, nil
}

// write makes a file that is whole or absent and never replaces one.
func (k *Keyring) write(name string, content []byte, mode os.FileMode) (err error) {
	path := filepath.Join(k.dir, name)
	tmp := filepath.Join(k.dir, newPrefix+rand.Text())
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) // linked or not, the second name goes
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp, path); errors.Is(err, fs.ErrExist) {
		return err
	} else if err != nil { // a file system without links: the lock alone guards
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s: %w", path, fs.ErrExist)
		}
		if err := os.Rename(tmp, path); err != nil {
			return err
		}
	}
	return syncDir(k.dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
