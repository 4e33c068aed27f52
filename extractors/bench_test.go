//go:build unix

package extractors_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"resumewatch/bench/archivegen/gen"
	"resumewatch/extractors"
	"resumewatch/extractors/fold"
	"resumewatch/extractors/lexicon"
)

// archive is the texts of an invented group archive, senders and times cut off.
func archive(b *testing.B, listings float64, messages int64) (texts []string, size int64) {
	b.Helper()
	var out bytes.Buffer
	if _, err := gen.Chat(&out, gen.Options{Messages: messages, Listings: listings, Seed: 7}); err != nil {
		b.Fatal(err)
	}
	for _, m := range strings.Split(out.String(), "\r\n\r\n") {
		_, text, ok := strings.Cut(m, "\r\n")
		if !ok || text == "" {
			continue
		}
		texts = append(texts, text)
		size += int64(len(text))
	}
	return texts, size
}

// words are what somebody without this package would start with.
var words = regexp.MustCompile("简历|智联|前程无忧|猎聘|企业号|下载点|账号|出售|收购|求购|代下|批发|一手|二手|招聘|会员")

// talk is the talk of the development corpus, with other numbers: what is no listing, hard
// cases among it, or what is one.
func talk(b *testing.B, listings bool) (texts []string, size int64) {
	b.Helper()
	f, err := os.Open("testdata/voices-b.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var d labelled
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			b.Fatal(err)
		}
		if d.Listing.Listing == listings {
			texts = append(texts, d.Text)
			size += int64(len(d.Text))
		}
	}
	return texts, size
}

// busy is the processor time that the process has used: on a machine with other
// work the clock on the wall says little.
func busy(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report adds megabytes per second of processor time.
func report(b *testing.B, size int64, began time.Duration) {
	if d := busy(b) - began; d > 0 {
		b.ReportMetric(float64(size)*float64(b.N)/1e6/d.Seconds(), "MB/cpu-s")
	}
}

// BenchmarkChat reads the talk of the development corpus in which nobody sells,
// BenchmarkGenerated chat of the generator of archives, BenchmarkAdverts nothing but adverts:
// fold and automaton alone, all, and one regular expression of sixteen words, which finds all
// places or only the first.
func BenchmarkChat(b *testing.B) {
	texts, size := talk(b, false)
	against(b, texts, size)
}

// BenchmarkGenerated is as BenchmarkChat for chat without hard cases.
func BenchmarkGenerated(b *testing.B) {
	texts, size := archive(b, 0, 20000)
	against(b, texts, size)
}

// BenchmarkAdverts is as BenchmarkChat for adverts.
func BenchmarkAdverts(b *testing.B) {
	texts, size := talk(b, true)
	against(b, texts, size)
}

func against(b *testing.B, texts []string, size int64) {
	run := func(name string, read func(string)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			began := busy(b)
			for b.Loop() {
				for _, s := range texts {
					read(s)
				}
			}
			report(b, size, began)
		})
	}
	x := extractor(b)
	l, err := lexicon.Load()
	if err != nil {
		b.Fatal(err)
	}
	scanner := l.NewScanner(new(fold.Folder), new(lexicon.Weights))
	run("automaton", func(s string) {
		if _, ok := scanner.Scan(s); !ok {
			f := fold.Fold(s)
			l.Gist(f.Folded)
		}
	})
	run("extract", func(s string) { x.Extract(s, extractors.Options{}) })
	run("thorough", func(s string) { x.Extract(s, extractors.Options{Thorough: true}) })
	run("regexp-all", func(s string) { words.FindAllStringIndex(s, -1) })
	run("regexp-first", func(s string) { words.MatchString(s) })
}

// BenchmarkMemory is what an extractor holds when it is made and once it has read much.
func BenchmarkMemory(b *testing.B) {
	texts, _ := talk(b, true)
	held := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	for b.Loop() {
		before := held()
		x := extractor(b)
		made := held()
		for size := 0; size < 10<<20; {
			for _, s := range texts {
				x.Extract(s, extractors.Options{})
				size += len(s)
			}
		}
		b.ReportMetric(made-before, "MB/new")
		b.ReportMetric(held()-before, "MB/used")
		runtime.KeepAlive(x)
	}
}

// hostile are texts that are made to be slow, by what is repeated in them.
var hostile = map[string]string{
	"blank": " ", "invisible": "\u200b", "invalid": "\xff", "cut": "\xe4\xbd", "brackets": "(", "pairs": "(简)", "quotes": "「", "said": "> 智联\n", "words": "简历", "spaced": "出 简 历 ", "components": "亻言",
	"digits": "1", "numerals": "一百", "contacts": "加qq1000012345 2元一份 ", "rows": "张*|男|13800138000\n", "cells": "张*|", "commas": "智联，", "latin": "jian li ", "labels": "姓名:", "stars": "简*", "lines": "智\n",
}

// BenchmarkHostile shows that the time a byte doesn't grow with the text: ns/byte of all
// sizes up to what Extract reads.
func BenchmarkHostile(b *testing.B) {
	x := extractor(b)
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		for _, times := range []int{1, 8, 16, 64} {
			b.Run(name+"/"+strconv.Itoa(times), func(b *testing.B) {
				s := repeated(hostile[name], times<<10)
				for b.Loop() {
					x.Extract(s, extractors.Options{Thorough: true})
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(s)), "ns/byte")
			})
		}
	}
}

func repeated(s string, size int) string { return strings.Repeat(s, size/len(s)+1)[:size] }
