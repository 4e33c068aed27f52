package queue

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// embeddedTick is how often the embedded Redis learns that time went by.
const embeddedTick = time.Second

// Embedded is a Redis in this process: in memory, on a loopback port of its own,
// behind a random password. What it holds is gone when it closes; the casebook
// fills the queue anew.
type Embedded struct {
	server  *miniredis.Miniredis
	address Address
	stop    chan struct{}
	done    sync.WaitGroup
	once    sync.Once
}

// StartEmbedded starts an embedded Redis on 127.0.0.1.
func StartEmbedded() (*Embedded, error) {
	var secret [24]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return nil, fmt.Errorf("password of the embedded queue: %w", err)
	}
	e := &Embedded{server: miniredis.NewMiniRedis(), stop: make(chan struct{})}
	e.address.Password = hex.EncodeToString(secret[:])
	e.server.RequireAuth(e.address.Password)
	if err := e.server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the embedded queue: %w", err)
	}
	e.address.Addr = e.server.Addr()

	// Keys expire only when miniredis is told that time went by. Its own ClockTTL
	// walks all keys at every command; one tick a second costs nothing.
	e.done.Go(func() {
		tick := time.NewTicker(embeddedTick)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-e.stop:
				return
			case now := <-tick.C:
				if d := now.Sub(last); d > 0 { // measured: a laptop that slept skips ticks
					e.server.FastForward(d)
					last = now
				}
			}
		}
	})
	return e, nil
}

// Address is how to reach it, password included.
func (e *Embedded) Address() Address { return e.address }

// Close stops it and drops all it held. It may be called twice.
func (e *Embedded) Close() error {
	e.once.Do(func() {
		close(e.stop)
		e.done.Wait()
		e.server.Close()
	})
	return nil
}
