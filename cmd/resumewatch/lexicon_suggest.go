package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/suggest"
	"resumewatch/internal/privacy"
)

type lexiconSuggestCmd struct {
	Text  bool     `help:"The input is one message a line."`
	Least int      `help:"Fewest messages that a word must stand in." default:"3"`
	Limit int      `help:"Most words to print; 0 is all, at most 1000." default:"50"`
	File  []string `arg:"" optional:"" help:"Files of JSON lines with text; none or - is standard input."`
}

func (lexiconSuggestCmd) Help() string {
	return "Example: resumewatch lexicon suggest --text messages.txt\n\nStrings that stand where names of goods and platforms stand and that the program doesn't know: counts, contexts with numbers and contacts hidden, and an entry for a file of lexicon.files. Nothing is stored. A person decides."
}

// suggestion is a line of lexicon suggest --json.
type suggestion struct {
	Text      string   `json:"text"`
	Kind      string   `json:"kind"` // what it seems to be
	Count     int      `json:"count"`
	Elsewhere int      `json:"elsewhere"`
	Ordinary  int      `json:"ordinary"` // of the program's own ordinary lines
	Score     float64  `json:"score"`
	Odds      float64  `json:"odds"`
	Cohesion  float64  `json:"cohesion"`
	Freedom   float64  `json:"freedom"`
	Slots     int      `json:"slots"`
	Near      string   `json:"near"`
	Contexts  []string `json:"contexts"`
	Entry     string   `json:"entry"`
}

func (c lexiconSuggestCmd) Run(ctx context.Context, e *environment) error {
	x, err := e.extractor()
	if err != nil {
		return err
	}
	m := suggest.New()
	bad, read := 0, 0
	err = extractCmd{Text: c.Text, File: c.File}.lots(ctx, e, func(l *lot) error {
		for _, n := range l.lines {
			text, ok := c.message(n, l.text[n.start:n.end])
			if !ok {
				bad++
				continue
			}
			read++
			m.Add(x.Mine(text, privacy.Mask))
		}
		return nil
	})
	if err != nil {
		return err
	}
	found := m.Candidates(c.Least, x.Knows, x.Near())
	if c.Limit > 0 && len(found) > c.Limit {
		found = found[:c.Limit]
	}
	ordinary := foldedLines()
	for i := range found {
		if err := printSuggestion(e, i+1, &found[i], ordinary); err != nil {
			return err
		}
	}
	trading, dropped := m.Counts()
	if !e.g.JSON {
		fmt.Fprintf(e.stdout, "读了 %d 条消息，其中 %d 条像买卖，列出 %d 个词。是不是行话由人判断：把条目贴进 lexicon.files 的文件，补上 no 的例句，再用 config check 检查。\n", read, trading, len(found))
	}
	if dropped > 0 {
		fmt.Fprintf(e.stderr, "resumewatch: warning: %d messages that trade had no room and were left out\n", dropped)
	}
	if bad > 0 {
		fmt.Fprintf(e.stderr, "resumewatch: %d lines could not be read: each must be a JSON object with text (or give --text)\n", bad)
		return errFailed
	}
	return nil
}

// message is the text of a line.
func (c lexiconSuggestCmd) message(n line, given []byte) (string, bool) {
	if n.bad != "" {
		return "", false
	}
	if c.Text {
		return string(given), true
	}
	var in struct {
		Text *string `json:"text"`
	}
	if json.Unmarshal(given, &in) != nil || in.Text == nil {
		return "", false
	}
	return *in.Text, true
}

// foldedLines are the ordinary lines as they are read.
func foldedLines() []string {
	lines := lexicon.Ordinary()
	out := make([]string, len(lines))
	for i, l := range lines {
		t := fold.Fold(l)
		out[i] = t.Folded
	}
	return out
}

// kindNames are what a candidate seems to be, for people.
var kindNames = map[string]string{"goods": "像货物", "platform": "像平台", "grade": "像成色"}

func printSuggestion(e *environment, no int, c *suggest.Candidate, ordinary []string) error {
	fires := 0
	for _, l := range ordinary {
		if strings.Contains(l, c.Text) {
			fires++
		}
	}
	entry := c.Entry(suggest.Unlike(c.Text, ordinary))
	if e.g.JSON {
		return printJSON(e.stdout, suggestion{c.Text, c.Kind, c.Count, c.Elsewhere, fires, c.Score, c.Odds, c.Cohesion, c.Freedom, c.Slots, c.Near, list(c.Contexts), entry})
	}
	w := &sheet{to: e.stdout}
	notes := []string{cmp.Or(kindNames[c.Kind], c.Kind), fmt.Sprintf("%d 条买卖消息里有，别的消息里 %d 次", c.Count, c.Elsewhere), fmt.Sprintf("%d 次站在名字的位置", c.Slots)}
	if c.Near != "" {
		notes = append(notes, "读音像“"+c.Near+"”")
	}
	if fires > lexicon.Often {
		notes = append(notes, fmt.Sprintf("日常话里太常见：%d 句平常话里有 %d 句，加进去会被拒绝", len(ordinary), fires))
	} else if fires > 0 {
		notes = append(notes, fmt.Sprintf("日常话里也有：%d 句里有 %d 句", len(ordinary), fires))
	}
	w.line("%d. %s  %.3f  %s", no, visible(c.Text), c.Score, strings.Join(notes, "；"))
	w.line("   结合 %.1f，自由 %.1f，对比 %.1f", c.Cohesion, c.Freedom, c.Odds)
	for _, s := range c.Contexts {
		w.line("   · %s", visible(s))
	}
	for l := range strings.Lines(entry) {
		w.line("     %s", strings.TrimRight(l, "\n"))
	}
	w.line("")
	return w.err
}
