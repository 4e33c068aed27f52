package privacy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"resumewatch/internal/market"
)

func TestBlind(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	k := openRing(t, dir)
	b, err := k.OpenBlind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := b.Digest(BlindPhone, "13800138000")
	if !regexp.MustCompile(`^1:[0-9a-f]{32}$`).MatchString(first) {
		t.Fatalf("digest %q", first)
	}
	if b.Digest(BlindPhone, "13800138001") == first || b.Digest(BlindEmail, "13800138000") == first {
		t.Error("two values have one digest")
	}
	again, err := openRing(t, dir).OpenBlind(ctx)
	if err != nil || again.Digest(BlindPhone, "13800138000") != first {
		t.Fatalf("another process: %v", err)
	}
	elsewhere, err := openRing(t, t.TempDir()).OpenBlind(ctx)
	if err != nil || elsewhere.Digest(BlindPhone, "13800138000") == first {
		t.Fatalf("two installations have one key: %v", err)
	}
	other, err := os.ReadFile(filepath.Join(dir, "blind-phone-1.key"))
	if mail, _ := os.ReadFile(filepath.Join(dir, "blind-email-1.key")); err != nil || string(mail) == string(other) {
		t.Fatalf("two kinds have one key: %v", err)
	}

	if n, err := k.RotateBlind(BlindPhone); n != 2 || err != nil {
		t.Fatalf("rotated: %d, %v", n, err)
	}
	rotated, err := k.OpenBlind(ctx)
	if err != nil {
		t.Fatal(err)
	}
	newest := rotated.Digest(BlindPhone, "13800138000")
	if !strings.HasPrefix(newest, "2:") || !slices.Equal(rotated.Digests(BlindPhone, "13800138000"), []string{newest, first}) {
		t.Errorf("after rotation: %v", rotated.Digests(BlindPhone, "13800138000"))
	}
	if len(rotated.Digests(BlindEmail, "a@example.com")) != 1 {
		t.Error("another kind was rotated as well")
	}
	if err := k.DropBlind(BlindPhone, 2); err == nil {
		t.Error("dropped the key in use")
	}
	if err := k.DropBlind(BlindPhone, 1); err != nil {
		t.Error(err)
	}
	if left, err := k.OpenBlind(ctx); err != nil || !slices.Equal(left.Digests(BlindPhone, "13800138000"), []string{newest}) {
		t.Errorf("after dropping: %v", err)
	}
	if _, err := k.RotateBlind("../x"); err == nil {
		t.Error("rotated what is no kind")
	}
}

func TestPerson(t *testing.T) {
	b, err := openRing(t, t.TempDir()).OpenBlind(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	phone := market.PersonValue{Kind: BlindPhone, Value: "13800138000"}
	mail := market.PersonValue{Kind: BlindEmail, Value: "li.si@example.com"}
	person := func(values ...market.PersonValue) string {
		p := b.Person(values)
		return p[len(p)-1].Digest
	}
	if got := b.Person([]market.PersonValue{mail, phone, phone, {Kind: "name", Value: "李四"}}); len(got) != 3 || got[2].Kind != BlindPerson {
		t.Errorf("got %v", got)
	}
	if person(phone) != person(mail, phone) {
		t.Error("one phone, two persons")
	}
	if person(phone) == person(mail) {
		t.Error("a phone and a mailbox are one person")
	}
	if b.Person(nil) != nil || b.Person([]market.PersonValue{{Kind: "name", Value: "李四"}}) != nil {
		t.Error("nobody is a person")
	}
}

func TestNormalBlind(t *testing.T) {
	for _, tt := range []struct{ kind, in, want string }{
		{BlindPhone, " +86 138-0013-8000 ", "13800138000"}, {BlindPhone, "1380013800", ""}, {BlindPhone, "23800138000", ""},
		{BlindIDNumber, "11010119900101123x", "11010119900101123X"}, {BlindIDNumber, "110101900101123", "110101900101123"},
		{BlindIDNumber, "1101011990010112X3", ""}, {BlindIDNumber, "", ""}, {BlindIDNumber, "11010190010112X", ""},
		{BlindEmail, "Li.Si@Example.com", "li.si@example.com"}, {BlindEmail, "@example.com", ""}, {BlindEmail, "a b@c.cn", ""},
		{BlindResumeID, " J12 345 ", "j12345"}, {BlindResumeID, "", ""}, {"name", "李四", ""},
	} {
		got, err := NormalBlind(tt.kind, tt.in)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s %q: %q, %v", tt.kind, tt.in, got, err)
		}
	}
}
