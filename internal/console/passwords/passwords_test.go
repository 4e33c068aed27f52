package passwords

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

const good = "correct horse battery staple"

func TestHashAndVerify(t *testing.T) {
	h := New(2)
	phc, err := h.Hash(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("digest %s", phc)
	}
	again, err := h.Hash(t.Context(), good)
	if err != nil || again == phc {
		t.Fatalf("the same digest twice (%v): no salt", err)
	}
	for _, c := range []struct {
		phc, password string
		want          bool
	}{
		{phc, good, true}, {again, good, true}, {phc, good + " ", false}, {phc, "", false}, {"", good, false},
		{"", "", false}, {phc, strings.Repeat("x", 5000), false},
	} {
		ok, outdated, err := h.Verify(t.Context(), c.phc, c.password)
		if err != nil || ok != c.want || outdated {
			t.Errorf("Verify(%.20q, %.20q) = %v, outdated %v, %v; want %v", c.phc, c.password, ok, outdated, err, c.want)
		}
	}
}

// An answer of another implementation: the argon2id vector of the reference
// implementation's test.c (t=2, m=2^16, p=1, "password", "somesalt").
func TestForeignDigest(t *testing.T) {
	phc := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, outdated, err := New(1).Verify(t.Context(), phc, "password")
	if err != nil || !ok || !outdated {
		t.Fatalf("ok %v, outdated %v, %v", ok, outdated, err)
	}
}

func TestOneSpelling(t *testing.T) {
	h := New(1)
	phc, err := h.Hash(t.Context(), "cafe\u0301 et croissant")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.Verify(t.Context(), phc, "caf\u00e9 et croissant"); err != nil || !ok {
		t.Fatalf("composed é: %v, %v", ok, err)
	}
}

func TestCheck(t *testing.T) {
	for password, want := range map[string]bool{
		"123456789": false, "1234567890": true, "密码密码密码密码密码": true, "密码密码密码密码密": false,
		strings.Repeat("x", MaxBytes): true, strings.Repeat("x", MaxBytes+1): false, "bad\xff56789012": false,
	} {
		if err := Check(password); (err == nil) != want {
			t.Errorf("Check(%.30q) = %v, want ok %v", password, err, want)
		}
	}
	if _, err := New(1).Hash(t.Context(), "short"); err == nil {
		t.Error("a short password was hashed")
	}
}

func TestBadDigests(t *testing.T) {
	for _, phc := range []string{
		"x", "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=18$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=256$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=1,x=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=1$c29$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
	} {
		if ok, _, err := New(1).Verify(t.Context(), phc, "password"); ok || !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, %v", phc, ok, err)
		}
	}
}

// A full Hasher makes the next one wait, and one that waits can be called off.
func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(1)
		h.slots <- struct{}{}
		ctx, cancel := context.WithCancelCause(t.Context())
		stopped, done := make(chan error), make(chan error)
		go func() { _, _, err := h.Verify(ctx, "", "x"); stopped <- err }()
		go func() { _, _, err := h.Verify(t.Context(), "", "x"); done <- err }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("went on without a slot: %v", err)
		default:
		}
		gone := fmt.Errorf("gone")
		cancel(gone)
		if err := <-stopped; !errors.Is(err, gone) {
			t.Fatal(err)
		}
		<-h.slots
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, phc string) {
		p, salt, digest, err := decode(phc)
		if err == nil && (p.memory > 1<<20 || p.passes > 64 || p.lanes < 1 || len(salt) < 8 || len(digest) < 16 || len(digest) > 512) {
			t.Errorf("%q costs %+v with %d and %d bytes", phc, p, len(salt), len(digest))
		}
	})
}
