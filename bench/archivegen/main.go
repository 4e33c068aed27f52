// Archivegen writes an invented QQ group archive to standard output, for
// measuring how archives are read.
//
//	go run ./bench/archivegen --size 1GB --listings 0.002 --seed 1 > chat.txt
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"resumewatch/bench/archivegen/gen"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "archivegen:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("archivegen", flag.ContinueOnError)
	size := flags.String("size", "", "bytes to write, such as 100MB or 1GB (powers of ten) or 1GiB")
	var o gen.Options
	flags.Int64Var(&o.Messages, "messages", 0, "messages to write, instead of or besides --size")
	flags.Float64Var(&o.Listings, "listings", 0.002, "share of messages that are listings")
	flags.Uint64Var(&o.Seed, "seed", 1, "the same seed gives the same bytes")
	flags.BoolVar(&o.GBK, "gbk", false, "GB18030 instead of UTF-8")
	flags.IntVar(&o.Conversations, "conversations", 1, "conversations in the file")
	flags.IntVar(&o.People, "people", 0, "people who chat (400)")
	flags.IntVar(&o.Sellers, "sellers", 0, "sellers (40)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *size != "" {
		n, err := bytesOf(*size)
		if err != nil {
			return err
		}
		o.Size = n
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	stats, err := gen.Chat(out, o)
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d messages, %d of them listings, %d system rows\n", stats.Messages, stats.Listings, stats.System)
	return nil
}

// bytesOf reads "1GB", "100MiB" or a plain number.
func bytesOf(s string) (int64, error) {
	units := []struct {
		name string
		n    float64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n <= 0 || n*u.n > 1e15 {
			break
		}
		return int64(n * u.n), nil
	}
	return 0, fmt.Errorf("--size %q: want a number of bytes such as 100MB or 1GB", s)
}
