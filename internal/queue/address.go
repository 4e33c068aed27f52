package queue

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Address is where a Redis is and how to get in: one server, a master that
// Sentinels know, or a Cluster.
type Address struct {
	Addr string // "host:port" of one server; "" when Nodes are given
	// Nodes are "host:port" of some nodes of a Cluster, or of the Sentinels when
	// Master is set.
	Nodes    []string
	Master   string // what the Sentinels call the master
	Username string // "" is the default user
	Password string
	DB       int         // always 0 in a Cluster
	TLS      *tls.Config // nil: plain TCP

	SentinelUsername, SentinelPassword string // of the Sentinels themselves
}

// String is the address for people, without passwords.
func (a Address) String() string {
	var b strings.Builder
	switch {
	case a.Master != "":
		fmt.Fprintf(&b, "%s by sentinels %s", a.Master, strings.Join(a.Nodes, ","))
	case len(a.Nodes) > 0:
		b.WriteString("cluster " + strings.Join(a.Nodes, ","))
	default:
		b.WriteString(a.Addr)
	}
	if a.DB != 0 {
		fmt.Fprintf(&b, "/%d", a.DB)
	}
	return b.String()
}

// How long the client waits. Short: a queue that is away must not hold up a
// shutdown.
const (
	dialTimeout = 2 * time.Second
	readTimeout = 3 * time.Second
)

// client makes a client for the address without connecting.
func (a Address) client() redis.UniversalClient {
	// DisableIdentity: an extra round trip a connection that older servers refuse.
	switch {
	case a.Master != "":
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: a.Master, SentinelAddrs: a.Nodes,
			SentinelUsername: a.SentinelUsername, SentinelPassword: a.SentinelPassword,
			Username: a.Username, Password: a.Password, DB: a.DB, TLSConfig: a.TLS,
			Protocol: 2, DisableIdentity: true, MaxRetries: 1, ContextTimeoutEnabled: true,
			DialTimeout: dialTimeout, ReadTimeout: readTimeout, WriteTimeout: readTimeout,
		})
	case len(a.Nodes) > 0:
		return redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: a.Nodes, Username: a.Username, Password: a.Password, TLSConfig: a.TLS,
			Protocol: 2, DisableIdentity: true, MaxRedirects: 3, ContextTimeoutEnabled: true,
			DialTimeout: dialTimeout, ReadTimeout: readTimeout, WriteTimeout: readTimeout,
		})
	}
	return redis.NewClient(&redis.Options{
		Addr: a.Addr, Username: a.Username, Password: a.Password, DB: a.DB, TLSConfig: a.TLS,
		Protocol: 2, DisableIdentity: true, MaxRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: dialTimeout, ReadTimeout: readTimeout, WriteTimeout: readTimeout,
	})
}

// dial makes a client for the address that counts its round trips, and checks
// that Redis answers.
func dial(ctx context.Context, a Address, trips *atomic.Int64) (redis.UniversalClient, error) {
	c := a.client()
	c.AddHook(tripCounter{trips})
	if err := c.Ping(ctx).Err(); err != nil {
		_ = c.Close() // the first error says why
		return nil, fmt.Errorf("queue at %s: %w", a, cmp.Or(hint(err), err))
	}
	return c, nil
}

// tripCounter counts what is sent to Redis: commands, and pipelines as one.
type tripCounter struct{ n *atomic.Int64 }

func (tripCounter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (t tripCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		t.n.Add(1)
		return next(ctx, cmd)
	}
}

func (t tripCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		t.n.Add(1)
		return next(ctx, cmds)
	}
}

// hint says of errors whose words lead astray what is wrong; nil for others.
func hint(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "all sentinels specified in configuration are unreachable"):
		return fmt.Errorf("no sentinel answers, or none knows a master of that name: %w", err)
	case strings.Contains(text, "cluster support disabled"):
		return fmt.Errorf("this is no cluster; give one address: %w", err)
	case strings.Contains(text, "MOVED "):
		return fmt.Errorf("this is one node of a cluster; give all its nodes, or ?cluster=true: %w", err)
	case strings.Contains(text, "OOM command not allowed"):
		return fmt.Errorf("its memory is full (maxmemory): %w", err)
	}
	return nil
}
