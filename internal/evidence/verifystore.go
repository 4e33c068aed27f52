package evidence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"filippo.io/age"
)

// What VerifyStore looks at.
const (
	checkFiles  = "files"
	checkSealed = "sealed digests"
	checkPlain  = "plain digests"
	checkWARC   = "warc"
)

// sizer is a store that can tell how long its files are.
type sizer interface {
	Size(ctx context.Context, file string) (int64, error)
}

// VerifyStore checks every capture of a store: that the files are as long as
// their .idx says and no longer, each in the folder of its month, that the
// sealed bytes have their digest, and, where an identity is at hand, that they
// open, that the plain bytes have theirs and are a sound WARC. Without identities
// the last is listed as unchecked, by month. The tail of a file that is being
// written is not listed yet and shows as a fault: verify when writers rest. The
// error is one of ctx, or of a store that can't be listed or asked: then nothing is
// said of what it holds.
func VerifyStore(ctx context.Context, store Store, identities []age.Identity) (Report, error) {
	v := newVerifier(checkFiles, checkSealed, checkPlain, checkWARC)
	closed := map[string]int{} // captures without identity, by month
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	looks := startLooks(ctx, store, identities)
	var taken sync.WaitGroup
	taken.Go(func() {
		for done := range looks.inOrder {
			if err := v.take(<-done, closed); err != nil {
				stop(err)
			}
		}
	})
	files := fileCheck{v: newVerifier(checkFiles), store: store}
	err := store.Walk(ctx, func(ref Ref) error {
		if err := files.next(ctx, ref); err != nil {
			return err
		}
		return looks.order(ctx, ref)
	})
	if err == nil {
		err = files.finish(ctx)
	}
	looks.end()
	taken.Wait()
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, ErrUnavailable) {
			return Report{}, cause
		}
		return Report{}, fmt.Errorf("evidence: verify: %w", cause)
	}
	v.counts[checkFiles], v.faults[checkFiles], v.faulty[checkFiles] = files.v.counts[checkFiles], files.v.faults[checkFiles], files.v.faulty[checkFiles]
	if errors.Is(err, ErrDamaged) { // an .idx that can't be read
		v.fault(checkFiles, "%v", err)
		v.unchecked("what follows in the order of files")
	} else if err != nil {
		return Report{}, err
	}
	for _, month := range slices.Sorted(maps.Keys(closed)) {
		v.unchecked("the content of %d captures of %s: no identity opens them", closed[month], month)
	}
	return v.report(map[string]string{
		checkFiles: "files as long as listed", checkSealed: "match", checkPlain: "match", checkWARC: "captures sound",
	}), nil
}

// lastGood tries first the identity that fitted last: captures come by month, and
// each try costs a scalar multiplication.
type lastGood struct {
	all  []age.Identity
	last int
}

// Unwrap implements age.Identity.
func (l *lastGood) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for i := range l.all {
		n := (l.last + i) % len(l.all)
		key, err := l.all[n].Unwrap(stanzas)
		if errors.Is(err, age.ErrIncorrectIdentity) {
			continue
		}
		l.last = n
		return key, err
	}
	return nil, age.ErrIncorrectIdentity
}
