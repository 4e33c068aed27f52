// Package demo holds the sample sources of `up --demo`: an invented forum
// served on loopback and an invented group archive. All people, numbers and
// addresses in them are made up.
package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/crawlers/forum/discuztest"
)

// The archive: some thousand messages of one group over about a month.
const (
	GroupID  = "1000045678"
	fileName = "人事交流群.txt"
	messages = 4000
	share    = 0.02 // of messages that are listings: a demo wants to show some
	seed     = 20260301
)

// Board starts the demo forum on loopback and returns the address of its index.
// It takes the given port where that is free, so that addresses, and with them
// the posts' ids, stay the same over restarts; else, or with 0, any port. stop
// ends it and waits until its last request is done; it may be called more than
// once. The forum also ends with ctx.
func Board(ctx context.Context, port int) (url string, stop func(), err error) {
	site := forumSite(time.Now)
	url, stop, err = site.StartAt(ctx, port)
	if err != nil && port != 0 {
		url, stop, err = site.StartAt(ctx, 0)
	}
	if err != nil {
		return "", nil, fmt.Errorf("demo board: %w", err)
	}
	return url, stop, nil
}

// Archive writes the demo group's history into dir, in the format of the PC QQ
// message manager, unless it is there, and returns its path and the group's
// number. It is the same on every machine. A file is there whole or not at all.
func Archive(dir string) (path string, groupID string, err error) {
	path = filepath.Join(dir, fileName)
	switch info, err := os.Stat(path); {
	case err == nil && info.Mode().IsRegular():
		return path, GroupID, nil
	case err == nil:
		return "", "", fmt.Errorf("demo archive: %s is in the way", path)
	case !errors.Is(err, fs.ErrNotExist):
		return "", "", fmt.Errorf("demo archive: %w", err)
	}
	if err := write(dir, path); err != nil {
		return "", "", fmt.Errorf("demo archive: %w", err)
	}
	return path, GroupID, nil
}

func write(dir, path string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".archive-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	if _, err := gen.Chat(w, gen.Options{Seed: seed, Messages: messages, Listings: share, Start: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

// forumSite is the demo forum: the same threads on every machine.
func forumSite(now func() time.Time) *discuztest.Site {
	s := discuztest.New(discuztest.Style{Name: "示例职场论坛", Jammer: true, PerList: 20, PerThread: 10}, now)
	for _, b := range boards {
		s.AddBoard(b)
	}
	for i, t := range threads {
		at := firstPost.Add(time.Duration(i*19) * time.Hour)
		thread := discuztest.Thread{Board: t.board, Title: t.title, Sticky: t.sticky, Views: 37 + i*53%911}
		for j, text := range t.posts {
			who := user((i*5 + j*3) % len(people))
			if j == 0 && t.author > 0 {
				who = user(t.author - 1)
			}
			thread.Posts = append(thread.Posts, &discuztest.Post{Author: who, At: at.Add(time.Duration(j*47) * time.Minute), Text: text})
		}
		if t.quotes {
			first, last := thread.Posts[0], thread.Posts[len(thread.Posts)-1]
			last.Quote = &discuztest.Quote{By: first.Author, At: first.At, Text: first.Text}
		}
		s.AddThread(thread)
	}
	return s
}

func user(i int) discuztest.User { return discuztest.User{ID: 101 + i, Name: people[i]} }
