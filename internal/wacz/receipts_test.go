package wacz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"resumewatch/internal/evidence"
)

// Receipts lie beside the captures, are listed, and are held against them.
func TestReceipts(t *testing.T) {
	one, err := evidence.PageCapture(testInfo, exchanges(1, made))
	if err != nil {
		t.Fatal(err)
	}
	two, err := evidence.PageCapture(testInfo, exchanges(2, made))
	if err != nil {
		t.Fatal(err)
	}
	samples := []sample{stored(t, one), stored(t, two)}
	var b bytes.Buffer
	w, err := NewWriter(&b, options(t))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Drop()
	for _, s := range samples {
		if err := w.Add(t.Context(), s.ref, bytes.NewReader(s.plain)); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range []string{"a\nb", strings.Repeat("x", maxLine)} {
		if err := w.AddReceipt([]byte(line)); err == nil {
			t.Errorf("took %.10q…", line)
		}
	}
	if err := w.AddReceipt(fmt.Appendf(nil, "for %s\n", samples[0].ref.Digest)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(read(t, b.Bytes(), namePackage), nameCustody) {
		t.Error("the receipts are not listed")
	}
	check := func(receipt func([]byte) ([]string, error)) (evidence.Report, string) {
		t.Helper()
		r, err := Verify(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), VerifyOptions{Receipt: receipt})
		if err != nil {
			t.Fatal(err)
		}
		return r, fmt.Sprint(r)
	}
	r, text := check(func(line []byte) ([]string, error) { return []string{strings.TrimPrefix(string(line), "for ")}, nil })
	if !r.OK || !strings.Contains(text, "custody receipts true 1 good") || strings.Contains(text, samples[0].ref.Digest) || !strings.Contains(text, "capture "+samples[1].ref.Digest) {
		t.Errorf("%s", text)
	}
	if r, text = check(func([]byte) ([]string, error) { return nil, errors.New("forged") }); r.OK || !strings.Contains(text, "line 1: forged") {
		t.Errorf("%s", text)
	}
	if r, text = check(nil); !r.OK || !strings.Contains(text, "its receipts") {
		t.Errorf("%s", text)
	}
}
