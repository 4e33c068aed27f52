package casebook

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/dchest/siphash"

	"resumewatch/internal/market"
)

// Sighting is the keyed fingerprint of one post: all that is kept of a post
// without a listing.
type Sighting struct {
	Place  string
	Bucket int64
	Print  uint64
}

// Fingerprints makes sightings under one key (16 bytes). The same post has the
// same fingerprint in every format.
type Fingerprints struct {
	k0, k1 uint64
}

// NewFingerprints takes the first 16 bytes of the secret.
func NewFingerprints(secret []byte) (Fingerprints, error) {
	if len(secret) < 16 {
		return Fingerprints{}, fmt.Errorf("casebook: fingerprint key of %d bytes, want 16", len(secret))
	}
	return Fingerprints{binary.LittleEndian.Uint64(secret), binary.LittleEndian.Uint64(secret[8:])}, nil
}

// Of is the sighting of a post. buf is scratch space that may be reused.
func (f Fingerprints) Of(p *market.Post, buf []byte) (Sighting, []byte) {
	buf = buf[:0]
	if p.NativeID != "" {
		buf = append(append(append(buf, p.Site...), 0), p.NativeID...)
		print := siphash.Hash(f.k0, f.k1, buf)
		// Posts with an id of their place can change their time; spread them by print instead.
		// and a thread can move to another board: their place is the site.
		return Sighting{p.Site, -1 - int64(print>>57), print}, buf
	}
	second := p.PostedAt.Unix()
	buf = strconv.AppendInt(buf, second, 10)
	buf = append(append(buf, 0), p.Author.Key()...)
	buf = append(append(buf, 0), p.Normal()...)
	return Sighting{p.Place, second / 3600, siphash.Hash(f.k0, f.k1, buf)}, buf
}

// see merges the fingerprints of one unit of work into the blocks and tells how
// many were not known. Equal posts are real repeats: a print stands as often as
// the unit that holds it most often says (not the sum: exports overlap).
func (t *tx) see(sightings []Sighting) (fresh, known int64, err error) {
	type block struct {
		place  string
		bucket int64
	}
	groups := map[block][]uint64{}
	for _, s := range sightings {
		b := block{s.Place, s.Bucket}
		groups[b] = append(groups[b], s.Print)
	}
	order := make([]block, 0, len(groups))
	for b := range groups {
		order = append(order, b)
	}
	slices.SortFunc(order, func(a, b block) int {
		if a.place != b.place {
			if a.place < b.place {
				return -1
			}
			return 1
		}
		return int(max(-1, min(1, a.bucket-b.bucket)))
	})
	for _, b := range order {
		prints := groups[b]
		slices.Sort(prints)
		var stored []byte
		err := t.row(`SELECT prints FROM seen WHERE place = ? AND bucket = ?`, b.place, b.bucket).Scan(&stored)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, 0, err
		}
		merged, added := mergePrints(stored, prints)
		fresh += int64(added)
		known += int64(len(prints) - added)
		if added == 0 {
			continue
		}
		if _, err := t.exec(`INSERT INTO seen (place, bucket, prints) VALUES (?, ?, ?)
			ON CONFLICT (place, bucket) DO UPDATE SET prints = excluded.prints`, b.place, b.bucket, merged); err != nil {
			return 0, 0, err
		}
	}
	return fresh, known, nil
}

// mergePrints is the union of two sorted multisets, each value as often as the
// side that has it more often, and how many values the stored side lacked.
func mergePrints(stored []byte, fresh []uint64) (merged []byte, added int) {
	merged = make([]byte, 0, len(stored)+8*len(fresh))
	i := 0
	for len(stored) >= 8 || i < len(fresh) {
		switch {
		case len(stored) < 8:
			merged = binary.LittleEndian.AppendUint64(merged, fresh[i])
			i, added = i+1, added+1
		case i == len(fresh):
			merged = append(merged, stored[:8]...)
			stored = stored[8:]
		default:
			old := binary.LittleEndian.Uint64(stored)
			switch {
			case old < fresh[i]:
				merged = append(merged, stored[:8]...)
				stored = stored[8:]
			case old > fresh[i]:
				merged = binary.LittleEndian.AppendUint64(merged, fresh[i])
				i, added = i+1, added+1
			default:
				merged = append(merged, stored[:8]...)
				stored, i = stored[8:], i+1
			}
		}
	}
	return merged, added
}
