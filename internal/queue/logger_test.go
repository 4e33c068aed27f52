package queue

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestALineOfAsynqIsWrittenOnceInAWhile(t *testing.T) {
	var out bytes.Buffer
	l := newLogger(slog.New(slog.NewTextHandler(&out, nil)))
	for range 5 {
		l.Error("Dequeue error: ", "connection refused")
	}
	l.Error("Dequeue error: ", "another")
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, &out)
	}

	s, now := &said{until: map[string]time.Time{}}, time.Unix(1, 0)
	for i, step := range []struct {
		after time.Duration
		again bool
	}{{0, false}, {logPause - 1, true}, {logPause, false}, {2*logPause - 1, true}} {
		if got := s.again("line", now.Add(step.after)); got != step.again {
			t.Errorf("step %d: %v", i, got)
		}
	}
	for i := range 10 * logTexts {
		s.again(fmt.Sprint(i), now)
	}
	if len(s.until) > logTexts {
		t.Errorf("%d texts are remembered", len(s.until))
	}
}
