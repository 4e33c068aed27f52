package console

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// storedDigest is what scs makes of a token (HashTokenInStore).
func storedDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestSessionCodec(t *testing.T) {
	at := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	b, err := sessionCodec{}.Encode(at, map[string]any{sessionUser: "王芳", sessionGeneration: int64(1 << 60)})
	if err != nil {
		t.Fatal(err)
	}
	back, values, err := sessionCodec{}.Decode(b)
	if err != nil || !back.Equal(at) || values[sessionUser] != "王芳" || values[sessionGeneration] != int64(1<<60) {
		t.Fatalf("%v %v %v", back, values, err)
	}
	for _, bad := range []map[string]any{{"other": 1}, {sessionUser: 7}, {sessionGeneration: "1"}} {
		if _, err := (sessionCodec{}).Encode(at, bad); err == nil {
			t.Errorf("%v was encoded", bad)
		}
	}
	for _, bad := range []string{"", "x", `{"other":1}`, `{"user":1}`} {
		if _, _, err := (sessionCodec{}).Decode([]byte(bad)); err == nil {
			t.Errorf("%q was decoded", bad)
		}
	}
}

func FuzzSessionCodec(f *testing.F) {
	f.Add([]byte(`{"deadline":"2026-03-01T04:00:00Z","user":"a","generation":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		at, values, err := sessionCodec{}.Decode(b)
		if err != nil {
			return
		}
		if _, err := (sessionCodec{}).Encode(at, values); err != nil {
			t.Fatalf("%q can't go back: %v", b, err)
		}
	})
}

// The files of others are the ones that the table names.
func TestVendoredFiles(t *testing.T) {
	table, err := os.ReadFile(filepath.Join("vendored", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range a.files {
		if !strings.HasSuffix(name, ".min.js") {
			continue
		}
		sum := sha256.Sum256(data)
		if !strings.Contains(string(table), hex.EncodeToString(sum[:])) {
			t.Errorf("%s has another digest: %x", name, sum)
		}
	}
}
