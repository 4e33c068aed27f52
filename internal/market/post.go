package market

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Flags that readers set on posts. A flag is a fact about how the post was read,
// never about what it says.
const (
	FlagTZAssumed     = "tz_assumed"     // no time zone given: Asia/Shanghai taken
	FlagTZSuspect     = "tz_suspect"     // the head has AM/PM or M/d/yyyy: another zone is likely
	FlagPlaceAssumed  = "place_assumed"  // the conversation's name stands for its number
	FlagYearAssumed   = "year_assumed"   // the head has no year
	FlagDateAssumed   = "date_assumed"   // the head has no date
	FlagNestedSuspect = "nested_suspect" // looks like a log pasted into a message
	FlagTruncated     = "truncated"      // the text was longer than we keep
	FlagBadBytes      = "bad_bytes"      // U+0000 or bytes that are no text were replaced
	FlagForwarded     = "forwarded"      // inner message of a merged forward
	FlagNameOnly      = "name_only"      // the author is known by a name alone
	FlagHidden        = "has_hidden"     // the page hides a part from visitors
	FlagEdited        = "edited"         // the page says that the post was edited
	FlagTimeRelative  = "time_relative"  // the time was worked out from "5 minutes ago"
	FlagTimeUnknown   = "time_unknown"   // the time could not be read
	FlagPrecisionMin  = "precision_min"  // the time is good to the minute
	FlagPrecisionHour = "precision_hour" // the time is good to the hour
	FlagPrecisionDay  = "precision_day"  // the time is good to the day
)

// Kinds of author ids.
const (
	AuthorUIN    = "uin"   // QQ number
	AuthorEmail  = "email" // QQ account registered by mail
	AuthorName   = "name"  // no id: the name stands for it
	AuthorSystem = "system"
	AuthorSite   = "site" // user id of a forum
)

// Author is who wrote a post, as the place shows it.
type Author struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`   // QQ number, mailbox or forum user id; "" when only a name is known
	Name string `json:"name"` // display name without titles
}

// Key names the author within all places of one kind: the id where there is
// one, else the name.
func (a Author) Key() string {
	if a.ID != "" {
		return a.Kind + ":" + a.ID
	}
	return AuthorName + ":" + a.Name
}

// Post is one message by one author.
type Post struct {
	Place     string    // group number, or address of the board or thread
	PlaceName string    // display name of the place
	NativeID  string    // id that the place itself gives ("pid:123"), unique within Site; "" when none
	Site      string    // what NativeID is unique within: "https://bbs.example.com/", or the group; "" with no NativeID
	Author    Author    //
	PostedAt  time.Time // zero when unknown; second precision
	Title     string    // of the thread, first post only
	Text      string    // valid UTF-8 without U+0000
	Permalink string    // for people; "" when the place has none
	Flags     []string  // sorted
	Offset    int64     // byte offset of the message in the archive; 0 for pages
	Length    int64     // bytes of the message in the archive; 0 for pages
	System    bool      // written by the place, not by a user: never counted
}

// AddFlag sets a flag once, keeping the order.
func (p *Post) AddFlag(flag string) {
	if i, found := slices.BinarySearch(p.Flags, flag); !found {
		p.Flags = slices.Insert(p.Flags, i, flag)
	}
}

// Normal is the text by which equal posts are known across formats: without
// placeholders such as [图片], white space collapsed.
func (p *Post) Normal() string { return NormalText(p.Text) }

// ID is the post's id: of its native id where it has one, else of group,
// second, author, normalised text and its ordinal among equals (0 for the first).
// Ids are unkeyed, so that any two installations give a post the same id.
func (p *Post) ID(ordinal int) string {
	if p.NativeID != "" {
		return hashID("native", p.Site, p.NativeID)
	}
	return hashID("content", p.Place, fmt.Sprint(p.PostedAt.Unix()), p.Author.Key(), p.Normal(), fmt.Sprint(ordinal))
}

// hashID is 128 bits of SHA-256 over length-prefixed parts, as 32 hex digits.
func hashID(parts ...string) string {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// placeholders are what QQ writes where an element is no text. Users can type
// the same strings; dropping them there as well keeps ids equal across formats.
var placeholders = []string{
	"[图片]", "[表情]", "[语音]", "[视频]", "[文件]", "[QQ红包]", "[链接]", "[卡片消息]", "[转发]", "[聊天记录]", "[位置]", "[戳一戳]",
}

// NormalText drops placeholders and folds runs of white space to one space.
func NormalText(text string) string {
	if strings.Contains(text, "[") {
		for _, p := range placeholders {
			text = strings.ReplaceAll(text, p, "")
		}
	}
	plain := true // the common case: nothing to fold, nothing to allocate
	for i := 0; i < len(text); i++ {
		if c := text[i]; c <= ' ' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
	return strings.Join(strings.Fields(text), " ")
}
