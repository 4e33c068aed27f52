//go:build unix

package evidence

import (
	"errors"

	"golang.org/x/sys/unix"
)

// tryLock takes the file for its writer until it is closed or the process ends.
// ok is false when somebody else holds it. Where the file system has no locks
// the leases of the casebook guard alone.
func tryLock(fd uintptr) (ok bool, err error) {
	err = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case err == nil, errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOLCK), errors.Is(err, unix.EINVAL):
		return true, nil
	case errors.Is(err, unix.EWOULDBLOCK):
		return false, nil
	}
	return false, err
}
