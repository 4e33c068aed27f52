package app

import (
	"context"
	"fmt"
	"strings"
)

// metaWords holds which words texts were read with last, and how often these changed:
// "5+ab12cd34 2".
const metaWords = "words"

// generation counts how often texts began to be read with other words of the user: chunks
// that were read with these words before others came are read again. It is "" until the
// words change.
func (s *Session) generation(ctx context.Context) (string, error) {
	version := s.opts.Words.Version()
	was, err := s.Book.Meta(ctx, metaWords)
	if err != nil {
		return "", err
	}
	last, n := "", 0
	if was != "" {
		if _, err := fmt.Sscanf(was, "%s %d", &last, &n); err != nil {
			return "", fmt.Errorf("the casebook's note of words %q: %w", was, err)
		}
	}
	if last != version {
		if last != "" && number(last) == number(version) {
			n++
		}
		if err := s.Book.SetMeta(ctx, metaWords, fmt.Sprintf("%s %d", version, n)); err != nil {
			return "", err
		}
	}
	if n == 0 {
		return "", nil
	}
	return fmt.Sprint("words ", n), nil
}

// number is the program's part of a version.
func number(version string) string {
	n, _, _ := strings.Cut(version, "+")
	return n
}
