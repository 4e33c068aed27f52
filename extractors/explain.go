package extractors

import (
	"math"
	"strings"

	"resumewatch/extractors/classify"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/internal/market"
)

// Explanation says why a text was, or was not, read as a listing.
type Explanation struct {
	Verdict    string  `json:"verdict"` // listing, doubt or none
	Confidence float64 `json:"confidence"`
	// Thresholds are the probabilities from which a text is in doubt, and a listing.
	Thresholds [2]float64 `json:"thresholds"`
	// Stopped says that the text was given up before all readers had seen it; what follows is
	// what they would have seen.
	Stopped bool   `json:"stopped"`
	Why     string `json:"why,omitempty"` // why it was given up

	Folded  string         `json:"folded"`
	Other   string         `json:"other,omitempty"` // another way to read the text, where that showed more
	Folds   []Folding      `json:"folds"`
	Words   []Word         `json:"words"`
	Listing market.Listing `json:"listing"` // as it is, or would be if it were a listing
	Score   []Point        `json:"score"`
	Signs   []Point        `json:"signs"` // of the learnt part, the weightiest first
	Odds    float64        `json:"odds"`  // sum of the score, before the learnt part
	Learnt  float64        `json:"learnt"`
}

// Folding is one thing that folding did.
type Folding struct {
	Channel string `json:"channel"`
	Start   int    `json:"start"` // bytes of the text
	End     int    `json:"end"`
	From    string `json:"from"`
	To      string `json:"to"`
}

// Word is a word of the lexicon that stands in the text.
type Word struct {
	ID      string  `json:"id"`
	Value   string  `json:"value,omitempty"`
	Note    string  `json:"note,omitempty"`
	Start   int     `json:"start"` // bytes of the text
	End     int     `json:"end"`
	Written string  `json:"written"`
	Read    string  `json:"read"` // after folding
	Channel string  `json:"channel"`
	Gaps    int     `json:"gaps"` // separators inside
	Cost    float64 `json:"cost"` // 0 plain to 1
	Weak    bool    `json:"weak"`
	Counts  bool    `json:"counts"`
	Why     string  `json:"why,omitempty"` // why it doesn't count
}

// Point is one line of the score.
type Point struct {
	Code   string  `json:"code"`
	Text   string  `json:"text"`
	Weight float64 `json:"weight"` // added to the log-odds
}

// mostWords and mostFolds bound what is told of a long text.
const mostWords, mostFolds = 300, 300

// mostSigns is how many signs of the learnt part are told.
const mostSigns = 8

// Explain reads a text as Extract does, and says what it was read by.
func (x *Extractor) Explain(text string) Explanation {
	if len(text) > longest {
		text = cut(text, longest)
	}
	plain := x.folder.Fold(text)
	r := x.Extract(text, Options{})
	s, _ := x.best(text, nil, Options{AssumeListing: true})
	e := Explanation{Verdict: "none", Confidence: r.Confidence, Folded: plain.Folded, Folds: []Folding{}, Words: []Word{}, Score: []Point{}, Signs: []Point{}}
	e.Thresholds[0], e.Thresholds[1] = classify.Thresholds()
	e.Listing = s.reading(Options{AssumeListing: true}).Listing
	switch {
	case r.Listing.Listing:
		e.Verdict = "listing"
	case r.Doubt:
		e.Verdict = "doubt"
	}
	for _, p := range plain.Steps() {
		if len(e.Folds) == mostFolds {
			break
		}
		e.Folds = append(e.Folds, Folding{Channel: channelOf(p.Way), Start: p.Start, End: p.End, From: text[p.Start:p.End], To: p.To})
	}
	if s.folded.Folded != plain.Folded {
		e.Other = s.folded.Folded
	}
	e.words(x.words.Explain(&s.folded), &s.folded)
	for _, t := range s.verdict.Terms() {
		e.Odds += t.Weight
		e.Score = append(e.Score, Point{t.Code, termText(t.Code, s.facts.Hits), round(t.Weight)})
	}
	e.Learnt = s.verdict.Learnt()
	for _, sign := range s.verdict.Signs(mostSigns) {
		e.Signs = append(e.Signs, Point{Code: "learnt", Text: sign.Name, Weight: round(sign.Weight)})
	}
	if r.Confidence == 0 && len(r.Reasons) == 0 {
		all := x.Extract(text, Options{Thorough: true})
		e.Stopped, e.Why = true, e.stop(all.Confidence > 0 || len(all.Reasons) > 0)
	}
	e.Odds, e.Learnt = round(e.Odds), round(e.Learnt)
	return e
}

// channelOf names a way of folding.
func channelOf(way fold.Off) string {
	for _, c := range Channels() {
		if way != 0 && c.off.fold&way != 0 {
			return c.Name
		}
	}
	return "case"
}

// words are the findings of the lexicon.
func (e *Explanation) words(found []lexicon.Finding, t *fold.Text) {
	for _, f := range found {
		if f.Fate == lexicon.Grown && f.Channel != lexicon.Plain || len(e.Words) == mostWords {
			continue // lp in help: nobody asks
		}
		start, end := t.Span(f.Start, f.End)
		w := Word{
			ID: f.Entry.ID, Value: f.Entry.Value, Note: f.Entry.Note, Start: start, End: end, Written: t.Original[start:end], Read: t.Folded[f.Start:f.End],
			Channel: f.Channel.String(), Gaps: f.Gaps, Cost: f.Cost, Weak: f.Weak, Counts: f.Fate == lexicon.Kept,
		}
		if !w.Counts {
			w.Why = fateText(f, t.Folded)
		}
		e.Words = append(e.Words, w)
	}
}

// stop says why a text was given up early: by the sieve, which judges by characters and
// words together, or by its words alone.
func (e *Explanation) stop(sieved bool) string {
	said := map[string]bool{}
	for _, w := range e.Words {
		if w.Counts {
			kind, _, _ := strings.Cut(w.ID, ".")
			said[kind] = true
		}
	}
	var missing []string
	for _, k := range []struct{ kind, name string }{{"goods", "货物"}, {"platform", "招聘平台"}, {"grade", "成色"}, {"side", "买卖用语"}} {
		if !said[k.kind] {
			missing = append(missing, k.name)
		}
	}
	why := "第一遍只看有哪些词：照这些词最多能得的分够不到存疑线，后面的步骤没有做"
	if sieved {
		why = "第一遍的筛子：照它的用字和词，训练中从没有这样的买卖，也没有这样的存疑，后面的步骤没有做"
	}
	if len(missing) > 0 {
		why += "；没有看到" + strings.Join(missing, "、")
	}
	if said["frame"] {
		why += "；有不像买卖的话"
	}
	return why
}

func round(f float64) float64 { return math.Round(f*100) / 100 }
