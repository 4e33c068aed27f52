package main

import (
	"context"
	"net/url"

	"resumewatch/bench/board"
)

// forum is a crawl of an invented forum that this process serves: the one thing
// here that is never killed. Its address stays the same over all runs, since
// addresses are part of what the program knows.
type forum struct {
	address *url.URL
	stop    func()
}

// bytesPerPage says how many pages a board has in place of an archive's size.
const bytesPerPage = 50_000

func newBoard(ctx context.Context, size int64, seed uint64) (*forum, error) {
	address, stop, err := board.New(int(size/bytesPerPage), seed).Start(ctx, 0)
	if err != nil {
		return nil, err
	}
	return &forum{address, stop}, nil
}

func (f *forum) name() string { return whatCrawl }

func (f *forum) command() []string {
	return []string{"crawl", "--rate", "0", "--allow-private", f.address.Host, "--authority", "torture of an invented forum", f.address.String()}
}

func (f *forum) close() error {
	f.stop()
	return nil
}
