package classify

import "resumewatch/extractors/lexicon"

// kind is the kind of an entry, as a number.
type kind uint8

// Kinds of entries, see lexicon.Entry.
const (
	kindOther kind = iota
	kindPlatform
	kindGoods
	kindSide
	kindGrade
	kindTrade
	kindContext
	kindFrame
	kindSign
	kindHint
	kinds
)

func kindOf(e *lexicon.Entry) kind {
	switch e.Kind() {
	case "platform":
		return kindPlatform
	case "goods":
		return kindGoods
	case "side":
		return kindSide
	case "grade":
		return kindGrade
	case "trade":
		return kindTrade
	case "context":
		return kindContext
	case "frame":
		return kindFrame
	case "sign":
		return kindSign
	case "hint":
		return kindHint
	}
	return kindOther
}
