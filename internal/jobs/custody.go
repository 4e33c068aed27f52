package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/custody/stamp"
)

const (
	// LogEvery is how often events that wait get their numbers, and the log so a
	// signed checkpoint.
	LogEvery = 20 * time.Second
	// StampEvery is how often a checkpoint gets a time stamp: it covers all before it.
	StampEvery = time.Hour

	logLot   = 1000 // events, or captures of one event, in one transaction
	stampLot = 100  // stamps asked for at once
	// stampTimeout is for one question to the service, in all.
	stampTimeout = 30 * time.Second
)

// CustodyLog is what the leader keeps the custody log with.
type CustodyLog struct {
	casebook.LogKeeper
	// Path is the file that holds the newest checkpoint, apart from the casebook.
	Path   string
	Stamps Stamper // nil: none are asked for
}

// Stamper asks a time stamping service; reply is what it answered, not yet checked.
type Stamper interface {
	Ask(ctx context.Context, request []byte) (reply []byte, err error)
}

// KeepLog numbers all events that wait, signs the log's state and keeps it apart.
// It may die anywhere: the casebook changes in one transaction, and the file is
// brought up to it the next time.
func (w *Workshop) KeepLog(ctx context.Context, l CustodyLog) error {
	var err error
	if l.Kept, err = ReadCheckpoint(l.Path); err != nil {
		return fmt.Errorf("custody log: %w", err)
	}
	for {
		n, err := w.Book.AdoptCaptures(ctx, custody.Event{At: w.Now(), Device: l.Device}, logLot)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	for {
		step, err := w.Book.ExtendLog(ctx, l.LogKeeper, w.Now(), logLot)
		if err != nil {
			return err
		}
		if step.Signed != l.Kept {
			if err := writeCheckpoint(l.Path, step.Signed); err != nil {
				return fmt.Errorf("custody log: %w", err)
			}
			l.Kept = step.Signed
		}
		if step.Added < logLot {
			return nil
		}
	}
}

// MayRecover makes sure that the casebook is no older than the checkpoint kept in the
// file: what an older one doesn't know of the evidence is not for it to cut.
func (w *Workshop) MayRecover(ctx context.Context, checkpoint string) error {
	kept, err := ReadCheckpoint(checkpoint)
	if err == nil {
		err = w.Book.Follows(ctx, kept)
	}
	if errors.Is(err, casebook.ErrLogBroken) {
		err = fmt.Errorf("evidence: what killed writers left is not cut, since a newer casebook may know it: put back the newest casebook, the one that goes with %s: %w", checkpoint, err)
	}
	return err
}

// maxCheckpointFile is the most that is read of the kept checkpoint, in bytes.
const maxCheckpointFile = 64 << 10

// ReadCheckpoint reads the checkpoint that is kept apart from the casebook; "" when
// there is none.
func ReadCheckpoint(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCheckpointFile))
	return string(text), err
}

// writeCheckpoint replaces the file, whole or not at all.
func writeCheckpoint(path, signed string) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-checkpoint-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // renamed or not
	_, err = io.WriteString(f, signed)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// StampLog asks for the time stamps that are due, the oldest first, until the
// service fails: the rest waits.
func (w *Workshop) StampLog(ctx context.Context, service Stamper) error {
	due, err := w.Book.DueStamps(ctx, stampLot)
	if err != nil {
		return err
	}
	for _, d := range due {
		reply, err := askStamp(ctx, service, d.Signed)
		if err != nil {
			return fmt.Errorf("time stamp of the custody log's %d events, due since %s (%d wait): %w", d.Size, d.Due.Format(time.RFC3339), len(due), err)
		}
		if err := w.Book.SaveStamp(ctx, d.Size, base64.StdEncoding.EncodeToString(reply), w.Now()); err != nil {
			return err
		}
	}
	return nil
}

// askStamp returns an answer that was checked: it is for this checkpoint and this
// question. Whether its signer is trusted is for those to say who verify.
func askStamp(ctx context.Context, service Stamper, signed string) ([]byte, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	nonce := new(big.Int).SetBytes(random[:])
	request, err := stamp.Request([]byte(signed), nonce)
	if err != nil {
		return nil, err
	}
	reply, err := service.Ask(ctx, request)
	if err != nil {
		return nil, err
	}
	s, err := stamp.Open(reply, []byte(signed), nil)
	if err != nil {
		return nil, err
	}
	if s.Nonce == nil || s.Nonce.Cmp(nonce) != 0 {
		return nil, errors.New("the answer is to another question (nonce)")
	}
	return reply, nil
}

// HTTPStamper asks a service as RFC 3161, section 3.4, says.
type HTTPStamper struct {
	URL    string
	Client *http.Client
}

// NewHTTPStamper makes one that follows no redirect.
func NewHTTPStamper(url string) HTTPStamper {
	return HTTPStamper{url, &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}, // asked once an hour
		Timeout:       stampTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Ask implements Stamper.
func (h HTTPStamper) Ask(ctx context.Context, request []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", stamp.ContentType)
	req.Header.Set("Accept", stamp.ReplyType)
	res, err := h.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")) // what can't be read is none
	if res.StatusCode != http.StatusOK || kind != stamp.ReplyType {
		return nil, fmt.Errorf("the service answers %s with %.60q, want 200 with %q", res.Status, kind, stamp.ReplyType)
	}
	reply, err := io.ReadAll(io.LimitReader(res.Body, stamp.MaxReply+1))
	if err == nil && len(reply) > stamp.MaxReply {
		err = fmt.Errorf("the service's answer is longer than %d bytes", stamp.MaxReply)
	}
	return reply, err
}
