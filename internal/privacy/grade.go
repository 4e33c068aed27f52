package privacy

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"resumewatch/internal/market"
)

// Grade says how much of a personal value is hidden.
type Grade string

// The grades. What is stored is Strict: nothing of a value is left, so that no
// store, index or log can give it back, and an erasure has nothing to chase. Who may
// see a listing unmasked sees it in Display, unless the whole is needed.
const (
	Display Grade = "display" // enough to tell by whom it is meant: 138****8000
	Whole   Grade = "whole"   // nothing but the numbers of resumes, which are for the platform
	Strict  Grade = "strict"  // all of it
	Stored        = Strict
)

//go:embed grades.json
var gradesText []byte

// shown is what of a value stays.
type shown struct {
	Head     int  `json:"head"`
	Tail     int  `json:"tail"`
	KeepHost bool `json:"keep_host"`
}

var grades = sync.OnceValue(func() map[Grade]map[string]shown {
	var doc struct {
		Display map[string]shown `json:"display"`
		Strict  map[string]shown `json:"strict"`
	}
	if err := json.Unmarshal(gradesText, &doc); err != nil {
		panic("privacy: grades.json: " + err.Error()) // it is part of the program; a test loads it
	}
	return map[Grade]map[string]shown{Display: doc.Display, Strict: doc.Strict}
})

// ParseGrade reads the name of a grade that a listing is shown in.
func ParseGrade(s string) (Grade, error) {
	if g := Grade(s); g == Display || g == Whole {
		return g, nil
	}
	return "", fmt.Errorf("grade %.40q: write display or whole", s)
}

// MaskAs hides the spans as Mask does, but for what the grade leaves of their kind,
// which is the span's Field. Where spans overlap the more that is hidden wins; a
// span whose kind has no rule (a whole record of a sample) gives way to the values
// with one that are inside of it. Byte length and the bounds of runes stay, and
// masking what was masked changes nothing.
func MaskAs(g Grade, text string, spans []market.Span) string {
	if g == Whole {
		return Mask(text, slices.DeleteFunc(slices.Clone(spans), func(s market.Span) bool { return s.Field != BlindResumeID }))
	}
	rules := grades()[g]
	if len(rules) == 0 {
		return Mask(text, spans)
	}
	var hide, bare, ruled []market.Span
	for _, s := range spans {
		s.Start, s.End = max(s.Start, 0), min(s.End, len(text))
		if s.Start >= s.End {
			continue
		}
		s.Start, s.End = whole(text, s.Start, s.End)
		rule, ok := rules[s.Field]
		if !ok {
			bare = append(bare, s)
			continue
		}
		ruled = append(ruled, s)
		hide = append(hide, rule.hidden(text, s)...)
	}
	return Mask(text, append(hide, without(bare, ruled)...))
}

// whole widens a range to whole runes.
func whole(text string, start, end int) (int, int) {
	for n := 1; n < utf8.UTFMax && start > 0 && !utf8.RuneStart(text[start]); n++ {
		start--
	}
	for n := 1; n < utf8.UTFMax && end < len(text) && !utf8.RuneStart(text[end]); n++ {
		end++
	}
	return start, end
}

// hidden is what of a value is not shown.
func (r shown) hidden(text string, s market.Span) []market.Span {
	end := s.End
	if r.KeepHost {
		if i := strings.LastIndexAny(text[s.Start:s.End], "@＠"); i >= 0 {
			end = s.Start + i
		}
	}
	var at []int // where the characters begin that count
	for i, c := range text[s.Start:end] {
		if unicode.IsLetter(c) || unicode.IsNumber(c) || slices.Contains(masks[:], string(c)) {
			at = append(at, s.Start+i)
		}
	}
	if left := r.Head + r.Tail; left >= len(at) || 2*left > len(at)+3 { // 王* and 138****8000 may be, 13*000 not
		return []market.Span{{Start: s.Start, End: end}}
	}
	from, to := s.Start, end
	if r.Head > 0 {
		_, n := utf8.DecodeRuneInString(text[at[r.Head-1]:])
		from = at[r.Head-1] + n
	}
	if r.Tail > 0 {
		to = at[len(at)-r.Tail]
	}
	return []market.Span{{Start: from, End: to}}
}

// without cuts the ranges of b out of those of a.
func without(a, b []market.Span) []market.Span {
	b = slices.Clone(b)
	slices.SortFunc(b, func(x, y market.Span) int { return x.Start - y.Start })
	var out []market.Span
	for _, s := range a {
		at := s.Start
		for _, c := range b {
			if c.End <= at || c.Start >= s.End {
				continue
			}
			if c.Start > at {
				out = append(out, market.Span{Field: s.Field, Start: at, End: c.Start})
			}
			at = max(at, c.End)
		}
		if at < s.End {
			out = append(out, market.Span{Field: s.Field, Start: at, End: s.End})
		}
	}
	return out
}
