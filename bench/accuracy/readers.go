package main

import (
	"fmt"

	"resumewatch/bench/accuracy/measure"
	"resumewatch/extractors"
)

// rival is a reader that ours is compared with.
type rival struct {
	name    string
	channel bool // ours without a channel
	reader
}

// unsieved is ours with every text going the whole way, as it does where a channel is off.
const unsieved = "ours, without the sieve"

// allRivals are the simpler readers, ours, and ours without each channel in turn.
func allRivals(sets []set, talk []string) ([]rival, error) {
	out := []rival{{"keywords", false, keywords{}}, {"keywords and regular expressions", false, patterns{}}}
	for _, folded := range []bool{false, true} {
		n := learn(sets, talk, folded)
		name := "n-grams alone, of the text as it is written"
		if folded {
			name = "n-grams alone, of the folded text"
		}
		out = append(out, rival{name, false, n})
	}
	whole, err := without()
	if err != nil {
		return nil, err
	}
	out = append(out, rival{"ours", false, whole}, rival{unsieved, false, thorough(whole)})
	var all []string
	for _, c := range extractors.Channels() {
		less, err := without(c.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, rival{c.Name, true, less})
		if c.Name != "model" {
			all = append(all, c.Name)
		}
	}
	least, err := without(all...)
	if err != nil {
		return nil, err
	}
	return append(out, rival{"all of them but the model", true, least}), nil
}

// contest is what rivals make of the blind documents and the public lines.
type contest struct {
	rival
	all, clear, obfuscated, hard, ordinary measure.Counts
	gained, lost                           int // documents whose answer listing or not is right, wrong unlike ours
	listings                               int // of the public lines
}

func compete(all []rival, docs []document, public [][]string) []contest {
	var ours []measure.Counts
	for _, r := range all {
		if r.name == "ours" {
			ours = compared(r, docs)
		}
	}
	out := make([]contest, 0, len(all))
	for _, r := range all {
		c := contest{rival: r}
		counts := compared(r, docs)
		c.all = total(counts)
		for style, sum := range map[string]*measure.Counts{styleClear: &c.clear, styleObfuscated: &c.obfuscated, styleHard: &c.hard, styleOrdinary: &c.ordinary} {
			*sum = total(pick(counts, of(docs, style)))
		}
		for i := range counts {
			switch mine, theirs := right(&ours[i]), right(&counts[i]); {
			case mine && !theirs:
				c.lost++
			case theirs && !mine:
				c.gained++
			}
		}
		for _, texts := range public {
			for _, text := range texts {
				if r.read(text).Listing {
					c.listings++
				}
			}
		}
		out = append(out, c)
	}
	return out
}

// right reports whether a document was rightly called a listing or none.
func right(c *measure.Counts) bool {
	return c.Of[measure.Listing].Wrong+c.Of[measure.Listing].Missed == 0
}

// showRivals writes both tables: readers side by side, and what each channel brings.
func showRivals(p *page, found []contest, public bool) {
	lines := func(c contest) string {
		if !public {
			return "–"
		}
		return fmt.Sprint(c.listings)
	}
	var whole contest
	var rows [][]string
	for _, c := range found {
		if c.channel {
			continue
		}
		if c.name == "ours" {
			whole = c
		}
		row := []string{
			c.name, number(measure.Precision(measure.Listing)(&c.all)), number(measure.Recall(measure.Listing)(&c.clear)), number(measure.Recall(measure.Listing)(&c.obfuscated)),
			number(measure.F1(measure.Listing)(&c.all)), number(measure.FalseAlarms(&c.hard)), number(measure.FalseAlarms(&c.ordinary)),
		}
		for _, rate := range []measure.Rate{measure.Sides, measure.F1(measure.Platforms), measure.F1(measure.PricesLenient), measure.F1(measure.Contacts)} {
			v := number(rate(&c.all))
			if _, says := c.reader.(ngrams); says {
				v = "–"
			}
			if _, says := c.reader.(keywords); says && v == "0.000" {
				v = "–"
			}
			row = append(row, v)
		}
		rows = append(rows, append(row, lines(c)))
	}
	p.rows([]string{"reader", "precision", "recall, clear", "recall, obfuscated", "F1", "false alarms, hard", "ordinary", "side", "platforms F1", "prices F1 (lenient)", "contacts F1", "public lines called listings"}, rows)

	described := map[string]string{"all of them but the model": "plain words and numbers alone, and the model"}
	for _, c := range extractors.Channels() {
		described[c.Name] = c.English
	}
	p.say("Ours with one channel left out; differences from ours with all of them (a dot: none). *Right now wrong* and *wrong now right* count blind documents whose answer, listing or not, changes without the channel.")
	rows = nil
	for _, c := range found {
		if !c.channel {
			continue
		}
		row := []string{c.name, described[c.name], fmt.Sprint(c.lost), fmt.Sprint(c.gained)}
		for _, r := range []struct {
			rate measure.Rate
			of   func(*contest) *measure.Counts
		}{
			{measure.Recall(measure.Listing), func(c *contest) *measure.Counts { return &c.clear }},
			{measure.Recall(measure.Listing), func(c *contest) *measure.Counts { return &c.obfuscated }},
			{measure.F1(measure.Listing), func(c *contest) *measure.Counts { return &c.all }},
			{measure.FalseAlarms, func(c *contest) *measure.Counts { return &c.hard }},
			{measure.F1(measure.Platforms), func(c *contest) *measure.Counts { return &c.all }},
			{measure.F1(measure.PricesLenient), func(c *contest) *measure.Counts { return &c.all }},
			{measure.F1(measure.Contacts), func(c *contest) *measure.Counts { return &c.all }},
		} {
			row = append(row, change(r.rate(r.of(&c)), r.rate(r.of(&whole))))
		}
		rows = append(rows, append(row, lines(c)))
	}
	p.rows([]string{"without", "what it does", "right now wrong", "wrong now right", "recall, clear", "recall, obfuscated", "F1", "false alarms, hard", "platforms F1", "prices F1", "contacts F1", "public lines called listings"}, rows)
}

// heldBack counts the texts that the sieve holds back although the whole way calls them
// listings or doubtful.
func heldBack(x *extractors.Extractor, docs []document, public [][]string) (listings, doubts, all int) {
	ask := func(text string) {
		all++
		short, whole := x.Extract(text, extractors.Options{}), x.Extract(text, extractors.Options{Thorough: true})
		switch {
		case whole.Listing.Listing && !short.Listing.Listing:
			listings++
		case whole.Doubt && !short.Doubt:
			doubts++
		}
	}
	for i := range docs {
		ask(docs[i].Text)
	}
	for _, texts := range public {
		for _, text := range texts {
			ask(text)
		}
	}
	return listings, doubts, all
}
