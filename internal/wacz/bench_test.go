package wacz

import (
	"bytes"
	"context"
	"io"
	"testing"
)

// Bytes are those of the plain captures.
func BenchmarkWrite(b *testing.B) {
	samples := []sample{board(b, 1), chat(b, 1)}
	o := options(b)
	w, err := NewWriter(io.Discard, o)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Drop()
	b.SetBytes(int64(len(samples[0].plain) + len(samples[1].plain)))
	for b.Loop() {
		for _, s := range samples {
			if err := w.Add(context.Background(), s.ref, bytes.NewReader(s.plain)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	var samples []sample
	for n := range 500 {
		samples = append(samples, board(b, n))
	}
	pkg, _ := pack(b, options(b), samples...)
	b.SetBytes(int64(len(pkg)))
	for b.Loop() {
		if r := verify(b, pkg, nil); !r.OK {
			b.Fatalf("%+v", r)
		}
	}
}
