package doubtful

import (
	"bytes"
	"strings"
	"testing"

	"resumewatch/bench/archivegen/gen"
)

func TestSprinkle(t *testing.T) {
	texts, err := Texts(5)
	if err != nil {
		t.Fatal(err)
	}
	var chat bytes.Buffer
	if _, err := gen.Chat(&chat, gen.Options{Messages: 1000, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	out := string(Sprinkle(chat.Bytes(), 50, texts))
	n := 0
	for _, text := range texts {
		n += strings.Count(out, "\r\n"+text+"\r\n\r\n")
	}
	if n < 15 || n > 25 || strings.Count(out, "\r\n\r\n") != strings.Count(chat.String(), "\r\n\r\n") {
		t.Errorf("%d texts in 1000 messages", n)
	}
	if out := Sprinkle([]byte("x"), 1, texts); string(out) != "x" {
		t.Errorf("%q", out)
	}
}
