// Package archive reads exported chat histories: which format a file is
// (Sniff), where it may be cut into pieces of work (Take) and the posts of one
// piece (Read). It does no I/O but reading the given file, keeps no state
// between calls and needs memory for one piece, never for the file.
//
// The grammar is that of the PC QQ and TIM "message manager" export and of text
// copied out of a chat window, as public parsers and exporters show it; neither
// is documented by its maker.
package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"resumewatch/internal/market"
)

// Names of the formats that this version reads.
const (
	FormatQQText    = "qq-txt"       // PC QQ / TIM message manager, "txt"
	FormatClipboard = "qq-clipboard" // messages selected and copied in a chat window
)

// Names of what Sniff recognises without being able to read it.
const (
	FormatEmpty    = "empty"
	FormatQQBackup = "qq-bak"
	FormatMHT      = "mht"
	FormatZip      = "zip"
	FormatSevenZip = "7z"
	FormatRar      = "rar"
	FormatGzip     = "gzip"
	FormatSQLite   = "sqlite"
	FormatNTQQ     = "ntqq-db" // nt_msg.db, still encrypted
	FormatJSON     = "json"
	FormatHTML     = "html"
	FormatText     = "text" // text without a message head
	FormatBinary   = "binary"
)

// Verdict says what a file is.
type Verdict struct {
	Format     string  // one of the names above
	Readable   bool    // Take and Read accept the format
	Why        string  // one sentence for a person, with what to do when it can't be read
	Encoding   string  // "utf-8", "utf-8-bom", "utf-16le", "utf-16be", "gb18030"; "" when it is no text
	Confidence float64 // 0 to 1
}

// Chunk is one piece of work: a run of whole messages. Chunks stand in file
// order and never overlap; together they cover the file, but for what
// Survey.Problems names as left out.
type Chunk struct {
	Offset int64           // of its first byte in the file
	Length int64           // bytes, at most 12 MiB
	SHA256 string          // hex digest of its bytes
	State  json.RawMessage // what Read must know of all that stands before it; opaque, seldom more than a kB

	// What stands around it: the last messages in front of it, and the first
	// behind it, whole ones, at most MarginPosts and MarginBytes of each.
	Lead  Margin `json:",omitzero"`
	Trail Margin `json:",omitzero"`
}

// Bounds of a margin.
const (
	MarginPosts = 3
	MarginBytes = 64 << 10
)

// Margin is a stretch right in front of a chunk, or right behind it.
type Margin struct {
	Length int64           // bytes; 0: none
	SHA256 string          // hex digest of its bytes
	State  json.RawMessage `json:",omitempty"` // as Chunk.State; of a Lead alone
}

// Conversation is one group or person whose messages a file holds.
type Conversation struct {
	Name        string // as the file shows it; "" when the file names none
	Folder      string // of the contact list, not a group's name
	Messages    int64  // heads seen, system rows included
	FirstOffset int64  // of its first head in the file
}

// Survey is what one pass over a file tells.
type Survey struct {
	Verdict       Verdict
	Size          int64  // bytes
	SHA256        string // hex digest of the whole file
	Chunks        []Chunk
	Conversations []Conversation
	NeedsGroup    bool // the format has no group numbers: Settings.Place must give them
	NeedsYear     bool // some heads have no year: Settings.Year must give it
	NeedsDay      bool // some heads have no date at all: Settings.Day should give it
	TZSuspect     bool // some heads have AM/PM or M/d/yyyy: likely not Asia/Shanghai
	// Problems tell of parts that no chunk covers. Here and in Result their
	// Source and File are the caller's to fill.
	Problems    []market.Problem
	Quarantined int // such parts
}

// Place is where a conversation took place.
type Place struct {
	ID      string // group number
	Name    string // display name; "" takes the conversation's
	Assumed bool   // the name stands for the number: posts get FlagPlaceAssumed
}

// Settings are what a file doesn't say by itself.
type Settings struct {
	// Place gives the place of a conversation. Nil takes the conversation's name, assumed.
	Place func(conversation string) (Place, bool)
	// Zone is the time zone of the computer that exported. Nil is UTC+8, assumed.
	Zone        *time.Location
	ZoneAssumed bool
	// Year is that of the first message whose head has none; 0 is unknown and such messages are quarantined.
	Year int
	// Day is the day of heads that have a time alone; zero takes the last day
	// that a head named, and with none such messages are quarantined.
	Day time.Time
	// Now bounds what a head may claim: later than a day after it is quarantined. Zero sets no bound.
	Now time.Time
}

// Result counts what Read found in a chunk.
type Result struct {
	Posts       int // emitted, by users
	System      int // emitted, written by QQ itself
	Problems    []market.Problem
	Quarantined int // messages that were left out; each has its problem, up to a limit
}

// ErrUnreadable says that a file is of no format that can be read. The error
// that wraps it is the verdict's sentence.
var ErrUnreadable = errors.New("not a readable archive")

// ErrNoPlace says that Settings.Place knows nothing of a conversation.
var ErrNoPlace = errors.New("conversation without a group number")

// Sniff tells what a file is from at most its first MiB. The name serves only
// where bytes can't tell (".bak"). The error is that of reading.
func Sniff(r io.ReaderAt, size int64, name string) (Verdict, error) {
	return sniff(r, size, name)
}

// Take passes over the file once: digests and where to cut. Chunks depend on
// the bytes before their end alone, their Trail apart, so that a file which has
// grown has the same chunks but for its last. progress may be nil; it is told of bytes done. A
// file that can't be read gives an error wrapping ErrUnreadable beside a survey
// with the verdict alone.
func Take(ctx context.Context, r io.ReaderAt, size int64, name string, progress func(done int64)) (Survey, error) {
	return take(ctx, r, size, name, progress, standardCut())
}

// Read reads one chunk. data is the chunk's bytes; offsets of posts and
// problems are those of the file. Posts are emitted in file order, System ones
// included; each is emit's to keep. Read stops at emit's first error and returns it.
func Read(ctx context.Context, format string, data []byte, c Chunk, s Settings, emit func(*market.Post) error) (Result, error) {
	return ReadAround(ctx, format, nil, data, nil, c, s, emit)
}

// ReadAround does the same with the bytes of the chunk's margins, either of which
// may be nil. Their messages are emitted too, in file order, with place, offset and
// length but without text; they lie outside the chunk's range and count nowhere.
func ReadAround(ctx context.Context, format string, lead, data, trail []byte, c Chunk, s Settings, emit func(*market.Post) error) (Result, error) {
	if int64(len(data)) != c.Length {
		return Result{}, fmt.Errorf("chunk at byte %d: have %d bytes, want %d", c.Offset, len(data), c.Length)
	}
	if lead != nil && int64(len(lead)) != c.Lead.Length || trail != nil && int64(len(trail)) != c.Trail.Length {
		return Result{}, fmt.Errorf("chunk at byte %d: have margins of %d and %d bytes, want %d and %d", c.Offset, len(lead), len(trail), c.Lead.Length, c.Trail.Length)
	}
	return read(ctx, format, lead, data, trail, c, s, emit)
}
