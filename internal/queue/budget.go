package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"resumewatch/internal/market"
)

const (
	// budgetMemory is how long a host that nobody asks for keeps its account. It is
	// also the longest that a wrong clock of one worker can block a host.
	budgetMemory = 24 * time.Hour
	// MaxPenalty caps what a host can ask for by Retry-After.
	MaxPenalty = 24 * time.Hour
	// A slot no further away than sureWait needs no ticket: it saves a round trip.
	sureWait = 100 * time.Millisecond
	// ticketMemory is how long a ticket that nobody shows is kept after its slot.
	ticketMemory = time.Minute
)

// Budget hands out the request slots of hosts, shared by everybody who uses the
// same Redis: GCRA without burst, so two slots of a host are at least the
// rate's interval apart and any window of n intervals holds at most n+1 slots.
//
// A host without an account (never seen, idle for a day, or Redis was lost)
// starts empty-handed: its first slot is one interval away. Whoever still waits
// for a slot that was given before finds its ticket gone. So neither a restart nor
// a failover that lost the last writes can double the rate.
type Budget struct {
	redis redis.Scripter
	now   func() time.Time
}

// NewBudget is a budget on that Redis. With a nil clock the time is Redis's own,
// the same for all workers; tests give a clock.
func NewBudget(client redis.Scripter, now func() time.Time) *Budget {
	return &Budget{redis: client, now: now}
}

// Take asks for the next slot of a host. When it is at most patience away it is
// taken: ok is true, and the caller sends its request after waiting slot.Wait and
// confirming it. Else nothing is taken and the slot is slot.Wait away as things
// stand. A zero rate is no budget: the slot is now, or when the host's penalty ends.
func (b *Budget) Take(ctx context.Context, host string, rate market.Rate, patience time.Duration) (slot market.Slot, ok bool, err error) {
	keys, err := budgetKeys(host)
	if err != nil {
		return slot, false, err
	}
	if rate.Requests > 0 && rate.Per <= 0 {
		return slot, false, fmt.Errorf("budget of %s: rate of %d requests in %s", host, rate.Requests, rate.Per)
	}
	patience = max(patience, 0)
	interval := microsUp(rate.Interval())
	if rate.Requests > 0 && interval == 0 {
		interval = 1
	}
	ticket := rand.Text()
	got, err := takeScript.Run(ctx, b.redis, keys, b.micros(), interval, patience.Microseconds(),
		budgetMemory.Milliseconds(), ticket, sureWait.Microseconds(), ticketMemory.Microseconds()).Int64Slice()
	if err != nil {
		return slot, false, fmt.Errorf("budget of %s: %w", host, err)
	}
	if len(got) != 2 {
		return slot, false, fmt.Errorf("budget of %s: unexpected answer %v", host, got)
	}
	slot.Wait = time.Duration(got[1]) * time.Microsecond
	if got[0] == 1 && slot.Wait > sureWait {
		slot.Ticket = ticket
	}
	return slot, got[0] == 1, nil
}

// Confirm reports, when a slot with a ticket has come, whether it is still the
// caller's: not when Redis lost it or the host is to be left alone since. Then
// the caller asks for another.
func (b *Budget) Confirm(ctx context.Context, host string, slot market.Slot) (ok bool, err error) {
	if slot.Ticket == "" {
		return true, nil
	}
	keys, err := budgetKeys(host)
	if err != nil {
		return false, err
	}
	got, err := confirmScript.Run(ctx, b.redis, keys, b.micros(), slot.Ticket).Int()
	if err != nil {
		return false, fmt.Errorf("budget of %s: %w", host, err)
	}
	return got == 1, nil
}

// Penalize keeps everybody off a host until the given time (its Retry-After),
// at most MaxPenalty from now. A shorter penalty never cuts a longer one.
func (b *Budget) Penalize(ctx context.Context, host string, until time.Time) error {
	keys, err := budgetKeys(host)
	if err != nil {
		return err
	}
	err = penalizeScript.Run(ctx, b.redis, keys[:1], b.micros(), until.UnixMicro(),
		MaxPenalty.Microseconds(), budgetMemory.Milliseconds()).Err()
	if err != nil {
		return fmt.Errorf("budget of %s: %w", host, err)
	}
	return nil
}

// micros is the caller's clock for a script, "" for Redis's own.
func (b *Budget) micros() string {
	if b.now == nil {
		return ""
	}
	return strconv.FormatInt(b.now().UnixMicro(), 10)
}

// microsUp rounds up, so that rounding never lets a request go early.
func microsUp(d time.Duration) int64 {
	return int64((d + time.Microsecond - 1) / time.Microsecond)
}

var errHost = errors.New("budget: a host has 1 to 512 bytes")

// budgetKeys name a host's account and the slots that were given out. The braces
// put both on one node of a Cluster.
func budgetKeys(host string) ([]string, error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" || len(host) > 512 {
		return nil, errHost
	}
	key := "resumewatch:budget:{" + host + "}"
	return []string{key, key + ":given"}, nil
}

// The scripts keep a hash a host: "next" is the earliest next slot, "until" the
// end of a penalty, both in microseconds since 1970; and a sorted set of tickets
// by the time of their slots. Numbers of that size are
// exact in Lua's doubles but must be written by %.0f: Lua prints 14 digits.
const scriptClock = `
local now = tonumber(ARGV[1])
if not now then
  local t = redis.call("TIME")
  now = tonumber(t[1]) * 1000000 + tonumber(t[2])
end
`

var takeScript = redis.NewScript(scriptClock + `
local interval, patience, memory = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ticket, sure, kept = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
local slot = now
local ttl = math.ceil(interval / 1000) + memory
if interval > 0 then
  local next = tonumber(redis.call("HGET", KEYS[1], "next") or "")
  if not next then
    -- empty-handed: the account is opened even if this asker won't wait
    next = now + interval
    redis.call("HSET", KEYS[1], "next", string.format("%.0f", next))
    redis.call("PEXPIRE", KEYS[1], string.format("%.0f", ttl))
  end
  if next > slot then slot = next end
end
local till = tonumber(redis.call("HGET", KEYS[1], "until") or "")
if till and till > slot then slot = till end
local wait = slot - now
if wait > patience then return {0, wait} end
if interval > 0 then
  redis.call("HSET", KEYS[1], "next", string.format("%.0f", slot + interval))
  redis.call("PEXPIRE", KEYS[1], string.format("%.0f", ttl + math.ceil(wait / 1000)))
end
if wait > sure then
  redis.call("ZREMRANGEBYSCORE", KEYS[2], "-inf", string.format("%.0f", now - kept))
  redis.call("ZADD", KEYS[2], string.format("%.0f", slot), ticket)
  redis.call("PEXPIRE", KEYS[2], string.format("%.0f", math.ceil((wait + kept) / 1000)))
end
return {1, wait}
`)

var confirmScript = redis.NewScript(scriptClock + `
if redis.call("ZREM", KEYS[2], ARGV[2]) == 0 then return 0 end
local till = tonumber(redis.call("HGET", KEYS[1], "until") or "")
if till and till > now then return 0 end
return 1
`)

var penalizeScript = redis.NewScript(scriptClock + `
local till, cap, memory = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if till > now + cap then till = now + cap end
local old = tonumber(redis.call("HGET", KEYS[1], "until") or "")
if till <= now or (old and old >= till) then return 0 end
redis.call("HSET", KEYS[1], "until", string.format("%.0f", till))
local ttl = math.ceil((till - now) / 1000) + memory
if redis.call("PTTL", KEYS[1]) < ttl then redis.call("PEXPIRE", KEYS[1], string.format("%.0f", ttl)) end
return 1
`)
