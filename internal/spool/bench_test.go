package spool

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"filippo.io/age"

	"resumewatch/internal/privacy"
)

// go test -run xxx -bench . ./internal/spool

func BenchmarkSeal(b *testing.B) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 4<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if err := seal(io.Discard, idFor("a"), data, key.Recipient()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnseal(b *testing.B) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 4<<20)
	var sealed bytes.Buffer
	if err := seal(&sealed, idFor("a"), data, key.Recipient()); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := unseal(bytes.NewReader(sealed.Bytes()), int64(sealed.Len()), idFor("a"), []age.Identity{key}); err != nil {
			b.Fatal(err)
		}
	}
}

// The way of a chunk: put, synced to disk; got; dropped.
func BenchmarkPutGetDrop(b *testing.B) {
	keys, err := privacy.OpenKeyring(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.TempDir(), keys, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 4<<20)
	b.SetBytes(int64(len(data)))
	n := 0
	for b.Loop() {
		id := idFor(fmt.Sprint(n))
		n++
		if err := s.Put(b.Context(), id, data); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Get(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		if err := s.Drop(b.Context(), id); err != nil {
			b.Fatal(err)
		}
	}
}
