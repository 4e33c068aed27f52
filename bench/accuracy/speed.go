package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// busy is the processor time that the process has used: on a machine with other work the
// clock on the wall says little.
func busy() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pace is how many megabytes a second of processor time a reader reads: the best of
// three goes of at least a fifth of a second.
func pace(r reader, texts []string) float64 {
	size := 0
	for _, t := range texts {
		size += len(t)
	}
	best := 0.0
	for range 3 {
		began, n := busy(), 0
		for n == 0 || busy()-began < 200*time.Millisecond {
			for _, t := range texts {
				r.read(t)
			}
			n += size
		}
		best = max(best, float64(n)/1e6/(busy()-began).Seconds())
	}
	return best
}

// chatter is the ordinary messages of the development corpus.
func chatter(sets []set) (chat, adverts []string) {
	for _, s := range sets {
		if s.name != rewritten && s.name != "dev" {
			continue
		}
		for i := range s.docs {
			if s.docs[i].Listing.Listing {
				adverts = append(adverts, s.docs[i].Text)
			} else {
				chat = append(chat, s.docs[i].Text)
			}
		}
	}
	return chat, adverts
}

// showPace writes how fast readers read, and what each channel costs.
func showPace(p *page, all []rival, sets []set) {
	chat, adverts := chatter(sets)
	if len(chat) == 0 {
		return
	}
	var whole, base [2]float64
	found := make([][2]float64, len(all))
	for i, r := range all {
		found[i] = [2]float64{pace(r, chat), pace(r, adverts)}
		switch r.name {
		case "ours":
			whole = found[i]
		case unsieved:
			base = found[i]
		}
	}
	var readers, channels [][]string
	for i, r := range all {
		row := func(by [2]float64) []string {
			return []string{r.name, fmt.Sprintf("%.1f", found[i][0]), fmt.Sprintf("%.2f", found[i][0]/by[0]), fmt.Sprintf("%.1f", found[i][1]), fmt.Sprintf("%.2f", found[i][1]/by[1])}
		}
		if r.channel {
			channels = append(channels, row(base))
		} else {
			readers = append(readers, row(whole))
		}
	}
	p.say("Readers on the messages of the development corpus that are no listings (half of them meant to look like one), and on its listings; MB a second of processor time on one core, and times ours.")
	p.rows([]string{"reader", "no listings, MB/s", "× ours", "listings, MB/s", "× ours"}, readers)
	p.say("What each channel takes: ours without it, beside ours without the sieve, which knows only readings with nothing left out.")
	p.rows([]string{"without", "no listings, MB/s", "× all channels", "listings, MB/s", "× all channels"}, channels)
}

// showBenchmarks runs the benchmarks of package extractors and writes their figures.
func showBenchmarks(ctx context.Context, p *page, root string) error {
	c := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-count", "1", "./extractors")
	c.Dir = root
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("benchmarks: %w\n%s", err, out)
	}
	p.say("The benchmarks of package `extractors` (`go test -bench . -benchmem ./extractors`).")
	p.rows([]string{"benchmark", "figures"}, benchmarks(string(out)))
	return nil
}

// benchmarks are the lines of figures in what go test prints.
func benchmarks(out string) [][]string {
	var rows [][]string
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(f[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 { // the number of processors
			name = name[:i]
		}
		var figures []string
		for i := 2; i+1 < len(f); i += 2 {
			figures = append(figures, f[i]+" "+f[i+1])
		}
		rows = append(rows, []string{name, strings.Join(figures, ", ")})
	}
	return rows
}

// machine says on what the figures of speed were taken.
func machine() string {
	name := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", name, runtime.NumCPU(), runtime.Version())
}
