package app

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	timestamp "resumewatch/internal/custody/stamp"
	"resumewatch/internal/evidence"
	"resumewatch/internal/wacz"
)

// isReceipt reports whether a file begins as a receipt does.
func isReceipt(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{"))
}

// maxReceipt bounds a receipt that is read, in bytes.
const maxReceipt = 32 << 20

// verifyReceipt checks a receipt of the custody log.
func verifyReceipt(f *os.File, o Options) (evidence.Report, error) {
	r := evidence.Report{OK: true}
	text, err := io.ReadAll(io.LimitReader(f, maxReceipt+1))
	if err != nil {
		return r, err
	}
	c, err := newReceiptCheck(o)
	if err != nil {
		return r, err
	}
	proven, err := c.check(text)
	if err != nil {
		return evidence.Report{Checked: []evidence.Check{{What: "receipt", Detail: err.Error()}}}, nil
	}
	e := proven.event
	detail := fmt.Sprintf("event %d (%s, %s, %d captures) stands under the checkpoint of %d events that was signed on %s", proven.number, e.Kind, stamp(e.At), len(e.Captures), proven.over.Size, stamp(proven.over.At))
	if c.stamps == 0 {
		detail += "; nobody else has stamped that time"
	}
	r.Checked = append(r.Checked, evidence.Check{What: "receipt", OK: true, Detail: detail})
	for i, item := range e.Captures {
		if i == maxItemsTold {
			r.Checked = append(r.Checked, evidence.Check{What: "captures", OK: true, Detail: fmt.Sprintf("%d more", len(e.Captures)-i)})
			break
		}
		r.Checked = append(r.Checked, evidence.Check{What: "capture", OK: true, Detail: fmt.Sprintf("%s, sealed %s", item.Digest, item.Sealed)})
	}
	c.told(&r)
	return r, nil
}

// maxItemsTold is how many captures of a receipt are listed.
const maxItemsTold = 1000

// receiptCheck checks receipts and gathers whose logs they are of.
type receiptCheck struct {
	own    string // this installation's public key; "" none
	opts   Options
	others map[string]bool // keys that nobody here knows
	known  int             // receipts of this installation's log
	stamps int
}

func newReceiptCheck(o Options) (*receiptCheck, error) {
	c := &receiptCheck{opts: o, others: map[string]bool{}}
	if o.Config == nil {
		return c, nil
	}
	if _, err := os.Stat(filepath.Join(o.path("keys"), custodyKey+".pub")); errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	keys, err := keyring(o)
	if err != nil {
		return nil, err
	}
	c.own, err = keys.Published(custodyKey)
	return c, err
}

// proven is what a receipt shows.
type proven struct {
	number int64
	event  custody.Event
	over   custody.Checkpoint
}

func (c *receiptCheck) check(text []byte) (p proven, err error) {
	d, err := custody.ParseDocument(text)
	if err != nil {
		return p, err
	}
	p.number = d.Number
	if p.event, p.over, err = d.Check(d.Log); err != nil {
		return p, err
	}
	if d.Stamp != "" {
		if err := c.stamp(d); err != nil {
			return p, fmt.Errorf("time stamp: %w", err)
		}
		c.stamps++
	}
	if d.Log == c.own {
		c.known++
	} else {
		c.others[d.Log] = true
	}
	return p, nil
}

func (c *receiptCheck) stamp(d custody.Document) error {
	reply, err := base64.StdEncoding.Strict().DecodeString(d.Stamp)
	if err != nil {
		return err
	}
	roots, err := c.opts.stampRoots()
	if err != nil {
		return err
	}
	_, err = timestamp.Open(reply, []byte(d.Checkpoint), roots)
	return err
}

// stampRoots are the roots of the configuration, if there is one; nil: none are named.
func (o Options) stampRoots() (*x509.CertPool, error) {
	if o.Config == nil {
		return nil, nil
	}
	return stampRoots(o.Config.Evidence.TimestampCAFile)
}

// any reports whether a good receipt was among those checked.
func (c *receiptCheck) any() bool { return c.known > 0 || len(c.others) > 0 }

// told adds whose logs the receipts are of, as far as that can be known.
func (c *receiptCheck) told(r *evidence.Report) {
	if c.known > 0 {
		r.Checked = append(r.Checked, evidence.Check{What: "log", OK: true, Detail: fmt.Sprintf("of this installation (%s)", c.opts.path("keys"))})
	}
	for _, key := range slices.Sorted(maps.Keys(c.others)) {
		r.Unchecked = append(r.Unchecked, fmt.Sprintf("whose log it is: compare its public key %.200s with the one that the sender has published", key))
	}
	switch {
	case c.stamps == 0:
	case c.opts.Config == nil || c.opts.Config.Evidence.TimestampCAFile == "":
		r.Unchecked = append(r.Unchecked, "time stamps: whether their signers are to be trusted; evidence.timestamp_ca_file names no roots")
	default:
		r.Checked = append(r.Checked, evidence.Check{What: "time stamps", OK: true, Detail: fmt.Sprintf("%d good", c.stamps)})
	}
}

// line checks one receipt of a package and returns the captures that it is for.
func (c *receiptCheck) line(text []byte) ([]string, error) {
	p, err := c.check(text)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(p.event.Captures))
	for i, item := range p.event.Captures {
		out[i] = item.Digest
	}
	return out, nil
}

// addReceipts puts receipts for captures into a package, as far as their events have
// numbers; `verify` tells of those without.
func (r *Reader) addReceipts(ctx context.Context, w *wacz.Writer, refs []evidence.Ref) error {
	keys, err := keyring(r.opts)
	if err != nil {
		return err
	}
	public, err := keys.Published(custodyKey)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nobody has kept a log yet
	}
	if err != nil {
		return err
	}
	digests := make([]string, len(refs))
	for i, ref := range refs {
		digests[i] = ref.Digest
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	return r.Book.Receipts(ctx, digests, func(found casebook.Receipt) error {
		line.Reset()
		if err := enc.Encode(custody.Document{Format: custody.DocumentFormat, Log: public, Receipt: found.Receipt, Stamp: found.Stamp}); err != nil {
			return err
		}
		if line.Len() > wacz.MaxReceipt {
			return nil
		}
		return w.AddReceipt(line.Bytes())
	})
}
