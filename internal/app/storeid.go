package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"resumewatch/internal/casebook"
)

const (
	metaEvidence = "evidence.store" // the name that this casebook's evidence bears
	storeIDFile  = "store-id"
)

// matchEvidence makes sure that evidence and casebook belong together, before
// recovery cuts away what the casebook doesn't know of: beside a lost or foreign
// casebook that would be everything.
func matchEvidence(ctx context.Context, book *casebook.Book, dir string) error {
	ours, err := book.Meta(ctx, metaEvidence)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, storeIDFile)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("evidence: %w", err)
	}
	theirs := strings.TrimSpace(string(text))
	if ours != theirs {
		if holds, err := holdsEvidence(dir); err != nil || holds {
			if err != nil {
				return fmt.Errorf("evidence: %w", err)
			}
			return fmt.Errorf("the evidence in %s belongs to another casebook than %s; bring back the casebook it belongs to, or move the evidence away", dir, filepath.Join(filepath.Dir(dir), "casebook.db"))
		}
	}
	if ours == "" {
		var b [16]byte
		rand.Read(b[:])
		ours = hex.EncodeToString(b[:])
		if err := book.SetMeta(ctx, metaEvidence, ours); err != nil {
			return err
		}
	}
	if ours == theirs {
		return nil
	}
	if err := os.WriteFile(path, []byte(ours+"\n"), 0o600); err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	return nil
}

// holdsEvidence reports whether there is any sealed file.
func holdsEvidence(dir string) (bool, error) {
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".age") && !d.IsDir() {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found, err
}
