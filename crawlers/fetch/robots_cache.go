package fetch

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// How long a reading of robots.txt holds, and how many bytes of it are read
// (RFC 9309 §2.4 and §2.5: at most a day, at least 500 KiB).
const (
	RobotsTTL      = 24 * time.Hour
	RobotsErrorTTL = time.Hour
	RobotsBytes    = 500 * 1024
)

// RobotsEntry is what is known of one origin's robots.txt. Its exported fields
// are all that a store needs to keep.
type RobotsEntry struct {
	At    time.Time // when it was asked for
	Until time.Time // when it must be asked for again
	// Reason says why nothing may be fetched until then; "" when Body holds.
	Reason string
	Body   []byte // at most RobotsBytes; empty: everything is allowed

	rules *Rules // Body parsed, where the entry was made in this process
}

// RobotsCache keeps readings of robots.txt by origin ("https://bbs.example.com").
// It must be safe for concurrent use. Entries past their Until are never used.
type RobotsCache interface {
	Load(ctx context.Context, origin string) (RobotsEntry, bool, error)
	Store(ctx context.Context, origin string, e RobotsEntry) error
}

// RobotsMemory is a RobotsCache in memory that forgets the origin least lately used.
type RobotsMemory struct {
	mu    sync.Mutex
	max   int
	order *list.List // of *robotsSlot, latest first
	byKey map[string]*list.Element
}

type robotsSlot struct {
	origin string
	entry  RobotsEntry
}

var _ RobotsCache = (*RobotsMemory)(nil)

// NewRobotsMemory keeps at most max origins; 0 is 256, which bounds its memory
// at about 128 MB when every host sends the longest file that is read.
func NewRobotsMemory(max int) *RobotsMemory {
	if max <= 0 {
		max = 256
	}
	return &RobotsMemory{max: max, order: list.New(), byKey: map[string]*list.Element{}}
}

// Load implements RobotsCache.
func (m *RobotsMemory) Load(_ context.Context, origin string) (RobotsEntry, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	el, ok := m.byKey[origin]
	if !ok {
		return RobotsEntry{}, false, nil
	}
	m.order.MoveToFront(el)
	return el.Value.(*robotsSlot).entry, true, nil
}

// Store implements RobotsCache.
func (m *RobotsMemory) Store(_ context.Context, origin string, e RobotsEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if el, ok := m.byKey[origin]; ok {
		el.Value.(*robotsSlot).entry = e
		m.order.MoveToFront(el)
		return nil
	}
	m.byKey[origin] = m.order.PushFront(&robotsSlot{origin: origin, entry: e})
	for m.order.Len() > m.max {
		last := m.order.Back()
		delete(m.byKey, last.Value.(*robotsSlot).origin)
		m.order.Remove(last)
	}
	return nil
}
