package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"resumewatch/bench/board"
)

// serveBoard is the first argument of the process that serves the board.
const serveBoard = "serve-board"

// runBoard serves the board until it is told to stop.
func runBoard(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet(serveBoard, flag.ContinueOnError)
	pages := flags.Int("pages", 0, "pages of the board")
	seed := flags.Uint64("seed", 1, "seed of the board")
	if err := flags.Parse(args); err != nil {
		return err
	}
	site := board.New(*pages, *seed)
	site.Warm()
	address, stop, err := site.Start(ctx, 0)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintln(out, address, site.Threads)
	<-ctx.Done()
	return nil
}

// boardProcess is the board, served by a process of its own: what it costs isn't
// counted with what is measured, and it must not be what is waited for.
type boardProcess struct {
	address  *url.URL
	capacity float64 // pages a second that it can serve to eight askers at once
	cmd      *exec.Cmd
}

func startBoard(ctx context.Context, pages int, seed uint64) (b *boardProcess, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	b = &boardProcess{cmd: exec.CommandContext(ctx, self, serveBoard, "--pages", strconv.Itoa(pages), "--seed", strconv.FormatUint(seed, 10))}
	b.cmd.Stderr = os.Stderr
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.stop())
		}
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	address, threads, _ := strings.Cut(strings.TrimSpace(line), " ")
	n, err := strconv.Atoi(threads)
	if err != nil {
		return nil, fmt.Errorf("board said %q: %w", line, err)
	}
	if b.address, err = url.Parse(address); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	b.capacity, err = b.measure(ctx, n)
	return b, err
}

// measure asks for pages as fast as eight askers can.
func (b *boardProcess) measure(ctx context.Context, threads int) (float64, error) {
	const askers, each = 8, 250
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: askers}}
	defer client.CloseIdleConnections()
	errs := make([]error, askers)
	began := time.Now()
	var all sync.WaitGroup
	for a := range askers {
		all.Go(func() {
			for i := range each {
				if errs[a] = b.get(ctx, client, 1+(a*each+i)%threads); errs[a] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return askers * each / time.Since(began).Seconds(), errors.Join(errs...)
}

func (b *boardProcess) get(ctx context.Context, client *http.Client, thread int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.address.String()+"forum.php?mod=viewthread&tid="+strconv.Itoa(thread), http.NoBody)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("board: %w", err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("board: thread %d: %s, %w", thread, res.Status, err)
	}
	return nil
}

// stop ends the process.
func (b *boardProcess) stop() error {
	if err := b.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("board: %w", err)
	}
	var exit *exec.ExitError
	if err := b.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("board: %w", err)
	}
	return nil
}
