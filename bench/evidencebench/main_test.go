package main

import (
	"bytes"
	"strings"
	"testing"
)

// A hundredth of what is measured: all of it opens, and verifies.
func TestHundredth(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--captures", "10000", "--verify", "20MB", "--open", "100"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"chats: written", "chats: gzip", "chats: evidence verify", "pages: evidence verify", "Opening one of 10000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	t.Log(out.String())
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"--captures", "0"}, {"--verify", "much"}, {"--open", "0"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
