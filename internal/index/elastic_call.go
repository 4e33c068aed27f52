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
	"strings"
)

// maxAnswer is the most bytes that we read of one answer.
const maxAnswer = 64 << 20

// statusError is an answer that says no.
type statusError struct {
	Status       int
	Type, Reason string
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%d %s: %s: %s", e.Status, http.StatusText(e.Status), e.Type, e.Reason)
	switch {
	case e.Status == http.StatusUnauthorized:
		return "Elasticsearch doesn't know the API key: " + text
	case e.Status == http.StatusForbidden && e.Type == "security_exception":
		return "the API key doesn't allow it: " + text
	case e.Type == blockedType:
		return readOnly + ": " + text
	case strings.Contains(e.Reason, "maxClauseCount"), strings.Contains(e.Type, "too_many"):
		return "the query has more parts than this Elasticsearch takes (indices.query.bool.max_clause_count): " + text
	}
	return text
}

const (
	blockedType = "cluster_block_exception"
	readOnly    = "Elasticsearch has made the index read-only, as it does when a disk is nearly full"
)

func hasStatus(err error, status int) bool {
	var e *statusError
	return errors.As(err, &e) && e.Status == status
}

// call makes a request with a JSON body (nil: none) and decodes the answer into
// out (nil: it is not looked at).
func (s *elasticStore) call(ctx context.Context, method, path string, params url.Values, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var content io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, path, content)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.URL.RawQuery = params.Encode()
	data, err := s.perform(req)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s %s: the answer: %w", method, path, err)
	}
	return nil
}

// perform makes a request and reads the whole answer. One that isn't 2xx is a
// *statusError.
func (s *elasticStore) perform(req *http.Request) ([]byte, error) {
	res, err := s.client.Perform(req)
	if err != nil {
		return nil, inWords(req.Context(), err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, inWords(req.Context(), err)
	case len(data) > maxAnswer:
		return nil, fmt.Errorf("the answer to %s %s is longer than %d bytes", req.Method, req.URL.Path, maxAnswer)
	case res.StatusCode < 200 || res.StatusCode > 299:
		return nil, refusedRequest(res.StatusCode, data)
	}
	return data, nil
}

// inWords says in our words what a request failed for.
func inWords(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if strings.Contains(err.Error(), "the server is not Elasticsearch") {
		return errors.New("the server is no Elasticsearch: OpenSearch, or a proxy that drops the header X-Elastic-Product")
	}
	return err
}

// refusedRequest reads an error as Elasticsearch writes it, or a proxy's page.
func refusedRequest(status int, data []byte) error {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	var about elasticError
	if json.Unmarshal(data, &answer) != nil || json.Unmarshal(answer.Error, &about) != nil {
		return &statusError{Status: status, Type: "answer", Reason: shorten(string(data))}
	}
	about = about.cause()
	return &statusError{Status: status, Type: about.Type, Reason: shorten(about.Reason)}
}

// elasticError is an error of Elasticsearch. What caused it says more, and may
// stand in several places.
type elasticError struct {
	Type         string         `json:"type"`
	Reason       string         `json:"reason"`
	CausedBy     *elasticError  `json:"caused_by"`
	RootCause    []elasticError `json:"root_cause"`
	FailedShards []struct {
		Reason elasticError `json:"reason"`
	} `json:"failed_shards"`
}

// cause is the innermost one, at most some levels down.
func (e elasticError) cause() elasticError {
	for range 10 {
		switch {
		case e.CausedBy != nil:
			e = *e.CausedBy
		case len(e.FailedShards) > 0:
			e = e.FailedShards[0].Reason
		case len(e.RootCause) > 0 && e.RootCause[0].Type != e.Type:
			e = e.RootCause[0]
		default:
			return e
		}
	}
	return e
}

// shorten keeps messages readable, and the text of listings out of logs:
// Elasticsearch quotes the value that it could not read.
func shorten(s string) string {
	s, _, _ = strings.Cut(s, "Preview of field")
	if s = strings.Join(strings.Fields(s), " "); len(s) > 300 {
		return strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
