package lexicon

// Off are ways of reading that are left out: to measure what each brings, and where one
// does harm.
type Off uint16

// The ways that can be left out.
const (
	OffInitials   Off = 1 << iota // jl, qyzh
	OffMixed                      // 智l, 简li
	OffLeet                       // zh1lian
	OffSounds                     // 间里, zhi lian
	OffDialect                    // 猎苹: nearly the sound
	OffSplit                      // 竹间厂力
	OffMasked                     // 简*, 某联
	OffTurned                     // ssob
	OffNicknames                  // 智家, 老智: made by rule
	OffFigures                    // 伍捌, 壹手
	OffSeparators                 // 简*历
)

// has reports whether the channel is left out.
func (o Off) has(c Channel) bool {
	switch c {
	case Initial:
		return o&OffInitials != 0
	case Mixed:
		return o&OffMixed != 0
	case Leet:
		return o&OffLeet != 0
	case Sound:
		return o&OffSounds != 0
	case Split:
		return o&OffSplit != 0
	case Masked:
		return o&OffMasked != 0
	case Dialect:
		return o&OffDialect != 0
	case Turned:
		return o&OffTurned != 0
	}
	return false
}

// Settings change what a Lexicon knows and how it reads.
type Settings struct {
	// Entries are the user's own: new ones, or additions to ours by their id.
	Entries []Entry
	Off     Off
	// Without names words that are forgotten, with all spellings that hold them: to measure
	// whether they would be found again.
	Without []string
}

// LoadWith reads the embedded data and adds the user's.
func LoadWith(s Settings) (*Lexicon, error) {
	entries, err := parse(files)
	if err != nil {
		return nil, err
	}
	if entries, err = extend(entries, s.Entries); err != nil {
		return nil, err
	}
	for _, w := range s.Without {
		for _, e := range entries {
			e.forget(w)
		}
	}
	return newLexicon(entries, s.Off)
}

// String names the channel.
func (c Channel) String() string {
	names := [...]string{Plain: "plain", Initial: "initials", Mixed: "mixed", Leet: "leet", Sound: "sounds", Split: "split", Masked: "masked", Dialect: "dialect", Turned: "reversed"}
	if int(c) < len(names) {
		return names[c]
	}
	return ""
}
