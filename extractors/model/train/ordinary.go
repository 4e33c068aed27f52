package main

import (
	"errors"
	"strings"

	"resumewatch/bench/accuracy/public"
	"resumewatch/extractors"
	"resumewatch/extractors/model"
)

// quiet is the weight of an ordinary text: there are many, and they are much alike.
const quiet = 0.3

// talk are public texts that have nothing to do with the trade, of those that anybody can
// fetch by name: the ones that the words of the lexicon alone don't rule out. The lines
// that nothing is tuned on are not among them.
func talk(x *extractors.Extractor, folder string) ([]*text, error) {
	if folder == "" {
		return nil, errors.New("no folder of ordinary texts: see deploy/testparts/ordinary")
	}
	var out []*text
	seen := map[string]bool{}
	for _, s := range public.Sources {
		if !s.Looked || s.Group == public.Never || strings.HasPrefix(s.From, "GitHub") {
			continue
		}
		texts, err := s.Texts(folder)
		if err != nil {
			return nil, err
		}
		for _, words := range texts {
			if seen[words] || x.Extract(words, extractors.Options{}).Confidence == 0 {
				continue
			}
			seen[words] = true
			t := &text{Text: words, author: "ordinary", weight: quiet}
			in := x.Input(words, nil)
			t.views = []view{{in, model.Features(in)}}
			out = append(out, t)
		}
	}
	return out, nil
}
