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
		n, err := gen.ParseSize(*size)
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
