package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"resumewatch/internal/query"
)

const (
	// elasticPage is how many hits one request asks for; 10,000 are the most
	// (index.max_result_window).
	elasticPage = 5000
	// keepAlive is how long Elasticsearch keeps a walk's state from one request to the next.
	keepAlive = "5m"
)

// elasticHit is one hit. Sort is what the next page comes after.
type elasticHit struct {
	Index   string            `json:"_index"`
	ID      string            `json:"_id"`
	Version int64             `json:"_version"`
	Sort    []json.RawMessage `json:"sort"`
}

func (s *elasticStore) Search(ctx context.Context, q query.Node, page Page, found func(Hit) error) error {
	filter, err := elasticQuery(q, page)
	if err != nil {
		return s.wrap(err)
	}
	body := map[string]any{
		"query": filter, "sort": []any{map[string]string{"posted_at": "desc"}, map[string]string{"listing_id": "asc"}},
		"track_total_hits": false, "_source": false, "stored_fields": "_none_",
	}
	if a := page.After; a != nil {
		body["search_after"] = []any{rowSecond(firstRow(a.PostedAt.Unix())) * 1000, a.ListingID}
	}
	return s.each(ctx, body, page.Limit, func(h elasticHit) error {
		var hit Hit
		var at int64
		if len(h.Sort) < 2 || json.Unmarshal(h.Sort[0], &at) != nil || json.Unmarshal(h.Sort[1], &hit.ListingID) != nil {
			return s.wrap(fmt.Errorf("a hit that is sorted by %s", h.Sort))
		}
		hit.PostedAt = time.UnixMilli(at).UTC()
		return found(hit)
	})
}

func (s *elasticStore) Versions(ctx context.Context, found func(Ref) error) error {
	body := map[string]any{"sort": []string{"_shard_doc"}, "track_total_hits": false, "_source": false, "version": true}
	return s.each(ctx, body, 0, func(h elasticHit) error {
		return found(Ref{ListingID: h.ID, Month: strings.TrimPrefix(h.Index, s.o.Name+"-"), Version: h.Version})
	})
}

// each gives the hits of a search, all of one state of the index: at once where
// they fit one answer, else by walking a point in time. An error of give is
// returned as it is.
func (s *elasticStore) each(ctx context.Context, body map[string]any, limit int, give func(elasticHit) error) error {
	if limit > 0 && limit <= elasticPage {
		hits, _, err := s.page(ctx, "/"+s.o.Name+"/_search", body, limit)
		if err != nil {
			return s.wrap(err)
		}
		for _, h := range hits {
			if err := give(h); err != nil {
				return err
			}
		}
		return nil
	}
	var pit struct {
		ID string `json:"id"`
	}
	if err := s.call(ctx, http.MethodPost, "/"+s.o.Name+"/_pit", url.Values{"keep_alive": {keepAlive}}, nil, &pit); err != nil {
		return s.wrap(gone(err))
	}
	defer func() {
		// Kept until then at the cost of the server, also when ctx has ended; then it would
		// forget the walk by itself.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = s.call(ctx, http.MethodDelete, "/_pit", nil, map[string]string{"id": pit.ID}, nil)
	}()
	body = maps.Clone(body)
	for given := 0; ; {
		size := elasticPage
		if limit > 0 {
			size = min(size, limit-given)
		}
		body["pit"] = map[string]string{"id": pit.ID, "keep_alive": keepAlive}
		hits, id, err := s.page(ctx, "/_search", body, size)
		if err != nil {
			return s.wrap(err)
		}
		if id != "" {
			pit.ID = id
		}
		for _, h := range hits {
			if err := give(h); err != nil {
				return err
			}
		}
		if given += len(hits); len(hits) < size || given == limit {
			return nil
		}
		body["search_after"] = hits[len(hits)-1].Sort
	}
}

func (s *elasticStore) page(ctx context.Context, path string, body map[string]any, size int) ([]elasticHit, string, error) {
	body = maps.Clone(body)
	body["size"] = size
	var answer struct {
		PIT      string `json:"pit_id"`
		TimedOut bool   `json:"timed_out"`
		Hits     struct {
			Hits []elasticHit `json:"hits"`
		} `json:"hits"`
	}
	// Half an answer would look like a whole one.
	err := s.call(ctx, http.MethodPost, path, url.Values{"allow_partial_search_results": {"false"}}, body, &answer)
	if err == nil && answer.TimedOut {
		err = errors.New("the search took too long for the server")
	}
	return answer.Hits.Hits, answer.PIT, gone(err)
}

// gone makes ErrUnusable of an alias that isn't there.
func gone(err error) error {
	var e *statusError
	if errors.As(err, &e) && e.Type == "index_not_found_exception" {
		return fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	return err
}
