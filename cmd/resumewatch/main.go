// Command resumewatch watches the places where stolen resumes and recruiter
// accounts are sold, turns offers into alerts and keeps the evidence.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // archives name zones, also on machines without a table of them

	"github.com/alecthomas/kong"

	"resumewatch/internal/app"
	"resumewatch/internal/config"
	"resumewatch/internal/jobs"
	"resumewatch/internal/telemetry"
)

// Exit codes, frozen.
const (
	exitDone        = 0
	exitFailed      = 1 // something that was asked for could not be done
	exitUsage       = 2 // wrong usage or configuration
	exitInterrupted = 130
)

func main() {
	noCore()
	ctx, end := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if <-signals == os.Interrupt {
			end(context.Canceled)
		} else {
			end(errTerminated)
		}
		signal.Stop(signals) // a second Ctrl-C doesn't wait
	}()
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	os.Exit(code)
}

// errTerminated is why a context ended when whoever runs the program ended it:
// for what runs until it is stopped, that is a good end.
var errTerminated = errors.New("terminated")

// grammar is the command line. One file a verb.
type grammar struct {
	Config    string `help:"Configuration file (YAML)." type:"path" placeholder:"FILE"`
	Data      string `help:"Data folder (default: ./data, for --demo ./data/demo)." type:"path" placeholder:"DIR"`
	JSON      bool   `name:"json" help:"Machine-readable output on stdout."`
	LogLevel  string `help:"Least grave level logged on stderr: debug, info, warn, error." placeholder:"LEVEL"`
	LogFormat string `help:"Log lines as text or json." placeholder:"FORMAT"`

	Up        upCmd        `cmd:"" help:"Run everything in one process."`
	Import    importCmd    `cmd:"" help:"Read archives of chats."`
	Crawl     crawlCmd     `cmd:"" help:"Look at boards or threads now."`
	Extract   extractCmd   `cmd:"" help:"Read messages and print what they offer; nothing is stored."`
	Search    searchCmd    `cmd:"" help:"Find listings, newest first."`
	Alert     alertCmd     `cmd:"" help:"Look at alerts."`
	Review    reviewCmd    `cmd:"" help:"Decide about posts that the extractor is in doubt of."`
	Case      caseCmd      `cmd:"" help:"Collect alerts into cases, and keep what they are about."`
	User      userCmd      `cmd:"" help:"Say who may sign in to the console."`
	Token     tokenCmd     `cmd:"" help:"Let programs in."`
	Lexicon   lexiconCmd   `cmd:"" help:"Look at the words of the trade: what there is, why a text was read so."`
	Rule      ruleCmd      `cmd:"" help:"Look at the rules that raise alerts."`
	Source    sourceCmd    `cmd:"" help:"Say what is watched."`
	Evidence  evidenceCmd  `cmd:"" help:"List, open and check captures."`
	Privacy   privacyCmd   `cmd:"" help:"Look for people whose records were shown, erase them, see what was masked."`
	Sample    sampleCmd    `cmd:"" help:"Compare the people in samples with somebody's own."`
	Verify    verifyCmd    `cmd:"" help:"Check a WARC file offline."`
	Dump      dumpCmd      `cmd:"" help:"Print what the casebook says."`
	Reread    rereadCmd    `cmd:"" help:"Read again, with this version of the program, what was read before."`
	Retention retentionCmd `cmd:"" help:"Drop what is old."`
	Reindex   reindexCmd   `cmd:"" help:"Rebuild the search index from the casebook."`
	ConfigC   configCmd    `cmd:"" name:"config" help:"Check or show the configuration."`
	Doctor    doctorCmd    `cmd:"" help:"Look whether every part is well."`
	Worker    workerCmd    `cmd:"" help:"Read archives and visit pages, beside other workers on shared servers."`
	Scheduler schedulerCmd `cmd:"" help:"Hand work out and keep index, offers and alerts current, on shared servers."`
	Console   consoleCmd   `cmd:"" help:"The web console, on shared servers."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// errFailed ends a command with exit code 1 after it has said why.
var errFailed = errors.New("failed")

// run is the program: arguments and streams in, exit code out.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var g grammar
	exited := -1
	parser, err := kong.New(&g, kong.Name("resumewatch"),
		kong.Description("Watches QQ groups and forums for the sale of stolen resumes and recruiter accounts."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	if err != nil {
		fmt.Fprintln(stderr, "resumewatch:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(protectQuery(args))
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		complain(stderr, err.Error())
		return exitUsage
	}
	env := &environment{g: &g, environ: environ, stdin: stdin, stdout: stdout, stderr: stderr}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(env)
	return exitCode(ctx, err, stderr)
}

func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	var usage *app.UsageError
	var bad config.Errors
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		if errors.Is(err, app.ErrOthersGoOn) {
			fmt.Fprintf(stderr, "resumewatch: stopped waiting; %v\n", app.ErrOthersGoOn)
			return exitInterrupted
		}
		fmt.Fprintln(stderr, "resumewatch: stopped; what was not done goes on at the next start")
		return exitInterrupted
	case errors.As(err, &bad):
		for _, line := range strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") {
			complain(stderr, line)
		}
		return exitUsage
	case errors.As(err, &usage):
		complain(stderr, oneLine(usage.Reason))
		return exitUsage
	case errors.Is(err, errFailed):
		return exitFailed
	}
	complain(stderr, telemetry.Secrets(oneLine(err.Error())))
	return exitFailed
}

func oneLine(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "; ") }

// complain prints what went wrong, without numbers of people: names of files and words
// of a query may hold some, and standard error ends in logs.
func complain(stderr io.Writer, what string) {
	fmt.Fprintln(stderr, "resumewatch:", visible(jobs.Clean(what)))
}
