package board

import (
	"context"
	"io"
	"net/http"
	"testing"
)

func get(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%s: %s, %v", address, res.Status, err)
	}
	return string(body)
}

// A warm forum says the same as one that makes its pages when they are asked for.
func TestWarmAndColdAreEqual(t *testing.T) {
	warm, cold := New(300, 5), New(300, 5)
	warm.Warm()
	made := 0
	warm.pages.Range(func(any, any) bool { made++; return true })
	if made < 290 || made > 310 {
		t.Errorf("%d pages were made", made)
	}
	a, stopA, err := warm.Start(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer stopA()
	b, stopB, err := cold.Start(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer stopB()
	seen := map[string]bool{}
	for _, path := range []string{"", "forum.php?mod=forumdisplay&fid=1", "forum.php?mod=forumdisplay&fid=2&page=2", "forum.php?mod=viewthread&tid=7&extra=page%3D1", "forum.php?mod=viewthread&tid=7&extra=page%3D1&page=2", "forum.php?mod=viewthread&tid=8"} {
		one, two := get(t, a.String()+path), get(t, b.String()+path)
		if one != two || seen[one] {
			t.Errorf("%s: pages differ, or are those of another address", path)
		}
		seen[one] = true
	}
	after := 0
	warm.pages.Range(func(any, any) bool { after++; return true })
	if after != made {
		t.Errorf("%d pages had not been made by Warm", after-made)
	}
}
