package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/market"
	"resumewatch/internal/privacy"
	"resumewatch/internal/query"
	"resumewatch/internal/search"
)

// MatchOptions are the flags of `sample match`.
type MatchOptions struct {
	Hashes   string // file: one HMAC a line
	KeyFile  string // of these
	Since    string // RFC 3339, a date, or 7d; "" all
	Identity []string
	As       string
}

// Match tells how many of the people whom samples show are ours, and nothing of whom.
type Match struct {
	Samples int            `json:"samples"` // listings that show records
	Records int            `json:"records"` // in them, as often as they are shown
	Ours    int            `json:"ours"`    // records of which a value is among the hashes
	Since   string         `json:"since"`
	ByKind  map[string]int `json:"by_kind"` // records by the kind of value that matched
	Unread  int            `json:"unread"`  // listings whose text could not be read again, gone or closed
	closed  error
}

// Closed is why captures could not be opened although they are kept; nil: all could.
func (m Match) Closed() error { return m.closed }

// Bounds of the files of `sample match`.
const (
	maxHashes  = 20_000_000
	maxHMACKey = 64 << 10
)

// MatchSamples opens the captures of listings that show records and compares these
// with hashes of somebody who keeps the people behind them to himself.
func MatchSamples(ctx context.Context, o Options, m MatchOptions) (Match, error) {
	out := Match{ByKind: map[string]int{}}
	for _, kind := range []string{privacy.BlindPhone, privacy.BlindEmail, privacy.BlindIDNumber, privacy.BlindResumeID} {
		out.ByKind[kind] = 0
	}
	hashes, err := readHashes(ctx, m.Hashes)
	if err != nil {
		return out, err
	}
	keys, err := readHMACKeys(m.KeyFile)
	if err != nil {
		return out, err
	}
	err = withBook(ctx, o, func(book *casebook.Book) error {
		by, err := actor(ctx, o, book, m.As)
		if err != nil {
			return err
		}
		var since time.Time
		if m.Since != "" {
			if since, _, err = query.ParseTime(m.Since, by.At, search.Zone); err != nil {
				return Usagef("--since: %v", err)
			}
			out.Since = stamp(since)
		}
		shown, err := book.ListingsWithSamples(ctx, since)
		if err != nil || len(shown) == 0 {
			return err
		}
		x, err := newOpener(ctx, o, m.Identity)
		if err != nil {
			return err
		}
		read := 0
		closed, err := x.readSamples(ctx, book, shown, opening{Object: "samples", Purpose: "sample match", By: by}, func(s sample) {
			read += s.listings
			out.Records += s.listings * len(s.records)
			for _, record := range s.records {
				kinds := matching(record, hashes, keys)
				for kind := range kinds {
					out.ByKind[kind] += s.listings
				}
				if len(kinds) > 0 {
					out.Ours += s.listings
				}
			}
		})
		out.Samples, out.Unread = len(shown), len(shown)-read
		if closed.shut > 0 {
			out.closed = fmt.Errorf("%d listings are not compared: %w", closed.shut, closed.err)
		}
		return err
	})
	return out, err
}

// matching are the kinds of a record's values that are among the hashes.
func matching(record []market.PersonValue, hashes map[[sha256.Size]byte]bool, keys [][]byte) map[string]bool {
	out := map[string]bool{}
	for _, v := range record {
		for _, key := range keys {
			h := hmac.New(sha256.New, key)
			h.Write([]byte(v.Kind + ":" + v.Value))
			if hashes[[sha256.Size]byte(h.Sum(nil))] {
				out[v.Kind] = true
			}
		}
	}
	return out
}

// readHashes reads one HMAC-SHA-256 in hex a line.
func readHashes(ctx context.Context, path string) (map[[sha256.Size]byte]bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[[sha256.Size]byte]bool{}
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" {
			continue
		}
		raw, err := hex.DecodeString(line)
		if err != nil || len(raw) != sha256.Size || line != strings.ToLower(line) {
			return nil, fmt.Errorf("%s: line %d is no HMAC-SHA-256 in lower-case hex", path, n)
		}
		if out[[sha256.Size]byte(raw)] = true; len(out) > maxHashes {
			return nil, fmt.Errorf("%s: more than %d hashes", path, maxHashes)
		}
		if n%100_000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

// readHMACKeys reads a key as it is in its file. A line end behind it may be one of
// the editor that wrote it, so both are tried.
func readHMACKeys(path string) ([][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	key, err := io.ReadAll(io.LimitReader(f, maxHMACKey+1))
	if err != nil {
		return nil, err
	}
	bare := bytes.TrimRight(key, "\r\n")
	switch {
	case len(key) > maxHMACKey:
		return nil, fmt.Errorf("--key-file %s: more than %d bytes", path, maxHMACKey)
	case len(bare) == 0:
		return nil, fmt.Errorf("--key-file %s: it is empty", path)
	case len(bare) == len(key):
		return [][]byte{key}, nil
	}
	return [][]byte{bare, key}, nil
}
