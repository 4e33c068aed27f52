package queue_test

import (
	"context"
	"testing"

	"resumewatch/internal/queue"
	"resumewatch/internal/queue/queuetest"
)

// open opens a queue on an embedded Redis of its own.
func open(t testing.TB) (*queue.Asynq, *queue.Embedded) {
	t.Helper()
	e, err := queue.StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	q, err := queue.Open(context.Background(), e.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q, e
}

func TestEmbedded(t *testing.T) {
	queuetest.Run(t, func(t *testing.T) queue.Queue {
		q, _ := open(t)
		return q
	})
}
