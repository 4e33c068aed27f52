package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"resumewatch/internal/casebook"
	"resumewatch/internal/custody"
	"resumewatch/internal/evidence"
	"resumewatch/internal/wacz"
)

// waczSecret is the name of the secret in data/keys that the key which signs
// packages comes of.
const waczSecret = "wacz"

// Package is what OpenWACZ made, as `evidence open --wacz` prints it.
type Package struct {
	File     string `json:"file"`
	Captures int    `json:"captures"`
	Hash     string `json:"hash"`   // of its datapackage.json
	Signer   string `json:"signer"` // fingerprint of the key that signed it
}

// OpenWACZ unseals captures into one WACZ package. Names are those of
// OpenEvidence; a capture that several of them mean goes in once, and with a revisit
// goes what it is one of.
func (r *Reader) OpenWACZ(ctx context.Context, file string, identityFiles, names []string) (out Package, err error) {
	if !strings.HasSuffix(file, ".wacz") {
		return out, Usagef("--wacz %s: the name of a package ends in .wacz", file)
	}
	store, ids, err := Evidence(ctx, r.opts, identityFiles...)
	if err != nil {
		return out, err
	}
	var refs []evidence.Ref
	seen := map[string]bool{}
	for _, name := range names {
		found, _, err := r.named(ctx, name)
		if err == nil {
			found, err = r.withOriginals(ctx, found)
		}
		if err != nil {
			return out, err
		}
		for _, c := range found {
			if place := fmt.Sprint(c.File, " ", c.Offset); !seen[place] {
				seen[place] = true
				refs = append(refs, refOf(c))
			}
		}
	}
	keys, err := keyring(r.opts)
	if err != nil {
		return out, err
	}
	secret, err := keys.Secret(waczSecret)
	if err != nil {
		return out, err
	}
	key, err := wacz.Key(secret)
	if err != nil {
		return out, err
	}
	if err := r.noteOpened(ctx, custody.Exported, refs); err != nil {
		return out, err
	}
	f, err := newPart(file)
	if err != nil {
		return out, err
	}
	w, err := wacz.NewWriter(f, wacz.Options{
		Title: "Evidence", Description: fmt.Sprintf("%d captures from the evidence store; evidence/captures.jsonl says which.", len(refs)),
		Software: "resumewatch/" + Version, Created: r.Now(), Key: key, Scratch: filepath.Dir(file),
	})
	if err != nil {
		return out, errors.Join(err, f.drop())
	}
	defer w.Drop()
	for _, ref := range refs {
		plain, err := openCapture(ctx, store, ref, ids, keys)
		if err == nil {
			err = errors.Join(w.Add(ctx, ref, plain), plain.Close())
		}
		if err != nil {
			return out, errors.Join(err, f.drop())
		}
	}
	if err := r.addReceipts(ctx, w, refs); err != nil {
		return out, errors.Join(err, f.drop())
	}
	sum, err := w.Close(ctx)
	if err != nil {
		return out, errors.Join(err, f.drop())
	}
	return Package{file, sum.Captures, sum.Hash, sum.Signer}, f.keep()
}

// withOriginals adds, to revisits, the captures that hold what they are revisits of:
// a viewer shows nothing without.
func (r *Reader) withOriginals(ctx context.Context, found []casebook.Capture) ([]casebook.Capture, error) {
	var out []casebook.Capture
	for _, c := range found {
		if c.Kind == evidence.KindRevisit && c.Refers != "" {
			original, err := r.original(ctx, c)
			if err != nil {
				return nil, err
			}
			out = append(out, original...)
		}
		out = append(out, c)
	}
	return out, nil
}

// original is the newest whole capture in front of a revisit; none where it is kept
// no more.
func (r *Reader) original(ctx context.Context, revisit casebook.Capture) ([]casebook.Capture, error) {
	all, err := r.Book.CapturedAgain(ctx, revisit.Refers)
	if err != nil {
		return nil, err
	}
	root, err := r.Book.CaptureByDigest(ctx, revisit.Refers)
	if err == nil {
		all = append([]casebook.Capture{root}, all...)
	} else if !errors.Is(err, casebook.ErrNotFound) {
		return nil, err
	}
	var found []casebook.Capture
	for _, c := range all {
		if c.Kind != evidence.KindRevisit && c.URL == revisit.URL && !c.At.After(revisit.At) {
			found = []casebook.Capture{c}
		}
	}
	return found, nil
}

// verifyPackage checks a WACZ; a signature by the key of the data folder, if there
// is one, is told as such.
func verifyPackage(ctx context.Context, f *os.File, o Options) (evidence.Report, error) {
	info, err := f.Stat()
	if err != nil {
		return evidence.Report{}, err
	}
	signers, err := ownSigner(o)
	if err != nil {
		return evidence.Report{}, err
	}
	receipts, err := newReceiptCheck(o)
	if err != nil {
		return evidence.Report{}, err
	}
	report, err := wacz.Verify(ctx, f, info.Size(), wacz.VerifyOptions{Signers: signers, Receipt: receipts.line})
	if receipts.any() {
		receipts.told(&report)
	}
	return report, err
}

// ownSigner is the fingerprint of this installation; none where it has no key yet.
func ownSigner(o Options) (map[string]string, error) {
	if o.Config == nil {
		return nil, nil
	}
	if _, err := os.Stat(filepath.Join(o.path("keys"), waczSecret+".key")); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	keys, err := keyring(o)
	if err != nil {
		return nil, err
	}
	secret, err := keys.Secret(waczSecret)
	if err != nil {
		return nil, err
	}
	key, err := wacz.Key(secret)
	if err != nil {
		return nil, err
	}
	fingerprint, err := wacz.Fingerprint(&key.PublicKey)
	return map[string]string{fingerprint: "this installation (" + o.path("keys") + ")"}, err
}
