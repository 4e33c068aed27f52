package custody

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// algEd25519 is the number of Ed25519 in keys of notes.
const algEd25519 = 1

// Key signs checkpoints.
type Key struct {
	Public string // as note.NewVerifier reads it; it begins with the log's name
	signer note.Signer
}

// NewKey makes the log's key of 32 secret bytes. The log's name follows from it.
func NewKey(seed []byte) (Key, error) {
	if len(seed) != ed25519.SeedSize {
		return Key{}, fmt.Errorf("custody: a seed of %d bytes, want %d", len(seed), ed25519.SeedSize)
	}
	public, ok := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if !ok {
		return Key{}, fmt.Errorf("custody: no public key of this seed")
	}
	sum := sha256.Sum256(public)
	vkey, err := note.NewEd25519VerifierKey("resumewatch/"+hex.EncodeToString(sum[:6]), public)
	if err != nil {
		return Key{}, fmt.Errorf("custody: %w", err)
	}
	parts := strings.SplitN(vkey, "+", 3) // NAME, HASH, and base64 that may hold a + itself
	if len(parts) != 3 {
		return Key{}, fmt.Errorf("custody: public key %.80q", vkey)
	}
	signer, err := note.NewSigner("PRIVATE+KEY+" + parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, seed...)))
	if err != nil {
		return Key{}, fmt.Errorf("custody: %w", err)
	}
	return Key{vkey, signer}, nil
}
