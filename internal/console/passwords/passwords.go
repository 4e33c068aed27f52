// Package passwords keeps passwords as argon2id digests in the PHC string format
// (github.com/P-H-C/phc-string-format): "$argon2id$v=19$m=19456,t=2,p=1$salt$digest".
package passwords

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Parameters of new digests: the first choice of the OWASP Password Storage Cheat
// Sheet for argon2id (19 MiB, two passes, one lane).
const (
	memory = 19 * 1024 // KiB
	passes = 2
	lanes  = 1

	saltBytes   = 16
	digestBytes = 32
)

// Bounds of a password, in runes and bytes. Its length is the only rule (NIST SP
// 800-63B-4, 3.1.1.2: no rules of composition).
const (
	MinLength = 10
	MaxBytes  = 1024
)

// ErrBusy says that too many wait for a slot already.
var ErrBusy = errors.New("too many passwords are being looked at")

// ErrFormat says that a stored digest can't be read.
var ErrFormat = errors.New("stored password digest can't be read")

// Check says what is wrong with a new password.
func Check(password string) error {
	switch {
	case !utf8.ValidString(password):
		return errors.New("the password is no UTF-8 text")
	case len(password) > MaxBytes:
		return fmt.Errorf("the password is longer than %d bytes", MaxBytes)
	case utf8.RuneCountInString(password) < MinLength:
		return fmt.Errorf("the password is shorter than %d characters", MinLength)
	}
	return nil
}

// Hasher makes and compares digests, a few at once: each takes 19 MiB while it is
// made, so that many sign-ins together could otherwise take all memory.
type Hasher struct {
	slots   chan struct{}
	queue   chan struct{} // who has a slot or waits for one
	nobody  string        // digest that no password has: unknown users take as long as known ones
	entropy func([]byte) (int, error)
}

// waiting is how many may wait for a slot: with two slots, a few seconds' worth.
const waiting = 100

// New makes a Hasher of so many digests at once.
func New(atOnce int) *Hasher {
	atOnce = max(atOnce, 1)
	h := &Hasher{slots: make(chan struct{}, atOnce), queue: make(chan struct{}, atOnce+waiting), entropy: rand.Read}
	salt := make([]byte, saltBytes)
	h.nobody = encode(salt, make([]byte, digestBytes))
	return h
}

// Hash gives the digest of a password under the present parameters. It waits for a
// slot, unless too many do (ErrBusy) or ctx ends.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := Check(password); err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	if _, err := h.entropy(salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	digest, err := h.derive(ctx, password, salt, params{memory, passes, lanes}, digestBytes)
	if err != nil {
		return "", err
	}
	return encode(salt, digest), nil
}

// Verify reports whether a password has this digest, and whether the digest was made
// under other parameters than today's. With phc "" it takes as long and says no.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (ok, outdated bool, err error) {
	known := phc != ""
	if !known {
		phc = h.nobody
	}
	p, salt, want, err := decode(phc)
	if err != nil {
		return false, false, err
	}
	if len(password) > MaxBytes {
		password = "" // no password is; the time it takes says nothing about the user
		known = false
	}
	got, err := h.derive(ctx, password, salt, p, len(want))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && known
	return ok, p != params{memory, passes, lanes} || len(want) != digestBytes, nil
}

// params are those of one digest.
type params struct {
	memory, passes uint32
	lanes          uint8
}

func (h *Hasher) derive(ctx context.Context, password string, salt []byte, p params, n int) ([]byte, error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	defer func() { <-h.queue }()
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-h.slots }()
	// One spelling of é, whichever keyboard wrote it.
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, p.passes, p.memory, p.lanes, uint32(n)), nil
}

func encode(salt, digest []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b64.EncodeToString(salt), b64.EncodeToString(digest))
}

// decode reads a digest with caps on what comparing it may cost.
func decode(phc string) (p params, salt, digest []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(phc) > 512 || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, ErrFormat
	}
	var rest string
	n, err := fmt.Sscanf(parts[3]+" end", "m=%d,t=%d,p=%d %s", &p.memory, &p.passes, &p.lanes, &rest)
	if err != nil || n != 4 || rest != "end" || p.memory < 8*uint32(p.lanes) || p.memory > 1<<20 || p.passes < 1 || p.passes > 64 || p.lanes < 1 {
		return p, nil, nil, ErrFormat
	}
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return p, nil, nil, ErrFormat
	}
	if digest, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(digest) < 16 {
		return p, nil, nil, ErrFormat
	}
	return p, salt, digest, nil
}
