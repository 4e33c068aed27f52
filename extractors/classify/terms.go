package classify

import "resumewatch/extractors/model"

// Term is one sign with what it adds to the log-odds that a text is a listing.
type Term struct {
	Code   string // "base", "price", "frame.news"
	Weight float64
}

// tally adds terms up, and notes them where somebody asks.
type tally struct {
	sum   float64
	terms *[]Term
}

func (t *tally) add(code string, w float64) {
	t.sum += w
	if t.terms != nil && w != 0 {
		*t.terms = append(*t.terms, Term{code, w})
	}
}

// Terms are what the score of the words of a verdict is made of, in the order in which they
// were added. Their sum is what the learnt part goes on from; a cap, the last, comes after it.
func (v Verdict) Terms() []Term {
	if v.weighed != nil {
		v = *v.weighed
	}
	r := *v.r
	var terms []Term
	r.terms = &terms
	v.Frames = nil
	r.score(&v)
	if v.capped != 0 {
		terms = append(terms, Term{"bare_sum", v.capped})
	}
	return terms
}

// Thresholds are the probabilities from which a text is in doubt, and from which it is a
// listing.
func Thresholds() (doubt, listing float64) { return doubtFrom, listingFrom }

// Signs are those of the learnt part that weigh most, at most n; none where it wasn't asked.
func (v Verdict) Signs(n int) []model.Sign {
	if v.asked == nil {
		return nil
	}
	return v.asked.Signs(n)
}
