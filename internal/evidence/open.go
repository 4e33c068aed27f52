package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"
)

// Open returns the plain capture, a .warc.gz. Its digests, of the sealed and of
// the plain bytes, are checked while it is read: where it ought to end with
// io.EOF it fails with an error that wraps ErrDamaged, so that a copy that
// succeeded is right. An error that wraps ErrNoIdentity says that none of the
// identities fits. The caller closes it.
func Open(ctx context.Context, store Store, ref Ref, identities []age.Identity) (io.ReadCloser, error) {
	sealed, err := store.Read(ctx, ref)
	if err != nil {
		return nil, err
	}
	o := &opened{ref: ref, from: &noting{r: sealed}, closer: sealed, sealedHash: sha256.New(), plainHash: sha256.New()}
	o.tee = io.TeeReader(o.from, o.sealedHash)
	o.plain, err = unseal(o.tee, identities)
	if err != nil {
		// Tell apart bytes that were changed from a key that is not at hand.
		if _, copyErr := io.Copy(io.Discard, o.tee); copyErr == nil && o.sum(o.sealedHash) != ref.SealedDigest {
			err = fmt.Errorf("%w: the sealed bytes are not those of digest %s", ErrDamaged, ref.SealedDigest)
		}
		if o.from.err != nil {
			err = o.from.err
		}
		return nil, errors.Join(fmt.Errorf("evidence: open %s at byte %d (%s): %w", ref.File, ref.Offset, Month(ref.At), err), sealed.Close())
	}
	return o, nil
}

// unseal decrypts one sealed capture.
func unseal(sealed io.Reader, identities []age.Identity) (io.Reader, error) {
	if len(identities) == 0 {
		return nil, ErrNoIdentity
	}
	plain, err := age.Decrypt(sealed, identities...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrNoIdentity
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain, nil
}

// opened checks what passes through it.
type opened struct {
	ref        Ref
	from       *noting
	closer     io.Closer
	tee, plain io.Reader
	sealedHash hash.Hash
	plainHash  hash.Hash
	end        error // io.EOF, or why not
}

func (o *opened) Read(p []byte) (int, error) {
	if o.end != nil {
		return 0, o.end
	}
	n, err := o.plain.Read(p)
	o.plainHash.Write(p[:n])
	switch {
	case err == io.EOF:
		o.end = o.finish()
	case err != nil:
		o.end = o.fault("%w", err)
	default:
		return n, nil
	}
	return n, o.end
}

func (o *opened) finish() error {
	if _, err := io.Copy(io.Discard, o.tee); err != nil { // age stops at its own end
		return o.fault("%w", err)
	}
	if sum := o.sum(o.sealedHash); sum != o.ref.SealedDigest {
		return o.fault("sealed bytes have digest %s, not %s", sum, o.ref.SealedDigest)
	}
	if sum := o.sum(o.plainHash); sum != o.ref.Digest {
		return o.fault("plain bytes have digest %s, not %s", sum, o.ref.Digest)
	}
	return io.EOF
}

func (o *opened) sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// fault says what is wrong with the bytes; that they could not be read is no
// fault of theirs.
func (o *opened) fault(format string, args ...any) error {
	if o.from.err != nil {
		return fmt.Errorf("evidence: %s at byte %d: %w", o.ref.File, o.ref.Offset, o.from.err)
	}
	return fmt.Errorf("evidence: %s at byte %d: %w: %w", o.ref.File, o.ref.Offset, ErrDamaged, fmt.Errorf(format, args...))
}

// Close implements io.Closer.
func (o *opened) Close() error { return o.closer.Close() }

// noting keeps the error of a store that could not be read to the end.
type noting struct {
	r   io.Reader
	err error
}

func (n *noting) Read(p []byte) (int, error) {
	c, err := n.r.Read(p)
	if err != nil && err != io.EOF {
		n.err = err
	}
	return c, err
}
