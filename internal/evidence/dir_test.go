package evidence_test

import (
	"testing"
	"time"

	"resumewatch/internal/evidence"
	"resumewatch/internal/evidence/evidencetest"
)

func TestDirConforms(t *testing.T) {
	evidencetest.Run(t, func(t *testing.T) evidencetest.Open {
		dir := t.TempDir()
		return func(t *testing.T, seal evidence.Sealer) evidence.Store {
			t.Helper()
			d, err := evidence.OpenDir(dir, seal, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	})
}
