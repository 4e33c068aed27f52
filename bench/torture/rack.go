package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"resumewatch/bench/program"
)

// subject is work that can be killed and done again.
type subject interface {
	name() string
	// command is the work on a data folder, without --data and --json.
	command() []string
	close() error
}

// rack kills.
type rack struct {
	dir, binary string
	seed        uint64
	kills       int
	log         io.Writer
	storage     *storage // nil: evidence lies in the data folder
	looks       bool     // look at what every kill leaves
	temp        string   // the program's folder for temporary files
}

// maxInARow is how often one run is killed at most before it may end.
const maxInARow = 3

// maxMisses is how many runs may end before their first kill. A machine that is
// busy with other things makes the time of the undisturbed run a bad guess.
const maxMisses = 30

// torture does the work undisturbed, then again and again with kills, until
// there were as many as asked for.
func (r *rack) torture(ctx context.Context, s subject) ([]row, error) {
	data := filepath.Join(r.dir, s.name()+"-undisturbed")
	if err := r.ready(data); err != nil {
		return nil, err
	}
	e, err := r.finish(ctx, s, data)
	if err != nil {
		return nil, fmt.Errorf("undisturbed %s: %w", s.name(), err)
	}
	reference, err := r.dump(ctx, data)
	if err != nil {
		return nil, err
	}
	if bytes.Count(reference, []byte("\n")) < 10 {
		return nil, fmt.Errorf("undisturbed %s: only %d lines in the dump: nothing to lose", s.name(), bytes.Count(reference, []byte("\n")))
	}
	if r.looks && s.name() == whatImport && !bytes.Contains(reference, []byte(listedWord)) {
		return nil, fmt.Errorf("undisturbed %s: the marked listings were not found: their absence elsewhere says nothing", s.name())
	}
	if faults := r.check(ctx, data); len(faults) > 0 {
		return nil, fmt.Errorf("undisturbed %s: %v", s.name(), faults)
	}
	if err := r.clear(data); err != nil {
		return nil, err
	}
	rnd := rand.New(rand.NewPCG(r.seed, uint64(len(s.name()))))
	var rows []row
	takes, misses := e.Took, 0
	for done, n := 0, 1; done < r.kills; n++ {
		if misses > maxMisses {
			return rows, fmt.Errorf("%s: %d of %d kills came in time: the machine is too busy to aim", s.name(), done, r.kills)
		}
		shares := make([]float64, min(1+rnd.IntN(maxInARow), r.kills-done))
		for i := range shares {
			// From before the first file is opened to after the last commit.
			shares[i] = rnd.Float64() * 1.05 / float64(len(shares)-i)
		}
		fmt.Fprintf(r.log, "torture: %s %d: kills at %s\n", s.name(), n, percents(shares))
		one, err := r.round(ctx, s, filepath.Join(r.dir, fmt.Sprintf("%s-%d", s.name(), n)), shares, takes, reference)
		if err != nil {
			return rows, fmt.Errorf("%s %d: %w", s.name(), n, err)
		}
		one.reference = e.Took
		rows = append(rows, one)
		done += one.kills
		if one.kills == 0 {
			misses++
			takes = min(takes, one.whole)
		}
	}
	return rows, nil
}

// round does the work in a fresh folder, killed at each share of the time that
// it takes undisturbed, then to its end.
func (r *rack) round(ctx context.Context, s subject, data string, shares []float64, takes time.Duration, reference []byte) (row, error) {
	out := row{what: s.name(), at: percents(shares)}
	if err := r.ready(data); err != nil {
		return out, err
	}
	if r.storage != nil {
		r.storage.hurt(true)
		defer r.storage.hurt(false)
	}
	for _, share := range shares {
		e, killed, err := program.RunAndKill(ctx, time.Duration(share*float64(takes)), r.binary, r.args(s, data)...)
		if err != nil {
			return out, err
		}
		if !killed && e.Code != 0 {
			return out, fmt.Errorf("ended before its kill: %w", e.Err())
		}
		if killed {
			out.kills++
			if r.looks {
				faults, err := r.looked(ctx, data)
				if err != nil {
					return out, err
				}
				out.faults = append(out.faults, faults...)
			}
		} else if out.restarts == 0 {
			out.whole = e.Took
		}
		out.restarts++
	}
	e, err := r.finish(ctx, s, data)
	if err != nil {
		out.faults = append(out.faults, err.Error())
		return out, nil
	}
	out.recovered = e.Took
	if r.storage != nil {
		r.storage.hurt(false)
		faults, err := r.swept(ctx, s, data)
		if err != nil {
			return out, err
		}
		out.faults = append(out.faults, faults...)
	}
	dump, err := r.dump(ctx, data)
	if err != nil {
		out.faults = append(out.faults, err.Error())
		return out, nil
	}
	out.equal = bytes.Equal(reference, dump)
	out.lost, out.doubled = compare(reference, dump)
	out.faults = append(out.faults, r.check(ctx, data)...)
	if !out.equal || len(out.faults) > 0 {
		fmt.Fprintf(r.log, "torture: %s differs\n%s", data, difference(reference, dump, 6))
		return out, nil // left for whoever looks, where the folder is kept
	}
	return out, r.clear(data)
}

func (r *rack) args(s subject, data string) []string {
	return append(append(r.base(data), "--json"), s.command()...)
}

// base are the arguments that say where a run keeps things.
func (r *rack) base(data string) []string {
	if r.storage == nil {
		return []string{"--data", data}
	}
	return []string{"--data", data, "--config", data + ".yaml"}
}

// ready writes the configuration of a data folder, if it needs one.
func (r *rack) ready(data string) error {
	if r.storage == nil {
		return nil
	}
	return os.WriteFile(data+".yaml", []byte(r.storage.settings(filepath.Base(data))), 0o600)
}

// swept looks for objects that nobody knows. What was on its way when the program
// was killed may arrive behind the next start, and goes at the one after.
func (r *rack) swept(ctx context.Context, s subject, data string) (faults []string, err error) {
	for try := range 2 {
		e, err := program.Run(ctx, r.binary, append(r.base(data), "evidence", "list", "--json", "--limit", "0")...)
		if err == nil {
			err = e.Err()
		}
		if err != nil {
			return nil, err
		}
		orphans, missing, err := r.storage.strays(ctx, filepath.Base(data), e.Stdout)
		if err != nil {
			return nil, err
		}
		if len(missing) > 0 {
			faults = append(faults, fmt.Sprintf("missing in the bucket: %v", missing))
		}
		if len(orphans) == 0 || len(faults) > 0 {
			return faults, nil
		}
		if try > 0 {
			return append(faults, fmt.Sprintf("orphans in the bucket: %v", orphans)), nil
		}
		if _, err := r.finish(ctx, s, data); err != nil {
			return nil, err
		}
	}
	return faults, nil
}

func (r *rack) finish(ctx context.Context, s subject, data string) (program.Ended, error) {
	e, err := program.Run(ctx, r.binary, r.args(s, data)...)
	if err == nil {
		err = e.Err()
	}
	return e, err
}

func (r *rack) dump(ctx context.Context, data string) ([]byte, error) {
	e, err := program.Run(ctx, r.binary, append(r.base(data), "dump", "--canonical")...)
	if err == nil {
		err = e.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("dump: %w", err)
	}
	return e.Stdout, nil
}

// check lets the program look at its own evidence and index.
func (r *rack) check(ctx context.Context, data string) (faults []string) {
	for _, args := range [][]string{{"evidence", "verify"}, {"reindex", "--check"}, {"doctor"}} {
		e, err := program.Run(ctx, r.binary, append(r.base(data), args...)...)
		if err == nil && e.Code != 0 {
			err = fmt.Errorf("%w %s", e.Err(), bytes.TrimSpace(e.Stdout))
		}
		if err != nil {
			faults = append(faults, strings.Join(args, " ")+": "+err.Error())
		}
	}
	return faults
}

func (r *rack) clear(data string) error {
	if err := os.RemoveAll(data); err != nil {
		return fmt.Errorf("clearing up: %w", err)
	}
	return nil
}

func percents(shares []float64) string {
	var out []string
	for _, s := range shares {
		out = append(out, fmt.Sprintf("%.0f%%", 100*s))
	}
	return strings.Join(out, " ")
}
