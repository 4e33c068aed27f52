package main

import (
	"strings"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/model"
	"resumewatch/internal/market"
)

// ngrams is a logistic regression over character n-grams alone, trained in the run on the
// texts that the program's own model is trained on: no lexicon, no grammar. It says
// whether a text is a listing, and nothing more.
type ngrams struct {
	folded bool
	line   model.Line
}

// How strongly weights are pulled to 0: as in the training of the program's own model.
const ridge = 0.0002

// As many ordinary texts are learnt from as the program's own model finds worth it, with
// the same weight.
const (
	quiet = 0.3
	most  = 10000
)

// learn trains n-grams on all texts that were tuned on, and on the ordinary ones that the
// program's own model is trained on too; folded says whether they see texts as the folding
// leaves them or as they are written.
func learn(sets []set, talk []string, folded bool) ngrams {
	n := ngrams{folded: folded}
	var examples []model.Example
	for i := 0; i < len(talk); i += 1 + len(talk)/most {
		examples = append(examples, model.Example{Features: model.Features(n.input(talk[i])), Weight: quiet})
	}
	for _, s := range sets {
		if s.blind {
			continue
		}
		for i := range s.docs {
			d := &s.docs[i]
			examples = append(examples, model.Example{Features: model.Features(n.input(d.Text)), Yes: d.Listing.Listing, Weight: 1})
		}
	}
	n.line = model.Fit(model.HeadListing, examples, 0, ridge)
	return n
}

func (n ngrams) input(text string) model.Input {
	if n.folded {
		t := fold.Fold(text)
		return model.Input{Text: t.Folded}
	}
	return model.Input{Text: strings.ToLower(text)}
}

func (n ngrams) read(text string) market.Listing {
	return market.Listing{Listing: n.line.Score(&model.Example{Features: model.Features(n.input(text))}) > 0}
}
