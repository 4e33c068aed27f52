package extractors

import (
	"fmt"

	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
	"resumewatch/extractors/model"
	"resumewatch/extractors/numeral"
	"resumewatch/extractors/sieve"
)

// Settings change what an Extractor knows and how it reads. The zero value is what New
// builds.
type Settings struct {
	// Entries are words of the user's own: new ones, or additions to ours by their id.
	Entries []lexicon.Entry
	// Without names words that are forgotten: to measure whether they would be found again.
	Without []string
	// Off names channels (see Channels) that are left out: to measure what each brings.
	Off []string
}

// NewWith builds an extractor with settings. It fails when an entry is wrong or a channel
// unknown; what the entries find is tried by lexicon.Prove.
func NewWith(s Settings) (*Extractor, error) {
	p, err := without(s.Off)
	if err != nil {
		return nil, err
	}
	words, err := lexicon.LoadWith(lexicon.Settings{Entries: s.Entries, Off: p.words, Without: s.Without})
	if err != nil {
		return nil, err
	}
	x := &Extractor{words: words, folder: fold.NewFolder(p.fold), off: p, own: lexicon.Digest(s.Entries)}
	if !p.model {
		if x.model, err = model.Default(); err != nil {
			return nil, err
		}
	}
	if p == (off{}) { // the sieve knows the readings with nothing left out
		if x.sieve, err = sieve.New(words, x.folder); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// off is what an Extractor leaves out.
type off struct {
	fold     fold.Off
	words    lexicon.Off
	numerals numeral.Off
	reversed bool
	model    bool
}

// Channel is one way of reading disguised text, which can be left out.
type Channel struct {
	Name    string
	English string // what it does, in a line
	Chinese string
	off     off
}

// Channels are all ways that can be left out, in the order in which they work.
func Channels() []Channel {
	return []Channel{
		{"invisible", "zero-width, combining and other invisible characters are dropped", "去掉零宽、组合等看不见的字符", off{fold: fold.OffInvisible}},
		{"forms", "full-width, circled, keycap, emoji and mathematical letters and digits become plain", "全角、带圈、键帽、表情和数学字体的字母数字还原", off{fold: fold.OffForms, numerals: numeral.OffForms}},
		{"traditional", "traditional characters become simplified", "繁体转简体", off{fold: fold.OffTraditional}},
		{"lookalikes", "letters of other scripts that look Latin become Latin", "形似拉丁字母的外文字母还原", off{fold: fold.OffLookalikes}},
		{"components", "a character written as its two components becomes one (亻言 is 信)", "左右拆写的字合并（亻言 → 信）", off{fold: fold.OffComponents}},
		{"separators", "separators inside a word are passed over (简*历)", "跳过词中间的符号（简*历）", off{words: lexicon.OffSeparators}},
		{"split", "characters of core words taken apart are read (竹间厂力)", "核心词拆字（竹间厂力）", off{words: lexicon.OffSplit}},
		{"initials", "initials of pinyin stand for words (jl, qyzh)", "拼音首字母（jl、qyzh）", off{words: lexicon.OffInitials}},
		{"mixed", "some characters written as their initial or pinyin (智l, 简li)", "汉字与拼音混写（智l、简li）", off{words: lexicon.OffMixed}},
		{"leet", "digits and signs written for letters (zh1lian, b0ss)", "数字符号代替字母（zh1lian、b0ss）", off{words: lexicon.OffLeet}},
		{"sounds", "any characters or Latin syllables that sound like a word (间里, zhi lian), those that nearly do as well", "同音字和整词拼音（间里、zhi lian），也含近音", off{words: lexicon.OffSounds}},
		{"dialect", "what nearly sounds like a word (猎苹)", "近音、方言音（猎苹）", off{words: lexicon.OffDialect}},
		{"masked", "one character of a core word hidden (简*, 某联)", "核心词遮去一字（简*、某联）", off{words: lexicon.OffMasked}},
		{"nicknames", "nicknames of platforms made by rule (智家, 老智)", "按规律造的平台外号（智家、老智）", off{words: lexicon.OffNicknames}},
		{"figures", "other figures in names and grades (伍捌, 壹手)", "名称里换写的数字（伍捌、壹手）", off{words: lexicon.OffFigures}},
		{"reversed", "text read from its end, Latin words turned round (历简, ssob)", "倒着写的文字（历简、ssob）", off{words: lexicon.OffTurned, reversed: true}},
		{"vertical", "one character a line", "一行一字的竖排", off{fold: fold.OffVertical}},
		{"acrostic", "the first characters of the lines", "藏头", off{fold: fold.OffAcrostic}},
		{"brackets", "characters one by one in brackets", "逐字放进括号", off{fold: fold.OffBrackets}},
		{"woven", "letters or one and the same character between all others", "字间掺入字母或同一个字", off{fold: fold.OffWoven}},
		{"numerals", "numbers of prices and contacts by their sound (凉块一粉, liang kuai, 幺洞拐)", "价格、联系方式里的谐音数字（凉块一粉、liang kuai、幺洞拐）", off{numerals: numeral.OffSpoken}},
		{"model", "the learnt part of the decision", "训练出来的判别模型", off{model: true}},
	}
}

// without joins what the named channels leave out.
func without(names []string) (off, error) {
	var all off
	for _, name := range names {
		known := false
		for _, c := range Channels() {
			if c.Name == name {
				known = true
				all.fold |= c.off.fold
				all.words |= c.off.words
				all.numerals |= c.off.numerals
				all.reversed = all.reversed || c.off.reversed
				all.model = all.model || c.off.model
			}
		}
		if !known {
			return off{}, fmt.Errorf("there is no channel %q", name)
		}
	}
	return all, nil
}
