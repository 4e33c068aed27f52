package evidencetest

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/evidence"
)

// remove takes one file away: whole, that one only, and as often as one likes.
func remove(t *testing.T, open Open) {
	keys, ctx := &Keys{}, context.Background()
	s := open(t, keys)
	w, other := writer(t, s, "w"), writer(t, s, "other")
	a, b := add(t, w, Chat(t, 1, march)), add(t, w, Chat(t, 2, march))
	stays := add(t, other, Chat(t, 3, march))
	closeAll(t, w, other)
	for _, again := range []string{"once", "again", "by another"} {
		if again == "by another" {
			s = open(t, keys)
		}
		if err := s.Remove(ctx, a.File); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		for _, ref := range []evidence.Ref{a, b} {
			if _, err := s.Read(ctx, ref); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: what was removed is read: %v", again, err)
			}
		}
		if diff := cmp.Diff([]evidence.Ref{stays}, walk(t, s)); diff != "" {
			t.Errorf("%s: %s", again, diff)
		}
	}
	plain(t, s, stays, keys.Identities())
	if diff := cmp.Diff(evidence.Recovered{Files: 1}, recovered(t, s, ends(stays), nobody)); diff != "" {
		t.Errorf("recovery after it: %s", diff)
	}
	for _, bad := range []string{"", "../" + stays.File, "2026/03", strings.TrimSuffix(stays.File, ".age"), stays.File + ".idx"} {
		if err := s.Remove(ctx, bad); err == nil {
			t.Errorf("%q was removed", bad)
		}
	}
	if err := s.Remove(ctx, strings.Replace(stays.File, "2026/03", "1999/03", 1)); err != nil {
		t.Errorf("a month that isn't there: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Remove(ended, stays.File); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	plain(t, s, stays, keys.Identities())
}
