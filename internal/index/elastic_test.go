//go:build parts

package index_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"resumewatch/internal/index"
	"resumewatch/internal/index/indextest"
)

// elasticServer is the address of a real Elasticsearch.
func elasticServer(t testing.TB) string {
	t.Helper()
	url := os.Getenv("RESUMEWATCH_ELASTICSEARCH")
	if url == "" {
		t.Fatal("RESUMEWATCH_ELASTICSEARCH is not set; run deploy/testparts/with elasticsearch -- go test -tags parts …")
	}
	return url
}

var elasticNames atomic.Int64

// elasticOptions name an index that nobody else uses and that is gone after the test.
func elasticOptions(t testing.TB) index.ElasticOptions {
	t.Helper()
	o := index.ElasticOptions{URLs: []string{elasticServer(t)}, Name: fmt.Sprintf("rwtest-%d-%d", os.Getpid(), elasticNames.Add(1))}
	t.Cleanup(func() {
		if err := index.RemoveElastic(context.Background(), o); err != nil {
			t.Error(err)
		}
	})
	return o
}

func openElastic(t testing.TB, o index.ElasticOptions) index.Store {
	t.Helper()
	s, err := index.OpenElastic(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestElastic(t *testing.T) {
	indextest.Run(t, func(t *testing.T) index.Store { return openElastic(t, elasticOptions(t)) })
}

// Both engines find the same.
func TestElasticAgainstSQLite(t *testing.T) {
	indextest.Compare(t, openElastic(t, elasticOptions(t)), open(t, filepath.Join(t.TempDir(), "index.db"), false))
}
