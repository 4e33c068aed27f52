package custody

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxFaults is how many faults are named one by one.
const maxFaults = 100

// maxNumber is more than any log has; sums with it don't overflow.
const maxNumber = 1 << 48

// Fault is something that doesn't hold.
type Fault struct{ What, Detail string }

// Findings are what an audit found.
type Findings struct {
	Events, Checkpoints, Captures, Waiting int64
	Newest                                 Checkpoint // zero: none
	Faults                                 []Fault    // the first of them
	Count                                  int64      // all of them
}

// Audit reads a whole log in its order, an event after the other, each checkpoint
// after the event that it ends with, and needs little memory. A fault in a row is
// told once: what follows is judged by what is stored with it.
type Audit struct {
	public note.Verifier
	text   string // of the public key
	kept   string

	out    Findings
	next   int64     // number that the next event should have
	edge   []subtree // complete subtrees, the largest first
	broken bool      // a root was wrong or unknown: those after it tell nothing new
	signed int64     // size under the newest checkpoint that the key signed
	ended  int64     // size of the newest one, whoever signed it
	last   string    // that checkpoint
	met    bool      // kept was among them
	behind int64     // checkpoints after kept
	absent map[string]int64
	gone   map[string]bool
	anew   map[string]*resealing // by digest
	holds  map[string]bool       // cases that the log has on hold
}

// resealing is what events tell of a capture that was sealed anew.
type resealing struct {
	first, last string // sealed digests: before the first time, after the last
	event       int64  // of the last time
	shown       bool   // the casebook has it so
}

// subtree is the root over 2^level events.
type subtree struct {
	level int
	hash  tlog.Hash
	known bool
}

// NewAudit begins an audit of the log with that public key (Key.Public). kept is
// the newest checkpoint as it is kept apart from the log, "" none.
func NewAudit(public, kept string) (*Audit, error) {
	v, err := note.NewVerifier(public)
	if err != nil {
		return nil, fmt.Errorf("custody: public key %.120q: %w", public, err)
	}
	return &Audit{public: v, text: public, kept: kept, absent: map[string]int64{}, gone: map[string]bool{}, anew: map[string]*resealing{}, holds: map[string]bool{}}, nil
}

func (a *Audit) fault(what, format string, args ...any) {
	if a.out.Count++; a.out.Count <= maxFaults {
		a.out.Faults = append(a.out.Faults, Fault{what, fmt.Sprintf(format, args...)})
	}
}

// Event takes the next event, with what is stored with it and the captures of the
// casebook that say they were committed with it, as they were sealed then. Of those
// that say they were sealed anew with it, Was is what they were committed with.
func (a *Audit) Event(number int64, text, hashes string, held []Item) {
	what := fmt.Sprintf("event %d", number)
	if number < a.next {
		a.fault(what, "its number is below those before it")
		return
	}
	if number > maxNumber {
		a.fault(what, "no log has so many events")
		return
	}
	if number > a.next {
		a.missing(number)
	}
	a.out.Events++
	e, err := Decode(text)
	switch {
	case err != nil:
		a.fault(what, "was changed: %v", err)
	case number == 0 && (e.Kind != LogBegun || e.Detail["key"] != a.text):
		a.fault(what, "doesn't begin the log of this key")
	case number > 0 && e.Kind == LogBegun:
		a.fault(what, "begins the log again")
	}
	stored, err := parseHashes(number, hashes)
	leaf := subtree{hash: tlog.RecordHash([]byte(text)), known: true}
	if err != nil {
		a.fault(what, "it was moved, or its %v", err)
	} else if stored[0] != leaf.hash {
		a.fault(what, "was changed, or exchanged for another: its hash is not the stored one")
		leaf.hash = stored[0]
	}
	a.add(number, leaf, stored)
	a.captures(number, e, held)
}

// missing stands for events that aren't there, up to number.
func (a *Audit) missing(number int64) {
	if number-1 == a.next {
		a.fault(fmt.Sprintf("event %d", a.next), "is missing")
	} else {
		a.fault(fmt.Sprintf("events %d to %d", a.next, number-1), "are missing")
	}
	for a.next < number {
		// The largest subtree that fits, at once: a row may claim any number.
		level := 0
		for a.next&(1<<level) == 0 && a.next+1<<(level+1) <= number {
			level++
		}
		a.push(subtree{level: level}, a.next+1<<level-1, nil)
		a.next += 1 << level
	}
}

func (a *Audit) add(number int64, leaf subtree, stored []tlog.Hash) {
	a.push(leaf, number, stored)
	a.next = number + 1
}

// push adds a subtree that ends with an event, and joins what is complete.
func (a *Audit) push(s subtree, end int64, stored []tlog.Hash) {
	for len(a.edge) > 0 && a.edge[len(a.edge)-1].level == s.level {
		left := a.edge[len(a.edge)-1]
		a.edge = a.edge[:len(a.edge)-1]
		up := subtree{level: s.level + 1, known: left.known && s.known}
		if up.known {
			up.hash = tlog.NodeHash(left.hash, s.hash)
		}
		if up.level < len(stored) {
			if up.known && up.hash != stored[up.level] {
				a.fault(fmt.Sprintf("events %d to %d", end+1-1<<up.level, end), "one of them was changed, moved or exchanged: the stored hash over them is another")
			}
			up.hash, up.known = stored[up.level], true
		}
		s = up
	}
	a.edge = append(a.edge, s)
}

// root is the root over the events so far.
func (a *Audit) root() (h tlog.Hash, known bool) {
	for i, s := range slices.Backward(a.edge) {
		if !s.known {
			return h, false
		}
		if i == len(a.edge)-1 {
			h = s.hash
		} else {
			h = tlog.NodeHash(s.hash, h)
		}
	}
	return h, true
}

// Checkpoint takes the checkpoint of that size, after the last event under it.
func (a *Audit) Checkpoint(size int64, signed string) {
	what := fmt.Sprintf("checkpoint of %d events", size)
	a.out.Checkpoints++
	if a.kept != "" && signed == a.kept {
		a.met = true
	} else if a.met {
		a.behind++
	}
	before := a.last
	a.last, a.ended = signed, size
	c, err := OpenCheckpoint(signed, a.public)
	if err != nil {
		a.fault(what, "%v", err)
		return
	}
	if c.Size != size {
		a.fault(what, "what is signed says %d", c.Size)
		return
	}
	want := ""
	if before != "" {
		want = Link(before)
	}
	if c.After != want {
		a.fault(what, "the checkpoint before it is missing or was exchanged")
	}
	from := a.signed
	a.signed, a.out.Newest = size, c
	if size > a.next && size <= maxNumber {
		a.missing(size)
	}
	switch root, known := a.root(); {
	case a.broken || known && root == c.Root && size == a.next:
	case !known:
		a.broken = true
	default:
		a.broken = true
		a.fault(what, "events %d to %d are not those that were signed", from, size-1)
	}
}

// captures compares an event with the captures that point to it.
func (a *Audit) captures(number int64, e Event, held []Item) {
	named := map[string]string{}
	switch e.Kind {
	case Captured, Adopted:
		for _, c := range e.Captures {
			named[c.Digest] = c.Sealed
			a.absent[c.Digest] = number
		}
	case Dropped:
		for _, c := range e.Captures {
			a.gone[c.Digest] = true
		}
	case Resealed:
		a.resealed(number, e, held)
		return
	case HoldSet, HoldLifted:
		a.hold(e)
	}
	for _, c := range held {
		a.out.Captures++
		sealed, ok := named[c.Digest]
		switch {
		case !ok:
			a.fault("capture "+c.Digest, "the casebook says it was committed with event %d, which doesn't name it", number)
		case sealed != c.Sealed:
			a.fault("capture "+c.Digest, "its sealed digest is not the one of event %d", number)
			delete(a.absent, c.Digest)
		default:
			delete(a.absent, c.Digest)
		}
	}
}

// resealed follows captures from one seal to the next.
func (a *Audit) resealed(number int64, e Event, held []Item) {
	for _, c := range e.Captures {
		r := a.anew[c.Digest]
		switch {
		case r == nil:
			r = &resealing{first: c.Was}
			a.anew[c.Digest] = r
		case r.last != c.Was:
			a.fault("capture "+c.Digest, "event %d says it was sealed anew from other bytes than those of event %d", number, r.event)
		}
		r.last, r.event, r.shown = c.Sealed, number, false
	}
	for _, c := range held {
		switch r := a.anew[c.Digest]; {
		case r == nil || r.event != number:
			a.fault("capture "+c.Digest, "the casebook says it was sealed anew with event %d, which doesn't name it", number)
		case r.last != c.Sealed || r.first != c.Was:
			a.fault("capture "+c.Digest, "its sealed digests are not those of event %d", number)
			r.shown = true
		default:
			r.shown = true
		}
	}
}

// Missing are the captures of events that the casebook has not shown so far, and
// that nobody dropped.
func (a *Audit) Missing() []string {
	maps.DeleteFunc(a.absent, func(digest string, _ int64) bool { return a.gone[digest] })
	return slices.Sorted(maps.Keys(a.absent))
}

// Found says that the casebook has one of Missing with another event: the same
// bytes were committed twice.
func (a *Audit) Found(digest string) { delete(a.absent, digest) }

// Stray is a capture of the casebook that points to no event.
func (a *Audit) Stray(digest string) {
	a.fault("capture "+digest, "no event of the log tells of it")
}

// Waits takes the next event that has no number yet.
func (a *Audit) Waits(text string) {
	a.out.Waiting++
	if e, err := Decode(text); err == nil { // else it is a fault once it has its number
		a.hold(e)
	}
}

func (a *Audit) hold(e Event) {
	switch e.Kind {
	case HoldSet:
		a.holds[e.Object] = true
	case HoldLifted:
		delete(a.holds, e.Object)
	}
}

// OnHold takes the cases that the casebook has on hold, after all events.
func (a *Audit) OnHold(cases []string) {
	for _, c := range cases {
		if !a.holds[c] {
			a.fault("case "+c, "the casebook has it on hold, no event of the log does")
		}
		delete(a.holds, c)
	}
	for _, c := range slices.Sorted(maps.Keys(a.holds)) {
		a.fault("case "+c, "the log has it on hold, the casebook doesn't, and nothing says who lifted the hold")
	}
}

// End ends the audit.
func (a *Audit) End() Findings {
	digests := a.Missing()
	slices.SortFunc(digests, func(x, y string) int { return cmp.Or(cmp.Compare(a.absent[x], a.absent[y]), cmp.Compare(x, y)) })
	for _, d := range digests {
		a.fault("capture "+d, "event %d tells of it, the casebook doesn't have it", a.absent[d])
	}
	for _, d := range slices.Sorted(maps.Keys(a.anew)) {
		if r := a.anew[d]; !r.shown && !a.gone[d] {
			a.fault("capture "+d, "event %d says it was sealed anew, the casebook doesn't", r.event)
		}
	}
	if a.next > a.ended {
		a.fault("newest checkpoint", "events %d to %d have numbers and no checkpoint: newer checkpoints were taken away", a.ended, a.next-1)
	}
	kept, err := OpenCheckpoint(a.kept, a.public)
	switch {
	case a.kept == "" && a.out.Checkpoints > 1:
		a.fault("kept checkpoint", "it is missing")
	case a.kept == "":
	case err != nil:
		a.fault("kept checkpoint", "%v", err)
	case !a.met:
		a.fault("kept checkpoint", "the casebook doesn't have this one of %d events: an older log or another was put in its place", kept.Size)
	case a.behind > 1: // one, when the process died between the two
		a.fault("kept checkpoint", "%d newer ones are in the casebook: an older one was put back", a.behind)
	}
	return a.out
}
