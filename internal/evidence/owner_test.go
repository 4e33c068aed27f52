package evidence

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestOwners(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 30, 0, 0, time.UTC)
	seen := map[string]bool{}
	for range 1000 {
		o := NewOwner(at)
		if seen[o] || !ownerForm.MatchString(o) {
			t.Fatal(o)
		}
		seen[o] = true
	}
	for _, host := range []string{"", "web1", "监控机", "../../etc", "a b\n", "node-1.example.com", strings.Repeat("x", 255), "\xff\xfe"} {
		o := ownerOf(host, math.MaxInt, time.Unix(math.MaxInt32*4, 0))
		if !ownerForm.MatchString(o) || strings.Contains(o, "..") || len(o) > 64 {
			t.Errorf("%q gives %q", host, o)
		}
		file := newName(o, at, at)
		if OwnerOf(file) != o {
			t.Errorf("%s is read back as %s", o, OwnerOf(file))
		}
	}
}
