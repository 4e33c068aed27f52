package queue

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Address is where a Redis is and how to get in.
type Address struct {
	Addr     string // "host:port"
	Username string // "" is the default user
	Password string
	DB       int
	TLS      *tls.Config // nil: plain TCP
}

// String is the address for people, without the password.
func (a Address) String() string {
	if a.DB != 0 {
		return fmt.Sprintf("%s/%d", a.Addr, a.DB)
	}
	return a.Addr
}

// Dial makes a client for the address and checks that it answers. The client's
// time limits are short: a queue that is away must not hold up a shutdown.
func Dial(ctx context.Context, a Address) (*redis.Client, error) {
	c := redis.NewClient(&redis.Options{
		Addr: a.Addr, Username: a.Username, Password: a.Password, DB: a.DB, TLSConfig: a.TLS,
		Protocol:              2,
		DisableIdentity:       true, // an extra round trip a connection that older servers refuse
		DialTimeout:           2 * time.Second,
		ReadTimeout:           3 * time.Second,
		WriteTimeout:          3 * time.Second,
		MaxRetries:            1,
		ContextTimeoutEnabled: true,
	})
	if err := c.Ping(ctx).Err(); err != nil {
		_ = c.Close() // the first error says why
		return nil, fmt.Errorf("queue at %s: %w", a, err)
	}
	return c, nil
}
