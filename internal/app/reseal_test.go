package app

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"resumewatch/internal/casebook"
	"resumewatch/internal/evidence"
)

// laterOn gives options whose clock is two months ahead.
func laterOn(o Options) Options {
	env := o.Env
	o.Env = func(key string) string {
		if key == "RESUMEWATCH_CLOCK_OFFSET" {
			return "1600h"
		}
		return env(key)
	}
	return o
}

// heldCase imports a group and puts it on hold in a case of its own; it returns the
// number of captures.
func heldCase(t *testing.T, o Options, group string) int {
	t.Helper()
	_, err := Import(t.Context(), o, ImportOptions{Paths: []string{archiveOf(t, 400)}, GroupID: group})
	must(t, err)
	captures := 0
	must(t, withBook(t.Context(), o, func(book *casebook.Book) error {
		by := casebook.Act{At: time.Now(), Who: "li"}
		if _, err := book.User(t.Context(), "li"); errors.Is(err, casebook.ErrNotFound) {
			must(t, book.AddUser(t.Context(), casebook.User{Name: "li", Role: casebook.RoleAdmin, Password: "$argon2id$1"}, by))
		}
		return book.Captures(t.Context(), 0, func(c casebook.Capture) error {
			if c.Source == "qq-"+group {
				captures++
			}
			return nil
		})
	}))
	c, err := NewCase(t.Context(), o, "held", "li")
	must(t, err)
	_, err = AddToCase(t.Context(), o, c.ID, []string{"source:qq-" + group}, "li")
	must(t, err)
	held, err := HoldCase(t.Context(), o, c.ID, true, "", "li")
	must(t, err)
	if captures < 3 || held.Held.Captures != int64(captures) {
		t.Fatalf("%d captures, held are %+v", captures, held.Held)
	}
	return captures
}

// opened opens every capture of a source and counts those that no key opens.
func opened(t *testing.T, o Options, source string, identityFiles ...string) (open, shut int) {
	t.Helper()
	store, ids, err := Evidence(t.Context(), o, identityFiles...)
	must(t, err)
	must(t, withBook(t.Context(), o, func(book *casebook.Book) error {
		return book.Captures(t.Context(), 0, func(c casebook.Capture) error {
			if c.Source != source {
				return nil
			}
			plain, err := evidence.Open(t.Context(), store, refOf(c), ids)
			if errors.Is(err, evidence.ErrNoIdentity) {
				shut++
				return nil
			}
			if err != nil {
				return err
			}
			open++
			_, err = io.Copy(io.Discard, plain)
			return errors.Join(err, plain.Close())
		})
	}))
	return open, shut
}

// What a hold keeps outlives its month, in a folder and in S3-compatible storage; the
// next case takes over from the first.
func TestResealHeld(t *testing.T) {
	for _, where := range []string{"folder", "s3"} {
		t.Run(where, func(t *testing.T) {
			o := testOptions(t)
			if where == "s3" {
				onFake(t, &o)
			}
			resealAndHandOver(t, o)
		})
	}
}

func resealAndHandOver(t *testing.T, o Options) {
	held := heldCase(t, o, "1000045678")
	_, err := Import(t.Context(), o, ImportOptions{Paths: []string{archiveOf(t, 400)}, GroupID: "1000045679"})
	must(t, err)
	month := evidence.Month(time.Now())
	o = laterOn(o)
	_, err = EraseKey(t.Context(), o, EraseOptions{Key: month, Reason: "policy"})
	if err == nil || !strings.Contains(err.Error(), "held by C-1") {
		t.Fatalf("a held month was erased: %v", err)
	}
	done, err := EraseKey(t.Context(), o, EraseOptions{Key: month, Reason: "policy", ResealHeld: true})
	must(t, err)
	same(t, "resealed", held, done.Resealed)
	open, shut := opened(t, o, "qq-1000045678")
	same(t, "held captures that open", []int{held, 0}, []int{open, shut})
	open, shut = opened(t, o, "qq-1000045679")
	if open != 0 || shut == 0 {
		t.Errorf("%d captures of the month open, %d don't", open, shut)
	}

	// Another case goes on with them, then nobody.
	_, err = NewCase(t.Context(), o, "second", "li")
	must(t, err)
	_, err = AddToCase(t.Context(), o, "C-2", []string{"source:qq-1000045678"}, "li")
	must(t, err)
	_, err = HoldCase(t.Context(), o, "C-2", true, "", "li")
	must(t, err)
	_, err = EraseKey(t.Context(), o, EraseOptions{Key: "C-1", Reason: "over", ResealHeld: true})
	if err == nil || !strings.Contains(err.Error(), "C-1 is on hold") {
		t.Fatalf("the key of a hold that is on was erased: %v", err)
	}
	_, err = HoldCase(t.Context(), o, "C-1", false, "", "li")
	must(t, err)
	_, err = EraseKey(t.Context(), o, EraseOptions{Key: "C-1", Reason: "over"})
	if err == nil || !strings.Contains(err.Error(), "hold-C-1 is held by C-2") {
		t.Fatalf("the key of what another case holds was erased: %v", err)
	}
	done, err = EraseKey(t.Context(), o, EraseOptions{Key: "C-1", Reason: "over", ResealHeld: true})
	must(t, err)
	same(t, "handed over", held, done.Resealed)
	open, shut = opened(t, o, "qq-1000045678")
	same(t, "held captures that open", []int{held, 0}, []int{open, shut})
	_, err = HoldCase(t.Context(), o, "C-2", false, "", "li")
	must(t, err)
	_, err = EraseKey(t.Context(), o, EraseOptions{Key: "C-2", Reason: "over"})
	must(t, err)
	open, shut = opened(t, o, "qq-1000045678")
	same(t, "afterwards", []int{0, held}, []int{open, shut})
	r, err := OpenReader(t.Context(), o)
	must(t, err)
	defer r.Close()
	report, err := r.VerifyEvidence(t.Context(), nil)
	must(t, err)
	for _, c := range report.Checked {
		if !c.OK {
			t.Errorf("%s: %s", c.What, c.Detail)
		}
	}
}

// Without the identity that opens the month nothing is sealed anew and nothing erased.
func TestResealWithoutIdentity(t *testing.T) {
	o := testOptions(t)
	id, err := age.GenerateX25519Identity()
	must(t, err)
	c := *o.Config
	c.Evidence.SealTo = []string{id.Recipient().String()}
	o.Config = &c
	held := heldCase(t, o, "1000045678")
	month := evidence.Month(time.Now())
	o = laterOn(o)
	_, err = EraseKey(t.Context(), o, EraseOptions{Key: month, Reason: "policy", ResealHeld: true})
	if !errors.Is(err, evidence.ErrNoIdentity) {
		t.Fatalf("error %v", err)
	}
	file := filepath.Join(t.TempDir(), "key.txt")
	must(t, os.WriteFile(file, []byte(id.String()+"\n"), 0o600))
	open, shut := opened(t, o, "qq-1000045678", file)
	same(t, "before", []int{held, 0}, []int{open, shut})
	done, err := EraseKey(t.Context(), o, EraseOptions{Key: month, Reason: "policy", ResealHeld: true, Identity: []string{file}})
	must(t, err)
	same(t, "resealed", []int{held, 0}, []int{done.Resealed, done.Captures})
	if _, err := os.Stat(filepath.Join(o.Data, "keys", "hold-C-1.age")); err != nil {
		t.Error(err)
	}
	open, shut = opened(t, o, "qq-1000045678", file)
	same(t, "after", []int{held, 0}, []int{open, shut})
}
