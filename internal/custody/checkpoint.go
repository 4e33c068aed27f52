package custody

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a signed state of the log: so many events with that root. Its text
// is one of C2SP's tlog-checkpoint with two lines more:
//
//	resumewatch/3f2a9c41d0b7
//	4711
//	<root hash, base64>
//	time 2026-03-01T04:00:00.000Z
//	after <SHA-256 of the signed checkpoint before it, hex; "-" for the first>
type Checkpoint struct {
	Log   string // its name
	Size  int64
	Root  tlog.Hash
	At    time.Time
	After string // "" the first
}

// maxCheckpoint is the most bytes of a signed checkpoint.
const maxCheckpoint = 16 << 10

// Sign signs a checkpoint of this key's log. after is the signed checkpoint before
// it, "" for the first.
func (k Key) Sign(size int64, root tlog.Hash, at time.Time, after string) (string, error) {
	link := "-"
	if after != "" {
		link = Link(after)
	}
	text := fmt.Sprintf("%s\n%d\n%s\ntime %s\nafter %s\n", k.signer.Name(), size, root, at.UTC().Format(atForm), link)
	signed, err := note.Sign(&note.Note{Text: text}, k.signer)
	if err != nil {
		return "", fmt.Errorf("custody: signing a checkpoint: %w", err)
	}
	return string(signed), nil
}

// Link is how a checkpoint names the one before it.
func Link(signed string) string {
	sum := sha256.Sum256([]byte(signed))
	return hex.EncodeToString(sum[:])
}

// OpenCheckpoint reads a signed checkpoint and makes sure that the key signed it.
func OpenCheckpoint(signed string, public note.Verifier) (Checkpoint, error) {
	if len(signed) > maxCheckpoint {
		return Checkpoint{}, fmt.Errorf("custody: a checkpoint of %d bytes, more than %d", len(signed), maxCheckpoint)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(public))
	var unsigned *note.UnverifiedNoteError
	if errors.As(err, &unsigned) {
		return Checkpoint{}, fmt.Errorf("custody: the checkpoint is not signed by the log's key (%s)", public.Name())
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("custody: checkpoint: %w", err)
	}
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 {
		return Checkpoint{}, errors.New("custody: the checkpoint has signatures besides the log's")
	}
	c, err := parseCheckpoint(n.Text)
	if err == nil && c.Log != public.Name() {
		err = fmt.Errorf("custody: checkpoint of another log, %.60q", c.Log)
	}
	return c, err
}

func parseCheckpoint(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[5] != "" {
		return c, errors.New("custody: a checkpoint has five lines")
	}
	c.Log = lines[0]
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return c, fmt.Errorf("custody: size %.40q of a checkpoint", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, fmt.Errorf("custody: root %.60q of a checkpoint", lines[2])
	}
	copy(c.Root[:], root)
	at, ok := strings.CutPrefix(lines[3], "time ")
	if c.At, err = time.Parse(atForm, at); err != nil || !ok {
		return c, fmt.Errorf("custody: time %.60q of a checkpoint", lines[3])
	}
	after, ok := strings.CutPrefix(lines[4], "after ")
	if !ok || after != "-" && !isHex(after, 64) {
		return c, fmt.Errorf("custody: %.80q of a checkpoint", lines[4])
	}
	if after != "-" {
		c.After = after
	}
	return c, nil
}
