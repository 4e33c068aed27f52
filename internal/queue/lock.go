package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Files in the data folder by which processes find each other.
const (
	LockFile = "lock"
	RunFile  = "run.json"

	maxRunFile = 64 << 10
)

var (
	// ErrHeld says that another process works on the data folder.
	ErrHeld = errors.New("data folder is in use")
	// ErrNoRun says that no process told how to reach it (yet).
	ErrNoRun = errors.New("no process told how to reach its queue")
)

// Lock is the right to run the embedded parts on a data folder. It is the
// kernel's lock on a file, so it ends with its process, however that ends.
type Lock struct {
	dir  string
	lock *flock.Flock
}

// Acquire takes the lock of a data folder, making the folder if need be, or
// returns ErrHeld at once, with the holder's process id where it is known.
func Acquire(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	path := filepath.Join(dir, LockFile)
	l := &Lock{dir: dir, lock: flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))}
	got, err := l.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !got {
		if pid := holder(path); pid > 0 {
			return nil, fmt.Errorf("%s: %w by process %d", path, ErrHeld, pid)
		}
		return nil, fmt.Errorf("%s: %w", path, ErrHeld)
	}
	// Whoever ran here before is gone; nobody may be sent to its queue.
	if err := l.takeOver(path); err != nil {
		return nil, errors.Join(err, l.lock.Unlock())
	}
	return l, nil
}

func (l *Lock) takeOver(path string) error {
	if err := os.Remove(filepath.Join(l.dir, RunFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("old run file: %w", err)
	}
	// Written in place: a renamed file would be another lock.
	pid := strconv.Itoa(os.Getpid()) + "\n"
	if err := os.WriteFile(path, []byte(pid), 0o600); err != nil {
		return fmt.Errorf("holder of the lock: %w", err)
	}
	return nil
}

// holder is the process id in a lock file, 0 when there is none.
func holder(path string) int {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 1 {
		return 0
	}
	return pid
}

// Release removes the run file and gives the lock back. The lock file stays: to
// remove it would let two processes each hold one of that name.
func (l *Lock) Release() error {
	err := os.Remove(filepath.Join(l.dir, RunFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.lock.Unlock())
}

// Run is what the holder of the lock tells other processes of the same user.
type Run struct {
	Queue    string    `json:"queue"` // host:port of the embedded queue
	Password string    `json:"password"`
	PID      int       `json:"pid"`
	Started  time.Time `json:"started"`
	Console  string    `json:"console,omitempty"` // address of the web console
}

// Address is how to reach the queue.
func (r Run) Address() Address { return Address{Addr: r.Queue, Password: r.Password} }

// WriteRun writes the run file whole or not at all, readable by this user only.
// PID is filled in.
func (l *Lock) WriteRun(r Run) (err error) {
	r.PID = os.Getpid()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("run file: %w", err)
	}
	f, err := os.CreateTemp(l.dir, RunFile+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("run file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("run file: %w", err), os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(l.dir, RunFile))
}

// ReadRun reads the run file of the process that holds the lock: ErrNoRun while
// there is none, or only that of another process than the lock names.
func ReadRun(dir string) (Run, error) {
	path := filepath.Join(dir, RunFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Run{}, fmt.Errorf("%s: %w", path, ErrNoRun)
	}
	if err != nil {
		return Run{}, fmt.Errorf("run file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRunFile+1))
	if err != nil {
		return Run{}, fmt.Errorf("run file: %w", err)
	}
	if len(text) > maxRunFile {
		return Run{}, fmt.Errorf("run file %s: more than %d bytes", path, maxRunFile)
	}
	var r Run
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&r); err != nil {
		return Run{}, fmt.Errorf("run file %s: byte %d: %w", path, dec.InputOffset(), err)
	}
	if r.Queue == "" || r.PID < 1 {
		return Run{}, fmt.Errorf("run file %s: no queue address or process id", path)
	}
	if pid := holder(filepath.Join(dir, LockFile)); pid != r.PID {
		return Run{}, fmt.Errorf("%s: left by process %d: %w", path, r.PID, ErrNoRun)
	}
	return r, nil
}
