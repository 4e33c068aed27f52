package gen

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// member is one who writes in the group.
type member struct {
	head []byte // " 【title】nick(number)\r\n" as it stands behind the time
	nick string
}

// writer writes one archive.
type writer struct {
	w        io.Writer
	out      *counter
	o        Options
	r        *rand.Rand
	buf      []byte
	stats    Stats
	members  []member
	sellers  []*seller
	lines    []template
	blocks   []template
	adverts  []template
	gap      int64 // mean milliseconds between messages
	now      int64 // milliseconds since 1970 on the exporting computer's clock
	day      int64 // that dayText is of
	dayText  []byte
	recent   [8]int // who talks just now
	listings uint64 // share of listings, of 2^32
}

func chat(w io.Writer, o Options) (Stats, error) {
	if o.Messages <= 0 && o.Size <= 0 {
		return Stats{}, fmt.Errorf("archive generator: neither messages nor size given")
	}
	if o.Listings < 0 || o.Listings > 1 {
		return Stats{}, fmt.Errorf("archive generator: share of listings %v is not within 0 to 1", o.Listings)
	}
	defaults(&o)
	out := &counter{w: w}
	g := &writer{w: out, out: out, o: o, r: rand.New(rand.NewPCG(o.Seed, 0x7265_7375_6d65)), day: -1, listings: uint64(o.Listings * (1 << 32))}
	if o.GBK {
		g.w = transform.NewWriter(out, simplifiedchinese.GB18030.NewEncoder())
	}
	g.invent()
	err := g.run()
	g.stats.Bytes = out.n
	if err != nil {
		return g.stats, fmt.Errorf("archive generator: %w", err)
	}
	return g.stats, nil
}

// counter counts the bytes that reach the file.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func defaults(o *Options) {
	if o.Sellers <= 0 {
		o.Sellers = 40
	}
	if o.People <= 0 {
		o.People = 400
	}
	o.Sellers = min(o.Sellers, qqSpan/2)
	o.People = min(o.People, qqSpan/2)
	if o.Conversations <= 0 {
		o.Conversations = 1
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC)
	}
}

// invent makes the people and takes the templates apart.
func (g *writer) invent() {
	w := pools()
	g.lines, g.blocks, g.adverts = parseAll(lines, w), parseAll(blocks, w), parseAll(adverts, advertWords())
	numbers := g.r.Perm(qqSpan)[:g.o.People+g.o.Sellers]
	for i, n := range numbers {
		m := g.member(qqLow+n, i)
		if i < g.o.People {
			g.members = append(g.members, m)
		} else {
			g.sellers = append(g.sellers, newSeller(m, g.r))
		}
	}
	for i := range g.recent {
		g.recent[i] = g.r.IntN(len(g.members))
	}
	// A group of people writes about every 75 s; a large archive must still end
	// before today, so that its gaps are shorter: about 300 days awake.
	want := g.o.Messages
	if bySize := g.o.Size / 95; want == 0 || g.o.Size > 0 && bySize < want {
		want = bySize
	}
	const span = 300 * 24 * 60 * 60 * 1000
	g.gap = max(min(75_000, span*int64(g.o.Conversations)/max(want, 1)), 1)
}

func (g *writer) member(number, i int) member {
	r := g.r
	nick := nickHeads[r.IntN(len(nickHeads))] + nickCores[r.IntN(len(nickCores))] + nickTails[r.IntN(len(nickTails))]
	b := []byte{' '}
	switch {
	case i%17 == 0:
		b = append(b, titles[r.IntN(len(titles))]...)
	case i%97 == 5:
		nick = ""
	}
	b = append(b, nick...)
	if i%53 == 7 {
		b = fmt.Appendf(b, "<demo%04d@example.cn>\r\n", number%10000)
	} else {
		b = fmt.Appendf(b, "(%d)\r\n", number)
	}
	return member{head: b, nick: nick}
}

// frame is what stands above each conversation.
const (
	title     = "消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n"
	separator = "================================================================\r\n"
)

func (g *writer) run() error {
	if !g.o.GBK {
		g.buf = append(g.buf, "\xEF\xBB\xBF"...)
	}
	g.buf = append(g.buf, title...)
	for c := range g.o.Conversations {
		g.buf = fmt.Appendf(g.buf, "%s消息分组:我的QQ群\r\n%s消息对象:%s", separator, separator, groupNames[c%len(groupNames)])
		if n := c / len(groupNames); n > 0 {
			g.buf = fmt.Appendf(g.buf, "%d", n+1)
		}
		g.buf = append(append(append(g.buf, "\r\n"...), separator...), "\r\n"...)
		g.now = g.o.Start.Unix() * 1000
		for !g.done(int64(c + 1)) {
			g.message()
			if len(g.buf) >= 1<<20 {
				if err := g.flush(); err != nil {
					return err
				}
			}
		}
	}
	return g.flush()
}

// done reports whether the conversations so far have their share.
func (g *writer) done(conversations int64) bool {
	all := int64(g.o.Conversations)
	if g.o.Messages > 0 && g.stats.Messages >= g.o.Messages*conversations/all {
		return true
	}
	waiting := int64(len(g.buf))
	if g.o.GBK {
		waiting = waiting * 5 / 6 // about what it will be
	}
	return g.o.Size > 0 && g.out.n+waiting >= g.o.Size*conversations/all
}

func (g *writer) flush() error {
	_, err := g.w.Write(g.buf)
	g.buf = g.buf[:0]
	return err
}

// message writes one message and moves the clock on.
func (g *writer) message() {
	r := g.r
	g.tick()
	roll := r.Uint64()
	if roll&(1<<32-1) < g.listings {
		s := g.sellers[min(r.IntN(len(g.sellers)), r.IntN(len(g.sellers)))] // some sell more than others
		g.head(s.head)
		g.text(func(b []byte) []byte { return s.advertise(b, g.adverts, r) })
		g.stats.Messages++
		g.stats.Listings++
		return
	}
	roll >>= 32
	if roll%128 == 0 {
		g.notice()
		return
	}
	g.head(g.members[g.speaker(roll>>8)].head)
	switch kind := roll >> 7 % 128; {
	case kind < 60:
		g.buf = append(g.buf, shorts[r.IntN(len(shorts))]...)
		g.buf = append(g.buf, "\r\n\r\n"...)
	case kind < 122:
		g.buf = g.lines[r.IntN(len(g.lines))].fill(g.buf, r)
		g.buf = append(g.buf, "\r\n\r\n"...)
	default:
		g.text(func(b []byte) []byte { return g.blocks[r.IntN(len(g.blocks))].fill(b, r) })
	}
	g.stats.Messages++
}

// speaker picks one of the few who talk just now; now and then another joins them.
func (g *writer) speaker(roll uint64) int {
	i := int(roll % uint64(len(g.recent)))
	if roll>>16%6 == 0 {
		g.recent[i] = min(g.r.IntN(len(g.members)), g.r.IntN(len(g.members)))
	}
	return g.recent[i]
}

// text writes a body of several lines with the file's line breaks.
func (g *writer) text(fill func([]byte) []byte) {
	at := len(g.buf)
	g.buf = fill(g.buf)
	if bytes.IndexByte(g.buf[at:], '\n') >= 0 {
		body := bytes.ReplaceAll(g.buf[at:], []byte("\n"), []byte("\r\n"))
		g.buf = append(g.buf[:at], body...)
	}
	g.buf = append(g.buf, "\r\n\r\n"...)
}

// notice writes what QQ itself would.
func (g *writer) notice() {
	sender := " 系统消息(10000)\r\n"
	kind := g.r.IntN(len(notices))
	if kind > 0 {
		sender = " 系统消息(1000000)\r\n"
	}
	g.head([]byte(sender))
	pool := words{"nick": {g.members[g.r.IntN(len(g.members))].nick}}
	g.buf = parse(notices[kind], pool).fill(g.buf, g.r)
	g.buf = append(g.buf, "\r\n\r\n"...)
	g.stats.System++
}

// tick moves the clock: people write in bursts and sleep at night.
func (g *writer) tick() {
	roll := g.r.Uint64()
	step := g.gap / 4
	switch roll & 7 {
	case 0:
		step = g.gap * 5
	case 1, 2:
		step = g.gap
	case 3:
		step = 0 // within the same second
	}
	if hour := g.now / 3_600_000 % 24; hour >= 1 && hour < 7 {
		step *= 4
	}
	g.now += step + step*int64(roll>>8&15)/32
}

// head writes the time, hours unpadded as QQ has them, and who.
func (g *writer) head(who []byte) {
	seconds := g.now / 1000
	if day := seconds / 86400; day != g.day {
		g.day = day
		g.dayText = time.Unix(seconds, 0).UTC().AppendFormat(g.dayText[:0], "2006-01-02 ")
	}
	s := int(seconds % 86400)
	g.buf = append(g.buf, g.dayText...)
	g.buf = decimal(g.buf, s/3600, 0)
	g.buf = decimal(append(g.buf, ':'), s/60%60, 2)
	g.buf = decimal(append(g.buf, ':'), s%60, 2)
	g.buf = append(g.buf, who...)
}
