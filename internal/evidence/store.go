package evidence

import (
	"context"
	"errors"
	"io"

	"filippo.io/age"
)

// MaxFile is the size at which a writer goes on in a new file, in bytes. A
// capture is never split, so that a file may exceed it by one capture.
const MaxFile = 1 << 30

// Sealer hands out the public half of a month's key ("2026-11"), or of one that a
// Capture names; it must be durable before it is returned. privacy.Keyring is one.
type Sealer interface {
	Recipient(key string) (age.Recipient, error)
}

// Errors of the stores.
var (
	// ErrDamaged is wrapped when stored bytes are not those that were written.
	ErrDamaged = errors.New("evidence is damaged")
	// ErrNoIdentity is wrapped when no identity at hand opens a capture.
	ErrNoIdentity = errors.New("no identity opens it")
	// ErrClosed is returned by a writer after Close.
	ErrClosed = errors.New("evidence writer is closed")
)

// Store keeps sealed captures. Its methods may be called by any number of
// goroutines and, on one folder or bucket, of processes. The contract is
// tested by evidencetest.Run.
type Store interface {
	// Writer returns a writer whose files nobody else appends to. owner goes
	// into their names (OwnerOf reads it back) and holds 1 to 64 of A-Z a-z 0-9 _ . -
	// A file comes to be with the first capture, not before, and in S3-compatible
	// storage with the Sync, which ends it. Files end by size
	// (MaxFile), by month of the capture and by its key.
	Writer(ctx context.Context, owner string) (Writer, error)

	// Read returns the sealed bytes of a capture: exactly ref.Length of them.
	// A file that is absent gives an error that wraps fs.ErrNotExist, one that is
	// too short ErrDamaged. The caller closes it.
	Read(ctx context.Context, ref Ref) (io.ReadCloser, error)

	// Recover cuts what killed writers left: in each file that has no live
	// writer, all behind known(file), the end of the last capture that the
	// casebook knows (0: it knows none, the file goes), and the same in its .idx.
	// A file for which live(file) is true, or whose writer is seen to live, stays
	// as it is. live must be true as long as the owner of the file may commit what
	// it holds, closed or not. All files are listed before live is asked for the
	// first time, and known is asked after live of the same file. A file that is
	// shorter than known(file) is not touched and listed in Recovered.Damaged. Recover may run beside writers and itself; doing it
	// twice changes nothing more. It believes known: a caller whose casebook is
	// new, or was restored from a copy older than the evidence, must not call it.
	Recover(ctx context.Context, known func(file string) int64, live func(file string) bool) (Recovered, error)

	// Walk calls fn for each capture in the order of files and offsets, from the
	// .idx files, until fn returns an error, which it returns. A capture whose
	// line isn't complete yet is left out.
	Walk(ctx context.Context, fn func(Ref) error) error

	// Remove removes a file and its .idx whole; that they are gone is durable when
	// it returns. One that is absent, in whole or in part, is no error. Nobody may
	// write the file any more; who reads it meanwhile gets it whole or an error. A
	// kill leaves nothing that Walk lists and Read can't read.
	Remove(ctx context.Context, file string) error
}

// Writer appends captures to files of its own. It is for one goroutine at a time.
type Writer interface {
	// Append seals and writes one capture. After an error nothing of it is left
	// behind and the writer may be used on, unless Sync says otherwise. The Ref
	// is not durable before Sync.
	Append(ctx context.Context, c Capture) (Ref, error)

	// Sync makes durable all that was appended: only then may the refs be
	// committed. After an error every ref since the last good Sync is void and
	// the writer stays failed: close it and take a new one.
	Sync(ctx context.Context) error

	// Close syncs and gives the file up. Closing twice is no error.
	Close() error
}

// Recovered says what Recover did.
type Recovered struct {
	Files   int       // files without a live writer that were looked at
	Cut     int       // files whose tail was cut
	Removed int       // files that held nothing that the casebook knows
	Bytes   int64     // bytes cut and removed, .idx files apart
	Damaged []Damaged // what is missing, in the order of files
}

// Damaged names a file that lacks what the casebook knows of.
type Damaged struct {
	File   string
	Detail string
}
