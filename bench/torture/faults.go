package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// kind is a way to disturb a stack.
type kind string

// Kinds of faults. Roles that are killed are started again after a while, or not
// at all when another of their kind lives.
const (
	killWorker   kind = "worker killed"
	killLeader   kind = "leading scheduler killed"
	killStandby  kind = "other scheduler killed"
	killCommand  kind = "command killed, run again"
	pauseWorker  kind = "worker paused beyond its lease"
	stopWorker   kind = "worker told to stop"
	redisFlush   kind = "Redis flushed"
	redisRestart kind = "Redis killed, restarted"
	redisAway    kind = "Redis away for seconds"
	pgRestart    kind = "PostgreSQL crashed, restarted"
	pgAway       kind = "PostgreSQL away for seconds"
	elasticDown  kind = "Elasticsearch killed, away for seconds"
	elastic503   kind = "Elasticsearch answers 503"
	elasticCut   kind = "Elasticsearch's connections cut"
	elasticRead  kind = "index read-only"
	elasticFull  kind = "index blocked by a full disk"
	elasticHalf  kind = "half of each bulk refused"
)

// How long a fault lasts, or who was killed stays away.
const (
	leastAway = 2 * time.Second
	mostAway  = 8 * time.Second
)

// families of faults: the first five that are dealt are one of each.
var families = [][]kind{
	{killWorker, killLeader, killCommand, killStandby, pauseWorker, stopWorker},
	{redisFlush, redisRestart, redisAway},
	{pgRestart, pgAway},
	{elasticDown, elastic503, elasticCut},
	{elasticRead, elasticHalf, elasticFull},
}

// fault is one disturbance.
type fault struct {
	kind  kind
	at    float64       // share of the calm run's time
	away  time.Duration // how long it lasts, or how long who was killed stays away
	never bool          // who was killed stays away for good, if another lives
	pick  int           // which one, among those it may hit
}

// maxAtOnce is how many faults a round has at most.
const maxAtOnce = 3

// deck deals faults by a seed: so many in all, each kind in its turn.
type deck struct {
	rnd   *rand.Rand
	order [][]kind
	dealt int
	owed  []kind // came too late when they were dealt
}

// newDeck deals all kinds whose name holds the text only; nil: there is none.
func newDeck(seed uint64, only string) *deck {
	rnd := rand.New(rand.NewPCG(seed, 11))
	d := &deck{rnd: rnd}
	for _, f := range families {
		f = slices.DeleteFunc(slices.Clone(f), func(k kind) bool { return !strings.Contains(string(k), only) })
		if len(f) == 0 {
			continue
		}
		// Neighbouring seeds begin with neighbouring kinds: between them all get their turn.
		n := int(seed % uint64(len(f)))
		d.order = append(d.order, append(f[n:], f[:n]...))
	}
	if len(d.order) == 0 {
		return nil
	}
	roles := d.order[0]
	rnd.Shuffle(len(d.order), func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
	// Roles die more often than servers do: a sixth turn is theirs again.
	d.order = append(d.order, slices.Concat(roles[len(roles)/2:], roles[:len(roles)/2]))
	return d
}

// deal gives the faults of a round, left at most, in the order of their instants.
func (d *deck) deal(left int) []fault {
	out := make([]fault, min(1+d.rnd.IntN(maxAtOnce), left))
	for i := range out {
		out[i] = fault{
			kind: d.next(),
			at:   0.05 + 0.7*d.rnd.Float64(),
			away: leastAway + time.Duration(d.rnd.Int64N(int64(mostAway-leastAway))),
			pick: d.rnd.IntN(1 << 20), never: d.rnd.IntN(3) == 0,
		}
	}
	slices.SortFunc(out, func(a, b fault) int { return cmp.Compare(a.at, b.at) })
	return out
}

func (d *deck) next() kind {
	if len(d.owed) > 0 {
		k := d.owed[0]
		d.owed = d.owed[1:]
		return k
	}
	family := d.order[d.dealt%len(d.order)]
	k := family[d.dealt/len(d.order)%len(family)]
	d.dealt++
	return k
}

// again takes a fault back that found nothing left to disturb, to be dealt once more.
func (d *deck) again(f fault) { d.owed = append(d.owed, f.kind) }

func words(faults []fault) string {
	var out []string
	for _, f := range faults {
		out = append(out, fmt.Sprintf("%s at %.0f%%", f.kind, 100*f.at))
	}
	return strings.Join(out, ", ")
}
