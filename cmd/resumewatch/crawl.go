package main

import (
	"context"

	"resumewatch/internal/app"
)

type crawlCmd struct {
	Engine         string   `help:"Forum engine (default: found from the page)." placeholder:"NAME"`
	Pages          int      `help:"Read only the first N pages of a board's list." placeholder:"N"`
	Again          bool     `help:"Look at every known page below as well."`
	Rate           string   `help:"Budget of the host, such as 30/1m (the default); 0 is none and needs --allow-private." placeholder:"N/1m"`
	AllowPrivate   []string `help:"A private address that may be visited all the same; repeatable." placeholder:"HOST:PORT"`
	Authority      string   `help:"Why it may be read." placeholder:"TEXT"`
	IgnoreRobotsBy string   `help:"Name and ticket of who allowed to ignore robots.txt." placeholder:"TEXT"`
	URL            []string `arg:"" name:"url" help:"Addresses of boards, threads or whole forums."`
}

func (crawlCmd) Help() string {
	return "Example: resumewatch crawl --pages 3 https://bbs.example.com/forum-2-1.html\n\nA board is read whole on first sight, later down to what is known; a thread whole; a forum's address means all its public boards."
}

func (c crawlCmd) Run(ctx context.Context, e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	report, err := app.Crawl(ctx, o, app.CrawlOptions{
		URLs: c.URL, Engine: c.Engine, Pages: c.Pages, Again: c.Again, Rate: c.Rate, AllowPrivate: c.AllowPrivate,
		Authority: c.Authority, IgnoreRobotsBy: c.IgnoreRobotsBy,
	})
	if err != nil {
		return err
	}
	return e.report(report)
}
