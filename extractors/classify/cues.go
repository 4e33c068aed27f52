package classify

import (
	"slices"
	"strings"

	"resumewatch/extractors/lexicon"
)

// vague reports whether there are platforms, all only by sound or by a word of
// everyday language.
func vague(platforms []Found) bool {
	return len(platforms) > 0 && !slices.ContainsFunc(platforms, func(f Found) bool { return !f.Hit.Weak && !f.Hit.Channel.Heard() })
}

// chorus reports goods and a platform that both only sound right, or a long name
// that does: that is no accident.
func (r *reader) chorus() bool {
	goods, platform := false, false
	for _, k := range [...]kind{kindGoods, kindPlatform, kindGrade} {
		for _, h := range r.kinds[k] {
			if !h.Channel.Heard() || k == kindGoods && h.Entry.Strength <= 1 {
				continue
			}
			if h.End-h.Start >= longSound && k != kindGrade {
				return true
			}
			goods, platform = goods || k == kindGoods, platform || k != kindGoods
		}
	}
	return goods && platform
}

// longSound is how many bytes a word of four characters has: 浅城无忧.
const longSound = 12

// strongGoods reports goods in plain words.
func (r *reader) strongGoods() bool {
	return slices.ContainsFunc(r.kinds[kindGoods], func(h lexicon.Hit) bool { return h.Entry.Strength > 1 && !h.Channel.Heard() })
}

// secondCue reports what a word that only sounds right needs beside it: a
// platform or grade in plain writing, a contact, a minimum or a sample.
func (r *reader) secondCue() bool {
	if len(r.f.Contacts) > 0 || r.f.Sample != nil || r.has(kindTrade, "trade.minimum") || r.verbRightBefore() {
		return true
	}
	for _, k := range [...]kind{kindPlatform, kindGrade} {
		for _, h := range r.kinds[k] {
			if !h.Weak && !h.Channel.Heard() {
				return true
			}
		}
	}
	return false
}

// brand reports a text whose only ground is a platform by two Latin initials: LG, LP and KZ
// are brands of other things. Goods, a grade, a least quantity, a contact or pieces to be
// counted would make it more.
func (r *reader) brand(v *Verdict) bool {
	if len(v.Platforms) == 0 || len(v.Grades)+len(r.f.Contacts) > 0 || r.f.Sample != nil || r.f.Riddle || r.strongGoods() || r.has(kindTrade, "trade.minimum") {
		return false
	}
	for _, p := range v.Platforms {
		if p.Hit.Channel != lexicon.Initial || p.Hit.End-p.Hit.Start > 2 {
			return false
		}
	}
	for _, h := range r.kinds[kindGoods] {
		if h.Entry.Strength > 1 {
			return false
		}
	}
	return !slices.ContainsFunc(r.kinds[kindTrade], func(h lexicon.Hit) bool {
		return strings.ContainsAny(r.f.Folded[h.Start:h.End], "份条")
	})
}
