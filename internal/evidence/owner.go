package evidence

import (
	"crypto/rand"
	"os"
	"strconv"
	"strings"
	"time"
)

// NewOwner is an owner for Store.Writer that no other process has or had, on
// whatever machine: host-pid-start-random, such as web1-4242-tm2x9c-K7QXN2AB. It is
// at most 58 of A-Z a-z 0-9 _ . - long. A process that lost the right to its files
// takes another.
func NewOwner(now time.Time) string {
	host, _ := os.Hostname() // unknown is x: the random part alone tells owners apart
	return ownerOf(host, os.Getpid(), now)
}

// hostLength is how many bytes of a machine's name go into an owner.
const hostLength = 24

func ownerOf(host string, pid int, now time.Time) string {
	host = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, host[:min(len(host), hostLength)])
	if host == "" {
		host = "x"
	}
	return host + "-" + strconv.Itoa(pid) + "-" + strconv.FormatInt(now.Unix(), 36) + "-" + rand.Text()[:8]
}
