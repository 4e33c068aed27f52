package queue_test

import (
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"resumewatch/internal/queue"
)

func TestMain(m *testing.M) {
	queue.LogRedis(slog.New(slog.DiscardHandler)) // tests break connections on purpose
	goleak.VerifyTestMain(m)
}
