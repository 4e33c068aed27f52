package main

import (
	"bytes"
	"strings"
	"testing"
)

// A little of what is measured: all of it opens, and verifies. (A hundredth is in
// .ci/part/torture.)
func TestLittle(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--captures", "1050", "--verify", "2MB", "--open", "100"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"chats: written", "chats: gzip", "chats: evidence verify", "pages: evidence verify", "Opening one of 1050"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"--captures", "0"}, {"--verify", "much"}, {"--open", "0"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
