package main

import (
	"context"
	"fmt"
	"strings"

	"resumewatch/bench/accuracy/measure"
	"resumewatch/bench/accuracy/public"
	"resumewatch/internal/market"
)

// write makes the page.
func write(ctx context.Context, o options, sets []set, read map[string]judged, stamp string) (string, error) {
	whole, err := without()
	if err != nil {
		return "", err
	}
	found, err := look(whole.x, o.public)
	if err != nil {
		return "", err
	}
	var talk []string
	for _, v := range found {
		if v.Trained() {
			talk = append(talk, v.content...)
		}
	}
	rivals, err := allRivals(sets, talk)
	if err != nil {
		return "", err
	}
	var p page
	p.say("# How well posts are read")
	p.say("What the extractors find and miss, on texts that they were tuned on and on texts that nobody who worked on them has seen. Made by one command, which anybody can run again:")
	p.say("    deploy/testparts/with ordinary scanners -- go run ./bench/accuracy")
	p.say("Made of %s. Figures stand with the interval that holds them in 95 of 100 draws of documents (1,000 draws with replacement). What it all rests on, and how the labels were made, is told [below](#the-corpora).", stamp)
	p.weak(sets, read, found)
	p.targets(sets, read)
	p.corpora(sets, read)

	p.say("## Is its confidence to be believed?")
	p.say("On the texts never tuned on. A text that its words alone rule out has confidence 0.")
	blind := all(sets, true)
	t := calibrate(whole.x, blind)
	t.show(&p)

	p.say("## Simpler readers, and what each channel brings")
	p.say("The texts never tuned on, and the public lines never tuned on that were at hand. *Keywords*: a word of trade with a word for the goods or a platform, and none of a list of words that speak against it. *And regular expressions*: prices, amounts, contacts and rows of records by pattern; goods at a price with a contact are a listing too. *N-grams alone*: the learnt part without lexicon and grammar, trained in this run on the same texts, which answers only whether it is a listing.")
	var lines [][]string
	for _, v := range found {
		if v.Group == public.Never && !v.missing {
			lines = append(lines, v.content)
		}
	}
	showRivals(&p, compete(rivals, blind, lines), len(lines) > 0)

	held, doubts, texts := heldBack(whole.x, blind, lines)
	p.say("A sieve, learnt from the texts tuned on, stands before all of this and ends most texts early. Of these %s texts, blind and public, it holds back %d that the whole way calls listings, and %d that it calls doubtful.", thousands(texts), held, doubts)

	p.say("## Ordinary Chinese")
	p.say("Public texts that have nothing to do with the trade, a line a text. Whatever is called a listing there is wrong. They are not in the repository; `deploy/testparts/ordinary` fetches what PyPI and Debian offer by name, and takes the others, which are in no registry but in public repositories, from clones that somebody has made (`RESUMEWATCH_CHECKOUTS`). One star: hits there were looked at while the program was built. Two: its learnt part is trained on them as well, as ordinary texts, so that few hits there say nothing (the quotations hold chapters of Debian's reference).")
	showOrdinary(&p, found)

	if err := p.pairs(ctx, whole, o.root); err != nil {
		return "", err
	}
	p.say("## Authors left out")
	if o.public == "" {
		p.say("Not measured here: the trainer learns from ordinary texts too, and they were not at hand.")
	} else {
		said, err := folds(ctx, o.root, o.public)
		if err != nil {
			return "", err
		}
		p.say("The learnt part asked about each file of training texts after it was trained on the others, as its trainer prints it (`go run ./extractors/model/train`). The lexicon and the grammar have seen all of these texts; this says how far what is *learnt* carries over to another author.")
		p.say("```\n%s\n```", said)
	}
	p.about()
	if o.speed {
		p.say("## Speed")
		p.say("Of the machine that made this page (%s), which did other work too: compare figures with each other, not with those of another machine. All else on this page is the same wherever it is made.", machine())
		p.say("ripgrep only says which lines have one of 16 strings of bytes, as they stand, many bytes at a time. What reading costs beside that: every character is decoded and looked up, since most disguises are single characters (*folding*); some thousand patterns are followed at once, each also through separators, by sound and by initials (*automaton*); what looks like more than talk goes on to prices, contacts, samples and the decision. The benchmarks show the stages, the last table what each channel takes.")
		if err := showBenchmarks(ctx, &p, o.root); err != nil {
			return "", err
		}
		if err := showScanners(ctx, &p, sets); err != nil {
			return "", err
		}
		showPace(&p, rivals, sets)
	}
	return p.String(), nil
}

// weak says first what is not good enough.
func (p *page) weak(sets []set, read map[string]judged, found []seen) {
	p.say("## Weaknesses first")
	var short []string
	for _, t := range targets {
		sum := total(t.only(sets, read, true))
		if v := t.rate(&sum); !t.met(v) {
			short = append(short, fmt.Sprintf("- **%s** is %s on texts never tuned on; wanted: %s", t.name, number(v), t.wanted()))
		}
	}
	if len(short) == 0 {
		short = []string{"- Every target is met on texts never tuned on; the lower ends of many intervals lie under them."}
	}
	listings, lines, missing := 0, 0, 0
	for _, v := range found {
		if v.Group != public.Never {
			continue
		}
		listings += v.listings
		lines += len(v.content)
		if v.missing {
			missing++
		}
	}
	if lines == 0 {
		short = append(short, "- The public lines never tuned on were not at hand when this page was made.")
	} else {
		short = append(short, fmt.Sprintf("- Of %s public lines never tuned on, %d called listings (at most 1 is wanted of about 89,000)%s.", thousands(lines), listings, map[bool]string{true: fmt.Sprintf("; %d sources were not at hand", missing)}[missing > 0]))
	}
	p.say("%s", strings.Join(append(short,
		"- All corpora are invented: they were written for this purpose by authors who imagined sellers. Real adverts may differ in ways that none of them thought of; nothing here was measured on a real group.",
		"- Never tuned on doesn't mean wholly foreign: of the authors of these corpora the other halves were tuned on, in other voices but by the same hand, and totals of the unseen halves steered the work. An author of whom nothing was opened would be read somewhat worse; *Authors left out* shows by how much for the learnt part.",
		"- The share of listings in the corpora (about half) is far above that of an ordinary chat: precision there follows from the false alarms on ordinary lines, not from the precision below.",
		"- A trick that neither folding nor the learnt part knows is read as nothing at all: a wholly new metaphor in which neither goods nor platform nor terms are named is missed, and seldom lands in the band of doubt.",
	), "\n"))
}

// wanted is the goal in words.
func (t target) wanted() string {
	if t.most {
		return fmt.Sprintf("≤ %.1f %%", 100*t.goal)
	}
	return fmt.Sprintf("≥ %.2f", t.goal)
}

// targets writes the figures beside what was wanted.
func (p *page) targets(sets []set, read map[string]judged) {
	p.say("## Against the targets")
	p.say("*Never tuned on*: all such corpora together. *Tuned on*: texts that words, grammars and weights were made with; a high figure there says little. The targets were set before the work began.")
	var rows [][]string
	for _, t := range targets {
		row := []string{t.name, t.wanted()}
		for _, blind := range []bool{true, false} {
			f := measure.Figures(fmt.Sprint(t.name, blind), t.only(sets, read, blind), []measure.Rate{t.rate})[0]
			row = append(row, spread(f))
			if blind {
				row = append(row, map[bool]string{true: "met", false: "**short**"}[t.met(f.Value)])
			}
		}
		rows = append(rows, row)
	}
	p.rows([]string{"figure", "wanted", "never tuned on", "", "tuned on"}, rows)
}

// pairs writes how many of the pairs are read as they should be.
func (p *page) pairs(ctx context.Context, whole ours, root string) error {
	p.say("## Pairs")
	var said []string
	for _, f := range []struct {
		name, what string
		equal      func(a, b *market.Listing) bool
	}{{"pairs-price.jsonl", "prices and stock", samePrices}, {"pairs-contact.jsonl", "contacts", sameContacts}} {
		right, command, all, err := pairs(ctx, whole.x, root, f.name, f.equal)
		if err != nil {
			return err
		}
		said = append(said, fmt.Sprintf("of %d texts with %s the package reads %d, the command %d", all, f.what, right, command))
	}
	p.say("Short texts, each for one way to write a price, an amount or a contact, read as fragments of a listing (`extract --assume-listing`) and compared exactly: %s. `TestPairs` of package `extractors` holds all of them.", strings.Join(said, "; "))
	return nil
}
