package stack

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Mode is how the proxy treats requests.
type Mode int32

// Modes; of several at once the last of this list holds.
const (
	Pass        Mode = iota // passes all on
	HalfBulk                // every other item of a bulk is turned away with 429 and not passed on
	Unavailable             // 503 to everything
	Cut                     // connections break: half of the requests before they were passed on, half before the answer
	Swallow                 // some documents are said to be written and never are: a lie
)

// maxBulk bounds a body that the proxy holds in memory.
const maxBulk = 128 << 20

// Proxy stands in front of Elasticsearch and misbehaves on command.
type Proxy struct {
	target  *url.URL
	client  *http.Client
	server  *http.Server
	address string
	modes   [5]atomic.Int32 // how many asked for it
	items   atomic.Uint64   // of bulks, counted to pick some
	refused atomic.Int64
	bulks   atomic.Int64
	done    sync.WaitGroup
}

// NewProxy serves on a loopback port of its own choice until Close.
func NewProxy(ctx context.Context, target string) (*Proxy, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &Proxy{target: u, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}, address: "http://" + ln.Addr().String()}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	p.done.Go(func() {
		_ = p.server.Serve(ln) // ends with Close
	})
	return p, nil
}

// Address is where the proxy listens.
func (p *Proxy) Address() string { return p.address }

// Misbehave asks for a mode for requests that come from now on, until the
// returned function is called, once.
func (p *Proxy) Misbehave(m Mode) (enough func()) {
	p.modes[m].Add(1)
	return func() { p.modes[m].Add(-1) }
}

func (p *Proxy) mode() Mode {
	for m := Mode(len(p.modes) - 1); m > Pass; m-- {
		if p.modes[m].Load() > 0 {
			return m
		}
	}
	return Pass
}

// Refused is how many items of bulks and whole requests were not passed on.
func (p *Proxy) Refused() int64 { return p.refused.Load() }

// Bulks is how many bulk requests came.
func (p *Proxy) Bulks() int64 { return p.bulks.Load() }

// Close ends the proxy and its connections.
func (p *Proxy) Close() error {
	err := p.server.Close()
	p.done.Wait()
	p.client.CloseIdleConnections()
	return err
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mode := p.mode()
	bulk := strings.HasSuffix(r.URL.Path, "/_bulk")
	if bulk {
		p.bulks.Add(1)
	}
	switch {
	case mode == Unavailable:
		p.refused.Add(1)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		http.Error(w, `{"error":{"type":"unavailable","reason":"turned away by the proxy"},"status":503}`, http.StatusServiceUnavailable)
		return
	case mode == Cut && p.items.Add(1)%2 == 0:
		p.refused.Add(1)
		panic(http.ErrAbortHandler)
	}
	var err error
	if bulk && (mode == HalfBulk || mode == Swallow) {
		err = p.bulk(w, r, mode)
	} else {
		err = p.pass(w, r, mode == Cut)
	}
	if err != nil {
		http.Error(w, `{"error":{"type":"proxy","reason":"the server behind the proxy is away"},"status":502}`, http.StatusBadGateway)
	}
}

// pass hands a request on; with lose the answer is thrown away, though what was
// asked for was done.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, lose bool) error {
	res, err := p.send(r, r.Body, r.ContentLength)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if lose {
		_, _ = io.Copy(io.Discard, res.Body)
		panic(http.ErrAbortHandler)
	}
	for k, v := range res.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(res.StatusCode)
	if _, err := io.Copy(w, res.Body); err != nil {
		panic(http.ErrAbortHandler) // the server died in the midst: so does our answer
	}
	return nil
}

// send asks the server behind.
func (p *Proxy) send(r *http.Request, body io.Reader, length int64) (*http.Response, error) {
	u := *r.URL
	u.Scheme, u.Host = p.target.Scheme, p.target.Host
	out, err := http.NewRequestWithContext(r.Context(), r.Method, u.String(), body)
	if err != nil {
		return nil, err
	}
	out.Header = r.Header.Clone()
	out.ContentLength = length
	return p.client.Do(out)
}

// bulk passes some items of a bulk on and answers for the others itself.
func (p *Proxy) bulk(w http.ResponseWriter, r *http.Request, mode Mode) error {
	body, err := plainBody(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil
	}
	items, err := splitBulk(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil
	}
	var kept bytes.Buffer
	answers := make([]json.RawMessage, len(items)) // nil: the server's
	for i, it := range items {
		n := p.items.Add(1)
		switch {
		case mode == HalfBulk && n%2 == 0:
			answers[i] = it.answer(http.StatusTooManyRequests, "es_rejected_execution_exception")
			p.refused.Add(1)
		case mode == Swallow && swallows(it.id):
			answers[i] = it.answer(http.StatusCreated, "")
			p.refused.Add(1)
		default:
			kept.Write(it.lines)
		}
	}
	var got struct {
		Items []json.RawMessage `json:"items"`
	}
	if kept.Len() > 0 {
		q := r.URL.Query()
		q.Del("filter_path")
		r.URL.RawQuery = q.Encode()
		r.Header.Del("Content-Encoding")
		r.Header.Del("Accept-Encoding")
		res, err := p.send(r, &kept, int64(kept.Len()))
		if err != nil {
			return err
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(io.LimitReader(res.Body, maxBulk))
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			for k, v := range res.Header {
				w.Header()[k] = v
			}
			w.WriteHeader(res.StatusCode)
			_, _ = w.Write(answer) // the client may have gone
			return nil
		}
		if err := json.Unmarshal(answer, &got); err != nil {
			return fmt.Errorf("answer of the server: %w", err)
		}
	}
	errs := false
	for i := range answers {
		if answers[i] != nil {
			errs = errs || mode == HalfBulk
			continue
		}
		if len(got.Items) == 0 {
			return errors.New("the server answered for too few items")
		}
		answers[i], got.Items = got.Items[0], got.Items[1:]
		errs = errs || bytes.Contains(answers[i], []byte(`"error"`))
	}
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
	return json.NewEncoder(w).Encode(map[string]any{"took": 1, "errors": errs, "items": answers})
}

// plainBody is the body of a request, unpacked.
func plainBody(r *http.Request) ([]byte, error) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, fmt.Errorf("bulk: %w", err)
		}
		body = z
	}
	out, err := io.ReadAll(io.LimitReader(body, maxBulk))
	if err != nil {
		return nil, fmt.Errorf("bulk: %w", err)
	}
	return out, nil
}

// swallows picks documents by their ids: one that is written again later is
// swallowed again.
func swallows(id string) bool { return crc32.ChecksumIEEE([]byte(id))%4 == 1 }

// item is one action of a bulk with its document.
type item struct {
	lines  []byte
	action string
	index  string
	id     string
}

// splitBulk cuts the body of a bulk into its items.
func splitBulk(body []byte) ([]item, error) {
	var out []item
	for len(body) > 0 {
		head, rest, _ := bytes.Cut(body, []byte("\n"))
		if len(bytes.TrimSpace(head)) == 0 {
			body = rest
			continue
		}
		var action map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal(head, &action); err != nil || len(action) != 1 {
			return nil, fmt.Errorf("bulk item %d: not one action: %.80q", len(out), head)
		}
		it := item{lines: append(bytes.Clone(head), '\n')}
		for name, meta := range action {
			it.action, it.index, it.id = name, meta.Index, meta.ID
		}
		if it.action != "delete" {
			var doc []byte
			doc, rest, _ = bytes.Cut(rest, []byte("\n"))
			it.lines = append(append(it.lines, doc...), '\n')
		}
		out, body = append(out, it), rest
	}
	return out, nil
}

// answer is what Elasticsearch says of an item: of a refused one with the type
// of the error, else of one that was written.
func (it item) answer(status int, refusal string) json.RawMessage {
	text := `{` + strconv.Quote(it.action) + `:{"_index":` + jsonText(it.index) + `,"_id":` + jsonText(it.id) + `,"status":` + strconv.Itoa(status)
	if refusal != "" {
		text += `,"error":{"type":"` + refusal + `","reason":"turned away by the proxy"}`
	} else {
		text += `,"result":"created","_version":1,"_seq_no":0,"_primary_term":1,"_shards":{"total":1,"successful":1,"failed":0}`
	}
	return json.RawMessage(text + `}}`)
}

func jsonText(s string) string {
	out, _ := json.Marshal(s) // a string can always be written
	return string(out)
}
