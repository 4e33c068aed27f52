package index

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esutil"

	"resumewatch/internal/query"
)

// change is one document to write or to delete.
type change struct {
	id      string
	part    string
	version int64
	body    []byte // nil: deleted
}

// span is a range of numbers as double_range takes it.
type span struct {
	Lo float64 `json:"gte"`
	Hi float64 `json:"lte"`
}

// elasticDocument is a document as the template maps it.
func elasticDocument(d *Document) ([]byte, error) {
	fields := map[string]any{
		"listing_id": d.ListingID, "posted_at": rowSecond(firstRow(d.Time().Unix())),
		"words": []string{query.Line(d.Title), query.Line(d.Text)}, "title": d.Title, "text": d.Text,
	}
	for field, values := range FieldValues(d) {
		stored := make([]string, len(values))
		for i, v := range values {
			stored[i] = keyword(field, v)
		}
		fields[field] = stored
	}
	for field := range numberFields {
		var spans []span
		for _, n := range Numbers(d, field) {
			spans = append(spans, span(n))
		}
		if spans != nil {
			fields[field] = spans
		}
	}
	return json.Marshal(fields)
}

func (s *elasticStore) Put(ctx context.Context, docs []Document) error {
	sound, refused := sift(docs)
	var changes []change
	for _, d := range newest(sound) {
		body, err := elasticDocument(d)
		if err != nil {
			return s.wrap(fmt.Errorf("listing %q: %w", d.ListingID, err))
		}
		changes = append(changes, change{id: d.ListingID, part: d.Part(), version: d.Version, body: body})
	}
	return s.change(ctx, changes, refused)
}

func (s *elasticStore) Delete(ctx context.Context, refs []Ref) error {
	var changes []change
	var refused []Refusal
	for _, r := range refs {
		if reason := unsound(r.ListingID, r.Version); reason != "" {
			refused = append(refused, Refusal{ListingID: r.ListingID, Reason: reason})
			continue
		}
		changes = append(changes, change{id: r.ListingID, part: Month(r.Month), version: r.Version})
	}
	return s.change(ctx, changes, refused)
}

// writing runs f when no other change runs, so that what one Put sends stands in no
// request of another.
func (s *elasticStore) writing(ctx context.Context, f func() error) error {
	if s.o.ReadOnly {
		return s.wrap(ErrReadOnly)
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return s.wrap(ctx.Err())
	}
	defer func() { <-s.turn }()
	if s.closed {
		return s.wrap(errors.New("it is closed"))
	}
	return s.wrap(f())
}

// How often changes are sent that the server could not take just then, and the pause before
// the second time; it doubles.
const (
	tries      = 4
	firstPause = 200 * time.Millisecond
)

func (s *elasticStore) change(ctx context.Context, changes []change, refused []Refusal) error {
	return s.writing(ctx, func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := s.send(ctx, changes)
		if err != nil {
			return err
		}
		// What went in and what was there before, put by another, has to be found.
		if err := s.refresh(ctx, parts(changes)); err != nil {
			return err
		}
		return refusal("documents", append(refused, more...))
	})
}

func parts(changes []change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.part)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// send writes the changes and says which were refused.
func (s *elasticStore) send(ctx context.Context, changes []change) ([]Refusal, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	var refused []Refusal
	for try, pause := 1, firstPause; ; try, pause = try+1, pause*2 {
		if err := s.ready(ctx, parts(changes)); err != nil { // also what was taken away meanwhile
			return nil, err
		}
		answers, err := s.together(ctx, changes)
		if err != nil {
			return nil, err
		}
		var again []change
		var passing []Refusal
		failed := 0
		for i, a := range answers {
			r := Refusal{ListingID: changes[i].id, Reason: a.reason}
			switch a.verdict {
			case taken:
				continue
			case busy:
				again = append(again, changes[i])
				r.Passing = true
				passing = append(passing, r)
			case blocked:
				r.Passing = true
				refused = append(refused, r)
			case refusedForGood:
				refused = append(refused, r)
			}
			failed++
		}
		s.o.Failed(failed)
		if changes = again; len(changes) == 0 {
			return refused, nil
		}
		if try == tries {
			return append(refused, passing...), nil
		}
		if err := wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// together sends the changes in as few requests as they fit, and those of a request
// that as a whole is refused one by one, to find the one that it was refused for.
func (s *elasticStore) together(ctx context.Context, changes []change) ([]answer, error) {
	answers, err := s.flush(ctx, changes)
	if err != nil {
		return nil, err
	}
	for i, a := range answers {
		if a.verdict != refusedWhole {
			continue
		}
		if len(changes) > 1 {
			one, err := s.flush(ctx, changes[i:i+1])
			if err != nil {
				return nil, err
			}
			a = one[0]
		}
		if a.verdict == refusedWhole {
			a.verdict = refusedForGood
		}
		answers[i] = a
	}
	return answers, nil
}

// flush gives the changes to the bulk indexer and waits for their answers. Its
// error says that a request failed.
func (s *elasticStore) flush(ctx context.Context, changes []change) ([]answer, error) {
	var mu sync.Mutex // its callbacks come from several goroutines
	answers := make([]answer, len(changes))
	var failure error
	for i, c := range changes {
		item := esutil.BulkIndexerItem{
			Action: "delete", Index: s.writeName(c.part), DocumentID: c.id, Version: &c.version, VersionType: "external_gte",
			OnSuccess: func(context.Context, esutil.BulkIndexerItem, esutil.BulkIndexerResponseItem) {
				mu.Lock()
				defer mu.Unlock()
				answers[i] = answer{verdict: taken}
			},
			OnFailure: func(_ context.Context, _ esutil.BulkIndexerItem, r esutil.BulkIndexerResponseItem, err error) {
				mu.Lock()
				defer mu.Unlock()
				answers[i] = judge(r, err)
				if answers[i].verdict == failed {
					failure = err
				}
			},
		}
		if c.body != nil {
			// A version that is there already is a conflict, so that a second try costs nothing.
			item.Action, item.VersionType, item.RequireAlias, item.Body = "index", "external", true, bytes.NewReader(c.body)
		}
		if err := s.bulk.Add(ctx, item); err != nil {
			return nil, err
		}
	}
	if err := s.bulk.Flush(ctx); err != nil {
		return nil, err
	}
	mu.Lock()
	defer mu.Unlock()
	if failure == nil {
		return slices.Clone(answers), nil
	}
	n := 0
	for _, a := range answers {
		if a.verdict == failed {
			n++
		}
	}
	s.o.Failed(n)
	return nil, failure
}

// verdict is what became of a change. The zero value: the answer has nothing about it.
type verdict int

const (
	busy           verdict = iota // to be tried again soon
	taken                         // or there already
	blocked                       // not before somebody does something
	refusedForGood                // this document, for ever
	refusedWhole                  // the request that it stood in
	failed                        // no answer to the request
)

type answer struct {
	verdict verdict
	reason  string
}

func judge(r esutil.BulkIndexerResponseItem, err error) answer {
	if err != nil {
		if hasStatus(err, http.StatusBadRequest) || hasStatus(err, http.StatusRequestEntityTooLarge) {
			return answer{refusedWhole, err.Error()}
		}
		return answer{failed, err.Error()}
	}
	reason := r.Error.Reason
	if r.Error.Cause.Reason != "" {
		reason += ": " + r.Error.Cause.Reason
	}
	reason = fmt.Sprintf("%d %s: %s", r.Status, r.Error.Type, shorten(reason))
	switch {
	case r.Status == http.StatusConflict, r.Status == http.StatusNotFound && r.Error.Type == "":
		return answer{taken, ""} // a newer version is there; nothing was there to delete
	case r.Error.Type == blockedType:
		return answer{blocked, readOnly + ": " + reason}
	case r.Status == http.StatusForbidden, r.Status == http.StatusUnauthorized:
		return answer{blocked, "the API key doesn't allow it: " + reason}
	case r.Error.Type == "strict_dynamic_mapping_exception":
		return answer{blocked, ErrUnusable.Error() + ": " + reason}
	case r.Status == http.StatusTooManyRequests, r.Status >= 500, r.Error.Type == "index_not_found_exception", r.Error.Type == "index_closed_exception":
		return answer{busy, reason}
	}
	return answer{refusedForGood, reason}
}

// maxNames is how many indices are named in one request, whose first line may not
// be longer than 4 kB.
const maxNames = 20

func (s *elasticStore) refresh(ctx context.Context, parts []string) error {
	for some := range slices.Chunk(parts, maxNames) {
		names := make([]string, len(some))
		for i, part := range some {
			names[i] = s.indexName(part)
		}
		var answer struct {
			Shards struct {
				Failures []struct {
					Reason elasticError `json:"reason"`
				} `json:"failures"`
			} `json:"_shards"`
		}
		err := s.call(ctx, http.MethodPost, "/"+strings.Join(names, ",")+"/_refresh", url.Values{"ignore_unavailable": {"true"}}, nil, &answer)
		if err == nil && len(answer.Shards.Failures) > 0 {
			err = errors.New("refresh: " + shorten(answer.Shards.Failures[0].Reason.cause().Reason))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bulkTransport carries the requests of the bulk indexer, which waits for answers
// without end and takes every body for one of Elasticsearch's.
type bulkTransport struct{ s *elasticStore }

func (t bulkTransport) Perform(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), requestTimeout)
	defer cancel()
	data, err := t.s.perform(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Body: io.NopCloser(bytes.NewReader(data)), Request: req}, nil
}
