package app

import (
	"errors"
	"fmt"
	"syscall"
)

// sqliteFull is SQLite's result code for a full disk (SQLITE_FULL).
const sqliteFull = 13

// diskFull reports whether an error says that there is no space left. Then no
// task can succeed, however often it is tried.
func diskFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	var coded interface{ Code() int }
	return errors.As(err, &coded) && coded.Code()&0xff == sqliteFull
}

// broken takes the errors that end the work; the first one is kept for whoever
// waits for the work. It reports whether it took it.
func (r *runner) broken(err error) bool {
	if !diskFull(err) {
		return false
	}
	select {
	case r.fatal <- err:
	default: // one is enough
	}
	return true
}

// fatal is where the error arrives that ends the work of this process. Nothing
// ever arrives while another process works.
func (s *Session) fatal() <-chan error {
	if s.rt == nil {
		return nil
	}
	return s.rt.fatal
}

// full words the error for people.
func (s *Session) full(err error) error {
	return fmt.Errorf("%s: no space left on the disk; free some and start again, nothing that was stored is lost (%w)", s.opts.Data, err)
}
