package evidence

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Captures are checked at once, and what is wrong is told in their order.
func TestVerifyStoreInOrder(t *testing.T) {
	d, keys := testDir(t)
	w := testWriter(t, d, "w")
	var refs []Ref
	for i := range 60 {
		c := chatCapture(t, 1, testTime)
		c.Records[1].At = testTime.Add(time.Duration(i))
		refs = append(refs, appendOne(t, w, c))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(d.dir, refs[0].File)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Clone(data)
	for i := 3; i < 60; i += 7 {
		data[refs[i].End()-1] ^= 1
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := VerifyStore(context.Background(), d, keys.identities())
	if err != nil || first.OK {
		t.Fatalf("%+v %v", first, err)
	}
	faults := 0
	for _, c := range first.Checked {
		if c.What == checkSealed && !c.OK {
			faults++
		}
	}
	if faults != 9 {
		t.Errorf("%d faults: %+v", faults, first)
	}
	for range 5 {
		again, err := VerifyStore(context.Background(), d, keys.identities())
		if diff := cmp.Diff(first, again); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := VerifyStore(ctx, d, keys.identities()); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
