package casebook

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

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
//
// It holds the blocks until the transaction ends. A post is always in the same
// block, so that two commits with a post in common come one after the other. A block
// bears the day on which something was last added to it.
func (t *tx) see(sightings []Sighting, at time.Time) (fresh, known int64, err error) {
	places := map[string]map[int64][]uint64{}
	for _, s := range sightings {
		if places[s.Place] == nil {
			places[s.Place] = map[int64][]uint64{}
		}
		places[s.Place][s.Bucket] = append(places[s.Place][s.Bucket], s.Print)
	}
	day := millis(at.UTC().Truncate(24 * time.Hour))
	for _, place := range slices.Sorted(maps.Keys(places)) {
		blocks := places[place]
		stored, err := t.blocks(place, slices.Sorted(maps.Keys(blocks)), day)
		if err != nil {
			return 0, 0, err
		}
		var rows [][]any
		for _, bucket := range slices.Sorted(maps.Keys(blocks)) {
			prints := blocks[bucket]
			slices.Sort(prints)
			merged, added := mergePrints(stored[bucket], prints)
			fresh += int64(added)
			known += int64(len(prints) - added)
			if added > 0 {
				rows = append(rows, []any{place, bucket, merged, day})
			}
		}
		if _, err := t.insert(intoSeen, rows, `ON CONFLICT (place, bucket) DO UPDATE SET prints = excluded.prints, at = excluded.at`); err != nil {
			return 0, 0, err
		}
	}
	return fresh, known, nil
}

const intoSeen = `INSERT INTO seen (place, bucket, prints, at)`

// blocks reads the prints of buckets of a place, which come sorted, and holds them.
// Buckets without a row are made first, empty, so that there is something to hold;
// rows are held after that and in one order, so that none waits in a circle.
func (t *tx) blocks(place string, buckets []int64, day int64) (map[int64][]byte, error) {
	out := make(map[int64][]byte, len(buckets))
	if !t.d.serial {
		if err := t.makeBlocks(place, buckets, day); err != nil {
			return nil, err
		}
	}
	return out, inLots(buckets, func(buckets []int64) error {
		in, args := among(buckets)
		return t.rows(func(scan func(...any) error) error {
			var bucket int64
			var prints []byte
			err := scan(&bucket, &prints)
			out[bucket] = prints
			return err
		}, `SELECT bucket, prints FROM seen WHERE place = ? AND bucket IN (`+in+`) ORDER BY bucket`+t.d.locked(), append([]any{place}, args...)...)
	})
}

func (t *tx) makeBlocks(place string, buckets []int64, day int64) error {
	have := map[int64]bool{}
	if err := inLots(buckets, func(buckets []int64) error {
		in, args := among(buckets)
		return t.rows(func(scan func(...any) error) error {
			var bucket int64
			err := scan(&bucket)
			have[bucket] = true
			return err
		}, `SELECT bucket FROM seen WHERE place = ? AND bucket IN (`+in+`)`, append([]any{place}, args...)...)
	}); err != nil {
		return err
	}
	var rows [][]any
	for _, b := range buckets {
		if !have[b] {
			rows = append(rows, []any{place, b, []byte{}, day})
		}
	}
	// Where another commit is making the row, this waits until it has.
	_, err := t.insert(intoSeen, rows, `ON CONFLICT (place, bucket) DO NOTHING`)
	return err
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
