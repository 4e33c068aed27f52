package archive

import (
	"context"
	"fmt"
	"io"

	"resumewatch/internal/market"
)

type cut struct{}

var standardCut cut

func sniff(r io.ReaderAt, size int64, name string) (Verdict, error) { return Verdict{Format: FormatEmpty}, nil }
func take(ctx context.Context, r io.ReaderAt, size int64, name string, progress func(int64), c cut) (Survey, error) {
	return Survey{}, ErrUnreadable
}
func read(ctx context.Context, format string, data []byte, c Chunk, s Settings, emit func(*market.Post) error) (Result, error) {
	return Result{}, fmt.Errorf("%s: %w", format, ErrUnreadable)
}
