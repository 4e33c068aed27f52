package custody

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrStored says that what is stored with an event can't be its hashes.
var ErrStored = errors.New("stored hashes were changed")

// ReadHashes gives the stored hashes of events, by number, as Tree.Add returned
// them.
type ReadHashes func(numbers []int64) (map[int64]string, error)

// Tree is the Merkle tree over events 0 … size-1. With each event are stored, as
// hex, its leaf hash and those of the subtrees that it completes, the smallest
// first: two on average, and all that roots and proofs need.
type Tree struct {
	size int64
	read ReadHashes
	have map[int64][]tlog.Hash
}

// OpenTree opens the tree of so many events.
func OpenTree(size int64, read ReadHashes) *Tree {
	return &Tree{size: size, read: read, have: map[int64][]tlog.Hash{}}
}

// Size is the number of events.
func (t *Tree) Size() int64 { return t.size }

// Add appends an event and returns what is to be stored with it. Its number is
// the size before.
func (t *Tree) Add(event string) (hashes string, err error) {
	added, err := tlog.StoredHashes(t.size, []byte(event), t)
	if err != nil {
		return "", fmt.Errorf("custody: event %d: %w", t.size, err)
	}
	t.have[t.size] = added
	t.size++
	return formatHashes(added), nil
}

// Root is the root hash over all events.
func (t *Tree) Root() (tlog.Hash, error) { return t.RootOf(t.size) }

// RootOf is the root hash when the tree had so many events.
func (t *Tree) RootOf(size int64) (tlog.Hash, error) {
	h, err := tlog.TreeHash(size, t)
	if err != nil {
		return h, fmt.Errorf("custody: root of %d events: %w", size, err)
	}
	return h, nil
}

// ProveEvent proves that the event of that number stands in the tree of so many
// events; tlog.CheckRecord checks it.
func (t *Tree) ProveEvent(size, number int64) (tlog.RecordProof, error) {
	if number < 0 || number >= size || size > t.size {
		return nil, fmt.Errorf("custody: event %d of a log of %d, which has %d", number, size, t.size)
	}
	p, err := tlog.ProveRecord(size, number, t)
	if err != nil {
		return nil, fmt.Errorf("custody: proof of event %d: %w", number, err)
	}
	return p, nil
}

// ProveTree proves that the tree of `older` events is the beginning of that of
// size; tlog.CheckTree checks it.
func (t *Tree) ProveTree(size, older int64) (tlog.TreeProof, error) {
	if older < 1 || older > size || size > t.size {
		return nil, fmt.Errorf("custody: a log of %d events as the beginning of one of %d, which has %d", older, size, t.size)
	}
	p, err := tlog.ProveTree(size, older, t)
	if err != nil {
		return nil, fmt.Errorf("custody: proof of %d events in %d: %w", older, size, err)
	}
	return p, nil
}

// ReadHashes implements tlog.HashReader: hash n of a level is stored with the
// event that completes its subtree.
func (t *Tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []int64
	at := make([]struct {
		event int64
		level int
	}, len(indexes))
	asked := map[int64]bool{}
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		at[i].event, at[i].level = (n+1)<<level-1, level
		if event := at[i].event; t.have[event] == nil && !asked[event] {
			asked[event] = true
			missing = append(missing, event)
		}
	}
	if len(missing) > 0 {
		got, err := t.read(missing)
		if err != nil {
			return nil, err
		}
		for _, n := range missing {
			hashes, err := parseHashes(n, got[n])
			if err != nil {
				return nil, err
			}
			t.have[n] = hashes
		}
	}
	out := make([]tlog.Hash, len(indexes))
	for i, a := range at {
		out[i] = t.have[a.event][a.level]
	}
	return out, nil
}

func formatHashes(hashes []tlog.Hash) string {
	raw := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		raw = append(raw, h[:]...)
	}
	return hex.EncodeToString(raw)
}

// parseHashes reads what is stored with an event: one hash and one more for each
// subtree that it completes.
func parseHashes(number int64, text string) ([]tlog.Hash, error) {
	want := 1 + bits.TrailingZeros64(uint64(number+1))
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != want*tlog.HashSize {
		return nil, fmt.Errorf("%w: with event %d are stored %d digits, want %d", ErrStored, number, len(text), want*2*tlog.HashSize)
	}
	out := make([]tlog.Hash, want)
	for i := range out {
		copy(out[i][:], raw[i*tlog.HashSize:])
	}
	return out, nil
}
