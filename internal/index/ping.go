package index

import (
	"context"
	"fmt"
	"net/http"
)

// Pinger is a store that tells whether it answers; every engine is one.
type Pinger interface {
	Ping(ctx context.Context) error
}

var (
	_ Pinger = (*sqliteStore)(nil)
	_ Pinger = (*elasticStore)(nil)
)

// Ping reads from the file.
func (s *sqliteStore) Ping(ctx context.Context) error {
	var one int
	return s.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

// Ping asks a node for its name.
func (s *elasticStore) Ping(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, "/", http.NoBody)
	if err != nil {
		return s.wrap(err)
	}
	res, err := s.client.Perform(req)
	if err != nil {
		return s.wrap(err)
	}
	if err := res.Body.Close(); err != nil {
		return s.wrap(err)
	}
	if res.StatusCode != http.StatusOK {
		return s.wrap(fmt.Errorf("the server answers %s", res.Status))
	}
	return nil
}
