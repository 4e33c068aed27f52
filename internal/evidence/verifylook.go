package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"sync"

	"filippo.io/age"
)

// fileCheck holds files against what their .idx lists.
type fileCheck struct {
	v     *verifier
	store Store
	file  string
	end   int64
}

// next takes the next capture of a walk. The error is one of ctx or of a store that
// can't be asked.
func (f *fileCheck) next(ctx context.Context, ref Ref) error {
	if ref.File != f.file {
		if err := f.finish(ctx); err != nil {
			return err
		}
		f.file, f.end = ref.File, 0
	}
	if ref.Offset != f.end {
		f.v.fault(checkFiles, "%s: a capture at byte %d, the one in front ends at %d", f.file, ref.Offset, f.end)
	}
	if !strings.HasPrefix(f.file, ref.At.UTC().Format("2006/01")) {
		f.v.fault(checkFiles, "%s at byte %d: a capture of %s", f.file, ref.Offset, Month(ref.At))
	}
	f.end = ref.End()
	return nil
}

// finish ends a file.
func (f *fileCheck) finish(ctx context.Context) error {
	s, ok := f.store.(sizer)
	if f.file == "" || !ok {
		return nil
	}
	size, err := s.Size(ctx, f.file)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrUnavailable):
		return err
	case err != nil:
		f.v.fault(checkFiles, "%s: %v", f.file, err)
	case size != f.end:
		f.v.fault(checkFiles, "%s: %d bytes, its .idx lists %d", f.file, size, f.end)
	default:
		f.v.ok(checkFiles)
	}
	return nil
}

// looks are captures being checked, as many at once as there are processors.
type looks struct {
	orders  chan order
	inOrder chan chan look // one for each order, in their order
	workers sync.WaitGroup
}

type order struct {
	ref  Ref
	done chan look // holds one
}

// look is what was found of one capture.
type look struct {
	good   []string    // kinds of check that went well
	faults [][2]string // kind and what is wrong
	closed string      // month that no identity opens; "" none
	err    error       // of ctx, or of a store that can't be asked
}

func startLooks(ctx context.Context, store Store, identities []age.Identity) *looks {
	n := runtime.GOMAXPROCS(0)
	l := &looks{orders: make(chan order), inOrder: make(chan chan look, 4*n)}
	for range n {
		w := looker{store: store, identities: identities, warc: NewReader(nil), buf: make([]byte, 32<<10)}
		if len(identities) > 1 {
			w.identities = []age.Identity{&lastGood{all: identities}}
		}
		l.workers.Go(func() {
			for o := range l.orders {
				o.done <- w.look(ctx, o.ref)
			}
		})
	}
	return l
}

// order asks for a look; it waits while too many are asked for.
func (l *looks) order(ctx context.Context, ref Ref) error {
	o := order{ref, make(chan look, 1)}
	select {
	case l.inOrder <- o.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	l.orders <- o // workers take all that is ordered, and soon once ctx has ended
	return nil
}

// end says that no more is ordered, and waits for what was.
func (l *looks) end() {
	close(l.orders)
	l.workers.Wait()
	close(l.inOrder)
}

// take adds what a look found.
func (v *verifier) take(l look, closed map[string]int) error {
	for _, kind := range l.good {
		v.ok(kind)
	}
	for _, f := range l.faults {
		v.fault(f[0], "%s", f[1])
	}
	if l.closed != "" {
		closed[l.closed]++
	}
	return l.err
}

// looker checks one capture after the other.
type looker struct {
	store      Store
	identities []age.Identity
	warc       *Reader
	buf        []byte
}

func (w *looker) look(ctx context.Context, ref Ref) (out look) {
	fault := func(kind, format string, args ...any) {
		out.faults = append(out.faults, [2]string{kind, fmt.Sprintf("%s at byte %d: %s", ref.File, ref.Offset, fmt.Sprintf(format, args...))})
	}
	if out.err = ctx.Err(); out.err != nil {
		return out
	}
	sealed, err := w.store.Read(ctx, ref)
	if errors.Is(err, ErrUnavailable) {
		out.err = err
		return out
	}
	if err != nil {
		if out.err = ctx.Err(); out.err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) {
			fault(checkSealed, "%v", err)
		}
		return out
	}
	defer sealed.Close()
	sealedHash, plainHash := sha256.New(), sha256.New()
	from := &noting{r: sealed}
	tee := io.TeeReader(from, sealedHash)
	plain, openErr := unseal(tee, w.identities)
	var inner Report
	if openErr == nil {
		hashed := io.TeeReader(plain, plainHash)
		w.warc.reset(&ctxReader{ctx, hashed})
		if inner, openErr = verifyWARC(w.warc, w.buf); openErr == nil {
			_, openErr = io.Copy(io.Discard, hashed)
		}
	}
	_, err = io.Copy(io.Discard, tee)
	if errors.Is(from.err, ErrUnavailable) {
		out.err = from.err
		return out
	}
	if out.err = ctx.Err(); err != nil || out.err != nil {
		if err != nil {
			fault(checkSealed, "%v", err)
		}
		return out
	}
	if sum := hex.EncodeToString(sealedHash.Sum(nil)); sum != ref.SealedDigest {
		fault(checkSealed, "the sealed bytes have digest %s, not %s", sum, ref.SealedDigest)
		return out // what is in it needs no second line
	}
	out.good = append(out.good, checkSealed)
	switch sum := hex.EncodeToString(plainHash.Sum(nil)); {
	case errors.Is(openErr, ErrNoIdentity):
		out.closed = Month(ref.At)
		return out
	case openErr != nil:
		fault(checkPlain, "%v", openErr)
		return out
	case sum != ref.Digest:
		fault(checkPlain, "the plain bytes have digest %s, not %s", sum, ref.Digest)
	default:
		out.good = append(out.good, checkPlain)
	}
	if inner.OK {
		out.good = append(out.good, checkWARC)
	}
	for _, c := range inner.Checked {
		if !c.OK {
			fault(checkWARC, "%s: %s", c.What, c.Detail)
		}
	}
	return out
}
