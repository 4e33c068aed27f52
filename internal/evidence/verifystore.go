package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

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
	if len(identities) > 1 {
		identities = []age.Identity{&lastGood{all: identities}}
	}
	var file string
	var end int64
	finish := func() error {
		s, ok := store.(sizer)
		if file == "" || !ok {
			return nil
		}
		size, err := s.Size(ctx, file)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrUnavailable):
			return err
		case err != nil:
			v.fault(checkFiles, "%s: %v", file, err)
		case size != end:
			v.fault(checkFiles, "%s: %d bytes, its .idx lists %d", file, size, end)
		default:
			v.ok(checkFiles)
		}
		return nil
	}
	err := store.Walk(ctx, func(ref Ref) error {
		if ref.File != file {
			if err := finish(); err != nil {
				return err
			}
			file, end = ref.File, 0
		}
		if ref.Offset != end {
			v.fault(checkFiles, "%s: a capture at byte %d, the one in front ends at %d", file, ref.Offset, end)
		}
		if want := ref.At.UTC().Format("2006/01"); len(file) < len(want) || file[:len(want)] != want {
			v.fault(checkFiles, "%s at byte %d: a capture of %s", file, ref.Offset, Month(ref.At))
		}
		end = ref.End()
		return v.capture(ctx, store, ref, identities, closed)
	})
	if err == nil {
		err = finish()
	}
	if err != nil && ctx.Err() != nil {
		return Report{}, fmt.Errorf("evidence: verify: %w", ctx.Err())
	}
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

// capture checks one. The error is one of ctx or of a store that can't be asked.
func (v *verifier) capture(ctx context.Context, store Store, ref Ref, identities []age.Identity, closed map[string]int) error {
	at := fmt.Sprintf("%s at byte %d", ref.File, ref.Offset)
	sealed, err := store.Read(ctx, ref)
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) || ctx.Err() == nil {
			v.fault(checkSealed, "%s: %v", at, err)
		}
		return ctx.Err()
	}
	defer sealed.Close()
	sealedHash, plainHash := sha256.New(), sha256.New()
	from := &noting{r: sealed}
	tee := io.TeeReader(from, sealedHash)
	plain, openErr := unseal(tee, identities)
	var inner Report
	if openErr == nil {
		hashed := io.TeeReader(plain, plainHash)
		if inner, openErr = Verify(ctx, hashed); openErr == nil {
			_, openErr = io.Copy(io.Discard, hashed)
		}
	}
	_, err = io.Copy(io.Discard, tee)
	if errors.Is(from.err, ErrUnavailable) {
		return from.err
	}
	if err != nil {
		v.fault(checkSealed, "%s: %v", at, err)
		return ctx.Err()
	}
	if sum := hex.EncodeToString(sealedHash.Sum(nil)); sum != ref.SealedDigest {
		v.fault(checkSealed, "%s: the sealed bytes have digest %s, not %s", at, sum, ref.SealedDigest)
		return ctx.Err() // what is in it needs no second line
	}
	v.ok(checkSealed)
	switch sum := hex.EncodeToString(plainHash.Sum(nil)); {
	case errors.Is(openErr, ErrNoIdentity):
		closed[Month(ref.At)]++
		return ctx.Err()
	case openErr != nil:
		v.fault(checkPlain, "%s: %v", at, openErr)
		return ctx.Err()
	case sum != ref.Digest:
		v.fault(checkPlain, "%s: the plain bytes have digest %s, not %s", at, sum, ref.Digest)
	default:
		v.ok(checkPlain)
	}
	if !inner.OK {
		for _, c := range inner.Checked {
			if !c.OK {
				v.fault(checkWARC, "%s: %s: %s", at, c.What, c.Detail)
			}
		}
		return ctx.Err()
	}
	v.ok(checkWARC)
	return ctx.Err()
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
