// Importbench measures the import of invented group archives: seconds, MB/s and
// peak memory for each size, and the same archive again, which must add nothing.
//
//	go run ./bench/importbench --sizes 100MB,1GB
//
// It exits with 1 when the second import adds something, or when the bounds on
// memory that the program promises are broken: 300 MB, and for the largest size
// at most 1.2 times that for the smallest.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/bench/program"
)

// Promised bounds of an import's memory.
const (
	maxRSS    = 300_000_000
	maxGrowth = 1.2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "importbench:", err)
		os.Exit(1)
	}
}

// measured is one size.
type measured struct {
	size, messages, planted int64
	first, again            program.Ended
	one, two                summary
}

// summary is what is looked at of the document that an import ends with.
type summary struct {
	Visits     map[string]int64 `json:"visits"`
	Posts      int64            `json:"posts"`
	Duplicates int64            `json:"duplicates"`
	Listings   int64            `json:"listings"`
	Offers     int64            `json:"offers"`
	Alerts     int64            `json:"alerts"`
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("importbench", flag.ContinueOnError)
	sizes := flags.String("sizes", "100MB,1GB", "sizes of the archives, smallest first")
	listings := flags.Float64("listings", 0.002, "share of messages that are listings")
	seed := flags.Uint64("seed", 1, "seed of the archives")
	dir := flags.String("dir", "", "folder to work in (default: a temporary one, removed at the end)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	work := *dir
	if work == "" {
		if work, err = os.MkdirTemp("", "importbench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	}
	binary, err := program.Build(ctx, work)
	if err != nil {
		return err
	}
	var all []measured
	for _, text := range strings.Split(*sizes, ",") {
		size, err := gen.ParseSize(text)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "importbench: %s\n", text)
		m, err := measure(ctx, work, binary, gen.Options{Size: size, Listings: *listings, Seed: *seed})
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		all = append(all, m)
	}
	if err := table(out, all); err != nil {
		return err
	}
	return judge(all)
}

func measure(ctx context.Context, dir, binary string, o gen.Options) (m measured, err error) {
	path := filepath.Join(dir, fmt.Sprintf("archive-%d.txt", o.Size))
	data := filepath.Join(dir, fmt.Sprintf("data-%d", o.Size))
	defer func() { err = errors.Join(err, os.RemoveAll(data), os.Remove(path)) }()
	stats, err := write(path, o)
	if err != nil {
		return m, err
	}
	m.size, m.messages, m.planted = stats.Bytes, stats.Messages, stats.Listings
	args := []string{"import", "--data", data, "--json", "--group-id", "1000012345", path}
	if m.first, err = program.Run(ctx, binary, args...); err == nil {
		err = errors.Join(m.first.Err(), m.first.JSON(&m.one))
	}
	if err != nil {
		return m, fmt.Errorf("import: %w", err)
	}
	if m.again, err = program.Run(ctx, binary, args...); err == nil {
		err = errors.Join(m.again.Err(), m.again.JSON(&m.two))
	}
	if err != nil {
		return m, fmt.Errorf("import again: %w", err)
	}
	return m, nil
}

func write(path string, o gen.Options) (stats gen.Stats, err error) {
	f, err := os.Create(path)
	if err != nil {
		return stats, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	if stats, err = gen.Chat(w, o); err != nil {
		return stats, err
	}
	return stats, w.Flush()
}

func table(out io.Writer, all []measured) error {
	fmt.Fprintf(out, "%s, %d processors\n", runtime.Version(), runtime.NumCPU())
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "archive\tmessages\tposts\tlistings\talerts\tseconds\tMB/s\tCPU s\tpeak MB\tagain s\tagain peak MB\tagain new\t")
	for _, m := range all {
		fmt.Fprintf(w, "%d MB\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.0f\t%.1f\t%.0f\t%d\t\n", m.size/1e6, m.messages, m.one.Posts, m.one.Listings, m.one.Alerts,
			m.first.Took.Seconds(), float64(m.size)/1e6/m.first.Took.Seconds(), m.first.CPU.Seconds(), float64(m.first.PeakRSS)/1e6,
			m.again.Took.Seconds(), float64(m.again.PeakRSS)/1e6, m.two.added())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(all) > 1 {
		fmt.Fprintf(out, "peak memory, largest against smallest: %.2f\n", growth(all))
	}
	return nil
}

func growth(all []measured) float64 {
	return float64(all[len(all)-1].first.PeakRSS) / float64(all[0].first.PeakRSS)
}

// added is all that an import of known bytes must not bring.
func (s summary) added() int64 {
	n := s.Posts + s.Duplicates + s.Listings + s.Offers + s.Alerts
	for outcome, k := range s.Visits {
		if outcome != "same" {
			n += k
		}
	}
	return n
}

func judge(all []measured) error {
	var errs []error
	for _, m := range all {
		mb := m.size / 1e6
		if m.one.Posts != m.messages {
			errs = append(errs, fmt.Errorf("%d MB: %d messages written, %d read", mb, m.messages, m.one.Posts+m.one.Duplicates))
		}
		if n := m.two.added(); n != 0 || m.two.Visits["same"] == 0 {
			errs = append(errs, fmt.Errorf("%d MB: the second import brought %d new things, %d chunks were the same", mb, n, m.two.Visits["same"]))
		}
		if peak := max(m.first.PeakRSS, m.again.PeakRSS); peak > maxRSS {
			errs = append(errs, fmt.Errorf("%d MB: peak memory %d MB is more than %d MB", mb, peak/1e6, maxRSS/1_000_000))
		}
	}
	if len(all) > 1 && growth(all) > maxGrowth {
		errs = append(errs, fmt.Errorf("peak memory grows with the size: %.2f times, more than %.1f", growth(all), maxGrowth))
	}
	return errors.Join(errs...)
}
