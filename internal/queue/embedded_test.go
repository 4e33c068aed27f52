package queue

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestEmbeddedIsPrivate(t *testing.T) {
	_, e := openEmbedded(t)
	_, other := openEmbedded(t)
	a := e.Address()
	if len(a.Password) < 32 || a.Password == other.Address().Password {
		t.Errorf("password %q of one, %q of another", a.Password, other.Address().Password)
	}
	host, _, err := net.SplitHostPort(a.Addr)
	if err != nil || host != "127.0.0.1" {
		t.Errorf("listens on %s", a.Addr)
	}
	c := redis.NewClient(&redis.Options{Addr: a.Addr})
	defer c.Close()
	if err := c.Get(t.Context(), "x").Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without a password: %v", err)
	}
	if strings.Contains(a.String(), a.Password) {
		t.Error("the address for people tells the password")
	}
}

// Time goes by for keys without anybody telling the server.
func TestEmbeddedForgets(t *testing.T) {
	q, _ := openEmbedded(t)
	if err := q.redis.Set(t.Context(), "x", "1", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if q.redis.Exists(t.Context(), "x").Val() == 0 {
			return
		}
	}
	t.Error("a key of a second is there after eight")
}
