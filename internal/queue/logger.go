package queue

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

var _ asynq.Logger = logger{}

// logger gives Asynq's lines to slog, without those that tell of no trouble, and
// the same one once in logPause: while Redis is away it says so every second.
type logger struct {
	to   *slog.Logger
	said *said
}

const (
	logPause = 30 * time.Second
	logTexts = 256 // remembered at once
)

// said remembers which lines were written lately.
type said struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// again reports whether the line was written within logPause before now.
func (s *said) again(text string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.until[text]) {
		return true
	}
	if len(s.until) >= logTexts {
		clear(s.until)
	}
	s.until[text] = now.Add(logPause)
	return false
}

func newLogger(to *slog.Logger) logger {
	if to == nil {
		to = slog.New(slog.DiscardHandler)
	}
	return logger{to, &said{until: map[string]time.Time{}}}
}

// expected are parts of lines that Asynq logs as warnings or errors in the way
// that we use it: the connection is shared on purpose, and a failed task is
// revoked on purpose and told to Options.Failed.
var expected = []string{"redis connection is shared", "revoke task id="}

func (l logger) line(level func(string, ...any), args []any) {
	text := fmt.Sprint(args...)
	for _, e := range expected {
		if strings.Contains(text, e) {
			return
		}
	}
	if l.said.again(text, time.Now()) {
		return
	}
	level(text, "part", "asynq")
}

func (l logger) Debug(args ...any) { l.line(l.to.Debug, args) }
func (l logger) Info(args ...any)  { l.line(l.to.Debug, args) } // its Info is about starting and stopping goroutines
func (l logger) Warn(args ...any)  { l.line(l.to.Warn, args) }
func (l logger) Error(args ...any) { l.line(l.to.Error, args) }

// Fatal is called by Asynq only by Run, which we don't use; it must not end the process.
func (l logger) Fatal(args ...any) { l.line(l.to.Error, args) }

// LogRedis sends what the Redis client has to say (a connection lost, a
// dial that failed) to slog instead of the standard error. The client knows one
// logger for the whole process, so main calls this once; packages never do.
func LogRedis(to *slog.Logger) { redis.SetLogger(redisLogger{to}) }

type redisLogger struct{ to *slog.Logger }

func (l redisLogger) Printf(ctx context.Context, format string, v ...any) {
	l.to.WarnContext(ctx, fmt.Sprintf(format, v...), "part", "redis")
}
