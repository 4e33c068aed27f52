package casebook

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func packed(prints []uint64) []byte {
	prints = slices.Sorted(slices.Values(prints))
	out := []byte{}
	for _, p := range prints {
		out = binary.LittleEndian.AppendUint64(out, p)
	}
	return out
}

func tally(prints []uint64) map[uint64]int {
	out := map[uint64]int{}
	for _, p := range prints {
		out[p]++
	}
	return out
}

// anyPrints draws few values, so that they repeat, and the ends of their range.
var anyPrints = rapid.SliceOfN(rapid.SampledFrom([]uint64{0, 1, 2, 1 << 63, 1<<64 - 1, 0x0102030405060708}), 0, 12)

func TestMergePrintsIsMaximum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyPrints.Draw(t, "a"), anyPrints.Draw(t, "b")
		slices.Sort(b)
		merged, added := mergePrints(packed(a), b)
		want, have := tally(a), tally(a)
		for v, n := range tally(b) {
			want[v] = max(want[v], n)
		}
		wantAdded := 0
		var values []uint64
		for v, n := range want {
			wantAdded += n - have[v]
			for range n {
				values = append(values, v)
			}
		}
		if d := cmp.Diff(packed(values), merged); d != "" {
			t.Fatalf("merged (-want +got)\n%s", d)
		}
		if added != wantAdded {
			t.Fatalf("added %d, want %d", added, wantAdded)
		}
	})
}

// What is stored in the end, and how many were new in all, is the same in any order.
func TestMergePrintsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfN(anyPrints, 1, 5).Draw(t, "units")
		all := func(order []int) (stored []byte, total int) {
			for _, i := range order {
				unit := slices.Sorted(slices.Values(units[i]))
				var added int
				stored, added = mergePrints(stored, unit)
				total += added
			}
			return stored, total
		}
		order := make([]int, len(units))
		for i := range order {
			order[i] = i
		}
		wantStored, wantTotal := all(order)
		stored, total := all(rapid.Permutation(order).Draw(t, "order"))
		if d := cmp.Diff(wantStored, stored); d != "" || total != wantTotal {
			t.Fatalf("%d new, want %d; stored (-want +got)\n%s", total, wantTotal, d)
		}
		if again, n := all(append(order, order...)); n != wantTotal || len(again) != len(wantStored) {
			t.Fatalf("the same again brought %d more", n-wantTotal)
		}
	})
}

// A block that a disk tore must not make the merge run on or past its end.
func TestMergePrintsOfTornBlock(t *testing.T) {
	merged, added := mergePrints(append(packed([]uint64{1, 2}), 9, 9, 9), []uint64{2, 3})
	if d := cmp.Diff(packed([]uint64{1, 2, 3}), merged); d != "" || added != 1 {
		t.Errorf("added %d (-want +got)\n%s", added, d)
	}
}
