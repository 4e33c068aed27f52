package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"resumewatch/extractors"
	"resumewatch/extractors/lexicon"
	"resumewatch/internal/app"
)

type lexiconCmd struct {
	List    lexiconListCmd    `cmd:"" help:"List the words that texts are read by, your own among them."`
	Test    lexiconTestCmd    `cmd:"" help:"Say why a text was, or was not, read as a listing."`
	Suggest lexiconSuggestCmd `cmd:"" help:"Find words of the trade in messages that the program does not know yet."`
}

type lexiconListCmd struct {
	Kind  string `help:"Entries of this kind alone: platform, goods, side, grade, trade, context, frame, hint, sign." placeholder:"K"`
	Own   bool   `help:"Your own alone (lexicon.files), and what they add to."`
	Limit int    `help:"Most entries to print; 0 is all." default:"50"`
}

func (lexiconListCmd) Help() string { return "Example: resumewatch lexicon list --kind platform" }

// listedWord is a line of lexicon list --json.
type listedWord struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"`
	Value    string   `json:"value"`
	Note     string   `json:"note"`
	Strength int      `json:"strength"`
	Weight   float64  `json:"weight"`
	Forms    []string `json:"forms"`
	Weak     []string `json:"weak"`
	Sounds   []string `json:"sounds"`
	Initials []string `json:"initials"`
	Nick     []string `json:"nick"`
	Except   []string `json:"except"`
	File     string   `json:"file"` // of your own
	Line     int      `json:"line"`
}

func (c lexiconListCmd) Run(_ context.Context, e *environment) error {
	if c.Kind != "" && !contains(lexicon.Kinds(), c.Kind) {
		return app.Usagef("--kind %s: there are %s", c.Kind, strings.Join(lexicon.Kinds(), ", "))
	}
	x, err := e.extractor()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	n := 0
	for _, w := range x.Entries() {
		file, line := w.Where()
		if c.Kind != "" && w.Kind() != c.Kind || c.Own && file == "" {
			continue
		}
		if n++; c.Limit > 0 && n > c.Limit {
			break
		}
		if e.g.JSON {
			if err := printJSON(e.stdout, listedWord{
				ID: w.ID, Kind: w.Kind(), Value: w.Value, Note: w.Note, Strength: w.Strength, Weight: w.Weight, Forms: list(w.Forms), Weak: list(w.Weak), Sounds: list(w.Sounds),
				Initials: list(w.Initials), Nick: list(w.Nick), Except: list(w.Except), File: file, Line: line,
			}); err != nil {
				return err
			}
			continue
		}
		weight := fmt.Sprint("强度 ", w.Strength)
		if w.Weight != 0 {
			weight = fmt.Sprintf("%+.1f 分", w.Weight)
		}
		own := ""
		if file != "" {
			own = fmt.Sprintf("（%s:%d）", visible(file), line)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d 种写法\t%s\t%s\n", w.ID, cmp.Or(w.Value, "-"), weight, spellings(w), visible(strings.Join(some(w), "、")), visible(w.Note)+own)
	}
	return table.Flush()
}

// list is a list of JSON, never null.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func spellings(w *lexicon.Entry) int {
	return len(w.Forms) + len(w.Weak) + len(w.Sounds) + len(w.Initials) + len(w.Mixed) + len(w.Nick) + len(w.Masked)
}

// some are the first forms of an entry, as many as fit a line.
func some(w *lexicon.Entry) []string {
	var out []string
	n := 0
	for _, f := range append(append([]string{}, w.Forms...), w.Weak...) {
		if n += utf8.RuneCountInString(f); n > 24 {
			return append(out, "…")
		}
		out = append(out, f)
	}
	return out
}

type lexiconTestCmd struct {
	Text string `arg:"" help:"The text; - reads it from standard input."`
}

func (lexiconTestCmd) Help() string {
	return "Example: resumewatch lexicon test '出智*联简*历，一手2元一份'\n\nWhat folding did, the words that were found and those that don't count, prices and contacts, and the score line by line."
}

// longestTest is how much of standard input is looked at: what extract reads of one text.
const longestTest = 64 << 10

func (c lexiconTestCmd) Run(_ context.Context, e *environment) error {
	x, err := e.extractor()
	if err != nil {
		return err
	}
	text := c.Text
	if text == "-" {
		b, err := io.ReadAll(io.LimitReader(e.stdin, longestTest+1))
		if err != nil {
			return err
		}
		text = strings.TrimRight(string(b), "\r\n")
	}
	why := x.Explain(text)
	if e.g.JSON {
		return printJSON(e.stdout, why)
	}
	return explain(e.stdout, why)
}

// explain prints an explanation in the words of an analyst.
func explain(to io.Writer, why extractors.Explanation) error {
	w := &sheet{to: to}
	verdict := map[string]string{"listing": "是买卖", "doubt": "存疑，等人复核", "none": "不是买卖"}[why.Verdict]
	w.line("结论  %s，把握 %.3f（%.2f 起存疑，%.2f 起算买卖）", verdict, why.Confidence, why.Thresholds[0], why.Thresholds[1])
	if why.Stopped {
		w.line("没有细读  %s", why.Why)
	}
	w.head("还原后的文字")
	w.line("  %s", visible(why.Folded))
	if why.Other != "" {
		w.line("  换一种读法（竖排、藏头、倒写等）更说得通：%s", visible(why.Other))
	}
	if len(why.Folds) > 0 {
		w.head("还原了什么")
		names := map[string]string{"case": "大写变小写"}
		for _, ch := range extractors.Channels() {
			names[ch.Name] = ch.Chinese
		}
		for _, f := range why.Folds {
			w.line("  %s → %s  （字节 %d–%d，%s）", visible(f.From), cmp.Or(visible(f.To), "去掉"), f.Start, f.End, names[f.Channel])
		}
	}
	w.words(why.Words)
	w.terms(why)
	return w.err
}

// sheet prints lines and keeps the first error.
type sheet struct {
	to  io.Writer
	err error
}

func (w *sheet) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.to, format+"\n", args...)
	}
}

func (w *sheet) head(title string) { w.line("\n%s", title) }

// channelWords are how a word was written, for people.
var channelWords = map[string]string{
	"plain": "原样", "initials": "拼音首字母", "mixed": "汉字拼音混写", "leet": "数字符号代替字母", "sounds": "同音", "split": "拆字", "masked": "遮去一字", "dialect": "近音", "reversed": "倒写",
}

func (w *sheet) words(words []extractors.Word) {
	for _, counts := range []bool{true, false} {
		first := true
		for _, h := range words {
			if h.Counts != counts {
				continue
			}
			if first {
				w.head(map[bool]string{true: "看到的词", false: "看到但不算的词"}[counts])
				first = false
			}
			what := h.Written
			if h.Read != h.Written {
				what += " → " + h.Read
			}
			how := []string{channelWords[h.Channel]}
			if h.Gaps > 0 {
				how = append(how, fmt.Sprintf("中间夹了 %d 处符号", h.Gaps))
			}
			if h.Weak {
				how = append(how, "弱证据")
			}
			if h.Cost > 0 {
				how = append(how, fmt.Sprintf("可信度打折 %.2f", h.Cost))
			}
			tail := visible(h.Note)
			if !counts {
				tail = visible(h.Why)
			}
			w.line("  %s  %s  （%s）  %s", visible(what), h.ID, strings.Join(how, "，"), tail)
		}
	}
}

// terms prints what was read beside words, and the score.
func (w *sheet) terms(why extractors.Explanation) {
	l := why.Listing
	if len(l.Prices)+len(l.Stock)+len(l.Contacts) > 0 || l.Sample != nil {
		w.head("读到的条件")
	}
	for _, p := range l.Prices {
		amount := p.Amount
		if p.AmountMax != "" {
			amount += "–" + p.AmountMax
		}
		w.line("  价格  %s %s，按 %s，起订 %d", amount, p.Currency, p.Per, p.MinQuantity)
	}
	for _, s := range l.Stock {
		w.line("  存量  %d %s", s.Quantity, s.Unit)
	}
	for _, c := range l.Contacts {
		w.line("  联系  %s %s", c.Kind, visible(c.Value))
	}
	if l.Sample != nil {
		w.line("  样品  %d 条，字段 %s", l.Sample.Records, strings.Join(l.Sample.Fields, " "))
	}
	w.head("打分（对数几率，一行一项）")
	for _, p := range why.Score {
		w.line("  %+6.2f  %s  [%s]", p.Weight, visible(p.Text), p.Code)
	}
	w.line("  %+6.2f  以上合计", why.Odds)
	w.line("  %+6.2f  训练出来的部分", why.Learnt)
	for _, s := range why.Signs {
		w.line("          其中 %+.2f  %s", s.Weight, visible(s.Text))
	}
	w.line("  %+6.2f  总分", why.Odds+why.Learnt)
	if why.Stopped {
		w.line("（没有细读的文字，总分不作数：把握按 0 计。）")
	}
}
