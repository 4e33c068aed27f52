package privacy

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"resumewatch/internal/market"
)

// Kinds of values of people in samples that the blind index knows. Person is
// made of the strongest of the others that a record shows.
const (
	BlindPhone    = "phone"
	BlindEmail    = "email"
	BlindIDNumber = "id_number"
	BlindResumeID = "resume_id"
	BlindPerson   = "person"
)

// BlindKinds lists them all.
var BlindKinds = []string{BlindPhone, BlindEmail, BlindIDNumber, BlindResumeID, BlindPerson}

// blindSize is how many bytes of an HMAC-SHA-256 are kept: enough that two values
// never meet, in any number of people.
const blindSize = 16

// Blind makes keyed digests of personal values: by them a person is found again
// and counted, but no store gives the value back. Each kind has keys of its own.
type Blind struct {
	keys map[string][]blindKey // by kind, newest first
}

type blindKey struct {
	number int
	key    []byte
}

// OpenBlind reads the keys of the blind index; the first of each kind is made when
// there is none. They lie in the keyring as secrets "blind-KIND-N".
func (k *Keyring) OpenBlind(ctx context.Context) (*Blind, error) {
	b := &Blind{keys: map[string][]blindKey{}}
	for _, kind := range BlindKinds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		numbers, err := k.blindNumbers(kind)
		if err != nil {
			return nil, err
		}
		if len(numbers) == 0 {
			numbers = []int{1}
		}
		for _, n := range numbers {
			key, err := k.Secret(blindName(kind, n))
			if err != nil {
				return nil, err
			}
			b.keys[kind] = append(b.keys[kind], blindKey{n, key})
		}
	}
	return b, nil
}

// RotateBlind makes a new key of a kind and returns its number. Digests under
// older ones are found as long as these are kept; who is running goes on with the
// key that it opened.
func (k *Keyring) RotateBlind(kind string) (int, error) {
	if !slices.Contains(BlindKinds, kind) {
		return 0, fmt.Errorf("privacy: blind index: kind %.40q: write one of %s", kind, strings.Join(BlindKinds, ", "))
	}
	n := 0
	err := k.locked(func() error {
		numbers, err := k.blindNumbers(kind)
		if err != nil {
			return err
		}
		if len(numbers) > 0 {
			n = numbers[0]
		}
		n++
		key := make([]byte, SecretSize)
		if _, err := rand.Read(key); err != nil {
			return err
		}
		return k.write(blindName(kind, n)+".key", []byte(hex.EncodeToString(key)+"\n"), 0o600)
	})
	if err != nil {
		return 0, fmt.Errorf("privacy: blind index: %w", err)
	}
	return n, nil
}

// DropBlind removes an old key. Digests under it are found no more; the newest
// key of a kind stays.
func (k *Keyring) DropBlind(kind string, number int) error {
	numbers, err := k.blindNumbers(kind)
	if err != nil {
		return err
	}
	if len(numbers) == 0 || number >= numbers[0] {
		return fmt.Errorf("privacy: blind index: key %d of %s is the one in use", number, kind)
	}
	if err := shred(filepath.Join(k.dir, blindName(kind, number)+".key")); err != nil {
		return fmt.Errorf("privacy: blind index: %w", err)
	}
	return syncDir(k.dir)
}

// BlindKeys are the numbers of a kind's keys: the one in use, and older ones, newest first.
func (k *Keyring) BlindKeys(kind string) (newest int, older []int, err error) {
	numbers, err := k.blindNumbers(kind)
	if err != nil || len(numbers) == 0 {
		return 0, nil, err
	}
	return numbers[0], numbers[1:], nil
}

func blindName(kind string, n int) string { return "blind-" + kind + "-" + strconv.Itoa(n) }

// blindNumbers are the numbers of a kind's keys, newest first.
func (k *Keyring) blindNumbers(kind string) ([]int, error) {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return nil, fmt.Errorf("privacy: keys: %w", err)
	}
	var out []int
	for _, e := range entries {
		text, ok := strings.CutSuffix(strings.TrimPrefix(e.Name(), "blind-"+kind+"-"), ".key")
		if n, err := strconv.Atoi(text); ok && err == nil && n > 0 && e.Name() == blindName(kind, n)+".key" {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out, nil
}

// Digest is the digest of a value under the newest key of its kind: the key's
// number, a colon and 32 hex digits. The value is normalised as NormalBlind does.
func (b *Blind) Digest(kind, value string) string { return b.keys[kind][0].digest(kind, value) }

// Digests are those under all keys that are kept, newest first.
func (b *Blind) Digests(kind, value string) []string {
	var out []string
	for _, k := range b.keys[kind] {
		out = append(out, k.digest(kind, value))
	}
	return out
}

func (k blindKey) digest(kind, value string) string {
	h := hmac.New(sha256.New, k.key)
	h.Write([]byte(kind + ":" + value))
	return strconv.Itoa(k.number) + ":" + hex.EncodeToString(h.Sum(nil)[:blindSize])
}

// Person is one record of a sample as digests, those under older keys among them.
func (b *Blind) Person(values []market.PersonValue) []market.BlindValue {
	var out []market.BlindValue
	strongest := ""
	for _, kind := range []string{BlindIDNumber, BlindPhone, BlindEmail, BlindResumeID} {
		for _, v := range values {
			if v.Kind != kind {
				continue
			}
			d := market.BlindValue{Kind: kind, Digest: b.Digest(kind, v.Value)}
			if slices.Contains(out, d) {
				continue
			}
			out = append(out, d)
			for _, k := range b.keys[kind][1:] {
				out = append(out, market.BlindValue{Kind: kind, Digest: k.digest(kind, v.Value), Older: true})
			}
			if strongest == "" {
				strongest = kind + ":" + v.Value
			}
		}
	}
	if strongest == "" {
		return nil
	}
	return append(out, market.BlindValue{Kind: BlindPerson, Digest: b.Digest(BlindPerson, strongest)})
}

// NormalBlind brings a value that a person typed into the form that samples are
// counted by. The error says what is wrong with it.
func NormalBlind(kind, value string) (string, error) {
	value = strings.TrimSpace(value)
	bare := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, value)
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	switch kind {
	case BlindPhone:
		for _, p := range []string{"+86", "0086"} {
			bare = strings.TrimPrefix(bare, p)
		}
		if len(bare) != 11 || bare[0] != '1' || !digits(bare) {
			return "", errors.New("a phone has 11 digits and begins with 1")
		}
		return bare, nil
	case BlindIDNumber:
		bare = strings.ToUpper(bare)
		if n := len(bare); n != 15 && n != 18 || !digits(bare[:n-1]) || !digits(bare[n-1:]) && (n != 18 || bare[n-1] != 'X') {
			return "", errors.New("an identity number has 18 characters, or 15 in the old form")
		}
		return bare, nil
	case BlindEmail:
		value = strings.ToLower(value)
		if i := strings.IndexByte(value, '@'); i < 1 || i == len(value)-1 || strings.ContainsAny(value, " \t") || len(value) > 320 {
			return "", errors.New("a mailbox is name@host")
		}
		return value, nil
	case BlindResumeID:
		if bare = strings.ToLower(bare); bare == "" || len(bare) > 64 {
			return "", errors.New("a resume number has 1 to 64 characters")
		}
		return bare, nil
	}
	return "", fmt.Errorf("kind %.40q: write phone, email, id_number or resume_id", kind)
}

// Mark names the keys that digests are made with; "" as long as they are the first.
func (b *Blind) Mark() string {
	var out strings.Builder
	for _, kind := range BlindKinds {
		if n := b.keys[kind][0].number; n > 1 {
			fmt.Fprintf(&out, "+%s-%d", kind, n)
		}
	}
	return out.String()
}
