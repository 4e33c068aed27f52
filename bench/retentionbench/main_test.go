package main

import (
	"strings"
	"testing"
)

// The bench itself, a thousandth of it.
func TestBench(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"--listings", "1200", "--young", "300", "--index"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "beside retention") {
		t.Errorf("no table in\n%s", out.String())
	}
}
