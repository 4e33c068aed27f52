package extractors_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"resumewatch/extractors"
	"resumewatch/internal/market"
)

// TestPredict writes the readings of a labelled corpus to a file, for scoring
// outside: EXTRACT_CORPUS=dev.jsonl EXTRACT_OUT=out.jsonl go test -run TestPredict.
// Without them it reads the package's own corpus and holds it to a floor.
func TestPredict(t *testing.T) {
	corpus, out := os.Getenv("EXTRACT_CORPUS"), os.Getenv("EXTRACT_OUT")
	if corpus == "" {
		corpus = "testdata/messages.jsonl"
	}
	x, err := extractors.New()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(corpus)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var w *json.Encoder
	if out != "" {
		o, err := os.Create(out)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		w = json.NewEncoder(o)
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var hit, missed, wrong, fine int
	for lines.Scan() {
		var in struct {
			ID   string `json:"id"`
			Text string `json:"text"`
			market.Listing
		}
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			t.Fatal(err)
		}
		r := x.Extract(in.Text, extractors.Options{})
		switch {
		case in.Listing.Listing && r.Listing.Listing:
			hit++
		case in.Listing.Listing:
			missed++
			t.Logf("missed %s (%.2f): %s %v", in.ID, r.Confidence, in.Text, r.Reasons)
		case r.Listing.Listing:
			wrong++
			t.Logf("wrong %s (%.2f): %s %v", in.ID, r.Confidence, in.Text, r.Reasons)
		default:
			fine++
		}
		if w != nil {
			doc := struct {
				ID string `json:"id"`
				market.Reading
			}{in.ID, r}
			if err := w.Encode(doc); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d listings found, %d missed, %d others called listings, %d not", hit, missed, wrong, fine)
	if hit*100 < (hit+missed)*95 || wrong*100 > (wrong+fine)*5 {
		t.Errorf("recall or false positives beyond the floor")
	}
}
