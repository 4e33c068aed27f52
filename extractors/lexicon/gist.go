package lexicon

import (
	"fmt"
	"strings"

	"resumewatch/internal/market"
)

// Marks say what a text has, each once.
type Marks uint32

// What entries give, and what the characters of a text make possible.
const (
	MarkGoods    Marks = 1 << iota // goods in plain words
	MarkWeak                       // words that may mean goods
	MarkPlatform                   // a platform's name
	MarkVague                      // a word or number that may be a platform's name
	MarkGrade
	MarkSide
	MarkMinimum
	MarkMeasure
	MarkFields
	MarkTrade    // any word of trade
	MarkOdd      // a word with separators inside or spelled with initials
	MarkCover    // an entry that covers others
	MarkDigits   // two digits or more
	MarkLatin    // two Latin letters or more
	MarkNumber   // a digit or numeral, Latin letters, or a word for money: there may be a price
	MarkContact  // five characters or more that ids are made of
	MarkFigures  // a digit, a numeral or a long Latin word
	MarkPersonal // signs of a person's record: sex, age, stars
	MarkLogin    // a word that may mean an account or a tool, which a sum or a verb makes goods
	MarkCall     // words that call who needs something: 的加, 的私
	MarkReach    // words of being reached: 私聊, 微信
	MarkService  // goods that are a service by their name: 代下, 代认证
	MarkContext  // the talk is of recruiting
	MarkNumbers  // two or more numbers
	MarkSeveral  // perhaps more than one platform
	MarkRowed    // the shape of a person's record: see sample.Read
	MarkVerb     // a verb of selling or seeking right before goods or a platform
	MarkBack     // a word of the trade from its end
	MarkTold     // words that announce another way to read the text
	MarkQuoted   // words that introduce what others said
	MarkSingles  // two or more of Singles, standing alone
)

// Gist is what one cheap pass over a text says of it. It errs on one side only:
// whatever Find would find has its mark, and no frame is counted that Find
// would not find.
type Gist struct {
	Marks
	Frames float64 // sum of the weights of the frames
}

// Has reports whether any of the marks is set.
func (g Gist) Has(m Marks) bool { return g.Marks&m != 0 }

// Brings reports whether another way to read a text says what it doesn't say as it stands,
// so that it is worth to be read.
func (g Gist) Brings(other Gist) bool {
	const telling = MarkGoods | MarkPlatform | MarkVague | MarkGrade
	return other.Marks&^g.Marks&telling != 0 || other.Has(MarkPlatform)
}

// markOf is the mark of a hit of the entry that is written so.
func markOf(e *Entry, weak bool, written string) Marks {
	var m Marks
	switch e.Kind() {
	case "goods":
		if m = MarkWeak; e.Strength > 1 {
			m = MarkGoods
			if (e.Value == market.GoodsDownloadService || e.Value == market.GoodsAccountRegistration) && (strings.HasPrefix(written, "代") || strings.HasPrefix(written, "包")) {
				m |= MarkService
			}
		} else if e.Value == market.GoodsRecruiterAccount || e.Value == market.GoodsScrapingTool {
			m |= MarkLogin
		}
	case "platform":
		if m = MarkPlatform; weak {
			m = MarkVague
		}
	case "hint":
		m = MarkVague
	case "grade":
		m = MarkGrade
	case "side":
		m = MarkSide
	case "context":
		m = MarkContext
	case "trade":
		m = MarkTrade
		switch e.ID {
		case "trade.minimum":
			m |= MarkMinimum
		case "trade.measure":
			m |= MarkMeasure
		case "trade.fields":
			m |= MarkFields
		case "trade.call":
			m |= MarkCall
		case "trade.contact":
			m |= MarkReach
		}
	}
	if e.Covers {
		m |= MarkCover
	}
	return m
}

// said is what the patterns that end in a state of an automaton say together.
type said struct {
	marks  Marks
	frames uint32 // frames by number, found for certain where no separator stands inside
	except uint32 // frames of which an exception ends here
	length int32  // symbols of the longest pattern, 0 where none ends

	signs           Signs
	weight, weighed int32 // for the sieve: weight of the words, and how many there are
}

// saidIn is what the patterns say that end in a state.
func (c *channel) saidIn(state int32) *said {
	if state&1 == 0 {
		return &c.said[0]
	}
	return &c.said[c.auto.ends[state>>1]]
}

// digest adds to a channel what its states say.
func (l *Lexicon) digest(c *channel) {
	c.said = make([]said, len(c.auto.out))
	for state, out := range c.auto.out {
		s := &c.said[state]
		for _, id := range out {
			p := &c.patterns[id]
			if p.role == hint {
				s.marks |= p.gives
				continue
			}
			s.length = max(s.length, int32(p.length))
			e := l.entries[p.entry]
			frame := l.frame[p.entry]
			if p.role == except {
				if frame >= 0 {
					s.except |= 1 << frame
				}
				continue
			}
			s.marks |= markOf(e, p.weak, p.text)
			if p.channel != Plain && !p.channel.Heard() {
				s.marks |= MarkOdd
			}
			if frame >= 0 && p.channel == Plain && p.certain() {
				s.frames |= 1 << frame
			}
		}
	}
}

// certain reports whether a pattern is found wherever its symbols stand together.
func (p *pattern) certain() bool {
	if p.before != "" || p.after != "" || p.text == "" {
		return false
	}
	for _, r := range p.text {
		if r < 0x4E00 || r > 0x9FFF || hanNumeral(r) {
			return false
		}
	}
	return true
}

// most frames that a Gist can tell apart.
const maxFrames = 32

// number gives the frames their numbers.
func (l *Lexicon) number() error {
	l.frame = make([]int, len(l.entries))
	for i, e := range l.entries {
		l.frame[i] = -1
		if e.Kind() != "frame" {
			continue
		}
		if len(l.weights) == maxFrames {
			return fmt.Errorf("lexicon: more than %d frames", maxFrames)
		}
		l.frame[i] = len(l.weights)
		l.weights = append(l.weights, e.Weight)
		if e.Covers {
			l.covering |= 1 << l.frame[i]
		}
	}
	return nil
}

// Singles are the words that stand for a platform only in a row (智/猎/前).
const Singles = "智前猎拉赶脉斗鱼领b"

// single reports whether the word whose last two symbols are a and b, n symbols
// long, is one of Singles or a number or word that may stand among them.
func single(a, b rune, n int32) bool {
	switch n {
	case 1:
		return strings.ContainsRune(Singles, b)
	case 2:
		return a == '5' && (b == '8' || b == '1') || a == '五' && b == '八' || a == '无' && b == '忧'
	}
	return false
}

// Gist reads a folded text once, words by their spelling alone. It allocates nothing.
func (l *Lexicon) Gist(folded string) Gist {
	g, _ := l.folded.Scan(folded)
	return g.Gist
}

// trait is what a single character makes possible.
func trait(r rune) Marks {
	switch r {
	case '一':
		return MarkFigures
	case '元', '块', '毛', '角', '圆', '蚊', '米', '刀', '油', '快', '半', '几', '幺', '勾', '洞', '拐':
		if hanNumeral(r) {
			return MarkNumber | MarkFigures
		}
		return MarkNumber
	case '男', '女', '岁', '某':
		return MarkPersonal
	}
	if hanNumeral(r) {
		return MarkFigures
	}
	if r < 0x4E00 || r > 0x9FFF {
		return MarkNumber // numbers and signs of other scripts
	}
	return 0
}
