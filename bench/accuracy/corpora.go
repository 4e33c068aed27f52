package main

import (
	"fmt"

	"resumewatch/bench/accuracy/measure"
)

// corpora writes the figures of each corpus.
func (p *page) corpora(sets []set, read map[string]judged) {
	p.say("## Each corpus")
	var rows, terms [][]string
	for i := range sets {
		s := &sets[i]
		j := read[s.name]
		f := j.figures(s)
		name := s.name
		if s.blind {
			name = "**" + name + "**"
		}
		all := total(j.counts)
		rows = append(rows, append([]string{name, fmt.Sprint(all.Documents()), fmt.Sprint(all.Listings)}, spreads(f[:9])...))
		if targets[9].labelled(s) {
			terms = append(terms, append([]string{name}, spreads(f[9:])...))
		}
	}
	head := []string{"corpus", "texts", "listings"}
	for _, t := range targets[:9] {
		head = append(head, t.name)
	}
	p.say("In bold those that were never tuned on.")
	p.rows(head, rows)
	p.say("Prices, stock, contacts and samples, of the corpora that have such labels.")
	head = []string{"corpus"}
	for _, t := range targets[9:] {
		head = append(head, t.name)
	}
	p.rows(head, terms)
}

func spreads(list []measure.Figure) []string {
	var out []string
	for _, f := range list {
		out = append(out, spread(f))
	}
	return out
}

// about tells where the texts and their labels are from.
func (p *page) about() {
	p.say("## The corpora")
	p.say("All texts are invented, with invented people (QQ numbers 10000xxxxx, phones 13800138000–13800138999 and 15000000000–15000009999). A text is labelled whole: whether it is a listing, and if so side, goods, platforms, grades; most corpora have prices, stock, contacts and samples too. The labels follow one guide, written before the first text: one message in, at most one listing out; what is no listing however many of its words it has (an employer who asks for resumes, a warning, news, other goods); what each field means. A listing is *clear* or *obfuscated*; other texts are *hard negatives*, which share the listings' words and disguises, or *ordinary*.")
	p.rows([]string{"corpus", "written by", "used for"}, [][]string{
		{"heldout", "an author who saw the labelling guide alone; every second text, chosen before any was read", "nothing but this page"},
		{"blind-*", "other authors, each in many voices, who saw the guide and a study of the trade's habits, and neither code nor any other text; halves chosen by voice, or all", "nothing but this page; those who worked on the extractors have not seen them, only totals"},
		{"tuning", "the author of heldout; the other half", "tuning and training"},
		{"messages", "those who wrote the first extractor", "tuning and training; labelled with no more than listing, side, goods and platforms"},
		{"voices-a, -d, -e, -g", "authors of training texts, each in many voices", "training; side, goods, platforms and grades are labelled, terms in some"},
		{"dev, voices-b", "the development corpus; in the repository with other numbers in place of its own and without its terms, measured as it was handed over where `-dev FILE` names it", "tuning and training"},
		{"voices-c, -f", "the halves of blind corpora that were opened, chosen by voice", "tuning and training"},
		{"pairs-*", "the development corpus' short texts", "tests: all must pass"},
	})
	p.say("A listing that is missed counts as a document with nothing in it: all figures of fields hold what was missed against them. *Strict* prices agree in amount, range, currency, unit and least quantity; *lenient* ones in amount, range and currency. `bench/accuracy/measure` counts as the labelling guide's own scorer does, and its tests hold cases whose counts were made by hand.")
}
