package casebook

import (
	"slices"
	"time"
)

// decide takes in that a person found a listing in a post that the book knows. What they
// say holds for the words that they saw: an edit since then has others. It returns how
// many listings are new by it.
func (k *kept) decide(f Found, seen time.Time) int {
	switch {
	case k.void():
		k.revive(f, seen)
		return 1
	case k.digest != f.TextDigest && f.Post.NativeID != "":
		return 0
	}
	fresh := 1 - k.live
	k.seenAgain(f)
	k.decided = document(f.Decided)
	k.digest, k.capture, k.start, k.length = f.TextDigest, f.Capture, f.Start, f.Length
	k.reread(f)
	return fresh
}

// corrected is a reading with what a person put right in it.
func (k *kept) corrected(f Found) Found {
	if k.decided == "" {
		return f
	}
	var v Decision
	if parse(k.decided, &v) != nil {
		return f // nobody can tell what they meant
	}
	f.Reading.Goods, f.Reading.Spans = slices.Clone(f.Reading.Goods), slices.Clone(f.Reading.Spans)
	v.Apply(&f.Reading)
	return f
}
