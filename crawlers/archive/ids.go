package archive

import "bytes"

// maxIDs bounds how many authors of a file are told apart; 24 bytes each.
const maxIDs = 1 << 19

// idTable remembers of each author whether one head or several are his, and
// where his name was last seen. Authors are known by a 64-bit hash: one that
// collides is taken for seen, which only costs a flag.
type idTable struct {
	slots []idSlot
	used  int
}

type idSlot struct {
	key   uint64 // 0: free
	named int64  // 1 + offset of the last head that had a name; 0 for none
	heads int64
}

func idKey(id []byte) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for _, c := range id {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h ^= h >> 29
	return h | 1
}

// slot finds or makes the slot of a key; nil when the table is full.
func (t *idTable) slot(key uint64) *idSlot {
	if t.used*2 >= len(t.slots) {
		if t.used >= maxIDs {
			return t.find(key)
		}
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	for i := key >> 1 & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.key == key {
			return s
		}
		if s.key == 0 {
			s.key = key
			t.used++
			return s
		}
	}
}

func (t *idTable) find(key uint64) *idSlot {
	mask := uint64(len(t.slots) - 1)
	for i := key >> 1 & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.key == key {
			return s
		} else if s.key == 0 {
			return nil
		}
	}
}

func (t *idTable) grow() {
	old := t.slots
	t.slots = make([]idSlot, max(1024, 2*len(old)))
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.key == 0 {
			continue
		}
		i := s.key >> 1 & mask
		for t.slots[i].key != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// glitch reports whether QQ shows the number where the name should be.
func glitch(h *head) bool { return len(h.nick) > 0 && bytes.Equal(stripTitles(h.nick), h.id) }
