package index

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"
)

// DefaultName is the alias of the index in Elasticsearch.
const DefaultName = "resumewatch-listings"

// ElasticOptions say where the index is. Only URLs is needed.
type ElasticOptions struct {
	URLs   []string // of the nodes
	APIKey string   // as Elasticsearch gives it, in base64; "": none
	CA     []byte   // PEM of the authority that signed the nodes' certificates; nil: the system's
	// Name is the alias that is searched; documents stand in NAME-2026-01 and so on. Default
	// DefaultName.
	Name string
	// ReadOnly: nothing is made or changed; an index that isn't there is ErrUnusable.
	ReadOnly bool
	// Rebuild: an index of another version of the program is emptied, instead of being
	// ErrUnusable.
	Rebuild bool
	// Log hears what the store made or mended unasked; nil: nobody.
	Log *slog.Logger
	// Failed is told how many documents a try to write them did not get in; those that are
	// tried again count each time. nil: nobody.
	Failed func(n int)
	// Transport makes the requests in place of the default one; not together with CA.
	Transport http.RoundTripper
}

// elasticStore keeps the index in Elasticsearch: an index a month, all behind one alias.
type elasticStore struct {
	o      ElasticOptions
	client *elasticsearch.BaseClient
	bulk   esutil.BulkIndexer
	turn   chan struct{} // holds one token: one writes at a time
	fresh  atomic.Bool
	close  sync.Once
	closed bool            // guarded by turn
	http   *http.Transport // ours to end; nil when one was given
	ours   *regexp.Regexp  // names of our indices
}

var _ Store = (*elasticStore)(nil)

var elasticName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// OpenElastic opens the index on an Elasticsearch 8 and makes what is missing of it. By
// Elasticsearch's documentation the API key needs the cluster privileges monitor and
// manage_index_templates, and on NAME and NAME-* all, or to read only read and
// view_index_metadata.
//
// Any number of processes may have it open. Requests that fail are tried a few times
// again, so that a server may restart meanwhile; then they are errors.
func OpenElastic(ctx context.Context, o ElasticOptions) (Store, error) {
	s, err := newElastic(o)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(s.wrap(err), s.Close())
	}
	return s, nil
}

// RemoveElastic takes away all that OpenElastic and Put made.
func RemoveElastic(ctx context.Context, o ElasticOptions) error {
	s, err := newElastic(o)
	if err != nil {
		return err
	}
	st, err := s.look(ctx)
	if err == nil {
		err = s.remove(ctx, st)
	}
	return errors.Join(s.wrap(err), s.Close())
}

func newElastic(o ElasticOptions) (*elasticStore, error) {
	if o.Name == "" {
		o.Name = DefaultName
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Failed == nil {
		o.Failed = func(int) {}
	}
	if !elasticName.MatchString(o.Name) {
		return nil, fmt.Errorf("index %q: the name of an index begins with a letter or digit and has only a-z, 0-9, '.', '_' and '-', at most 100", o.Name)
	}
	if len(o.URLs) == 0 {
		return nil, fmt.Errorf("index %s: no address of an Elasticsearch is given", o.Name)
	}
	s := &elasticStore{o: o, turn: make(chan struct{}, 1), ours: regexp.MustCompile(`^` + regexp.QuoteMeta(o.Name) + `-(\d{4}-\d{2}|` + OtherMonths + `)$`)}
	if o.Transport == nil {
		s.http = &http.Transport{
			Proxy:       http.ProxyFromEnvironment,
			DialContext: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext, TLSHandshakeTimeout: 5 * time.Second,
			MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		}
		o.Transport = s.http
	}
	var err error
	s.client, err = elasticsearch.NewBaseClient(elasticsearch.Config{
		Addresses: o.URLs, APIKey: o.APIKey, CACert: o.CA, Transport: o.Transport,
		MaxRetries: retries, RetryOnStatus: []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout},
		RetryBackoff: backoff, RetryOnError: func(_ *http.Request, err error) bool {
			var untrusted *tls.CertificateVerificationError
			return !errors.As(err, &untrusted)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", o.Name, err)
	}
	if o.ReadOnly {
		return s, nil
	}
	// One for as long as the store is open. Two workers keep a small cluster busy; a batch
	// of a thousand documents is one request each.
	s.bulk, err = esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: bulkTransport{s}, NumWorkers: 2, QueueSizeMultiplier: 256, FlushBytes: 2 << 20})
	if err != nil {
		return nil, errors.Join(s.wrap(err), s.Close())
	}
	return s, nil
}

const (
	retries        = 3
	requestTimeout = time.Minute
)

func backoff(try int) time.Duration { return 100 * time.Millisecond << min(try-1, 5) }

func (s *elasticStore) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("index %s: %w", s.o.Name, err)
}

func (s *elasticStore) Fresh() bool { return s.fresh.Load() }

func (s *elasticStore) Close() error {
	var err error
	s.close.Do(func() {
		s.turn <- struct{}{} // whoever writes ends first
		s.closed = true
		<-s.turn
		ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
		defer cancel()
		if s.bulk != nil {
			err = s.bulk.Close(ctx)
		}
		err = errors.Join(err, s.client.Close(ctx))
		if s.http != nil {
			s.http.CloseIdleConnections()
		}
	})
	return s.wrap(err)
}
