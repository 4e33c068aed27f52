package app

import (
	"path/filepath"
	"testing"
)

// heard is who hears that a console listens.
type heard struct{ urls []string }

func (h *heard) Listening(url string) { h.urls = append(h.urls, url) }
func (h *heard) SetUp(string)         {}

// A demo lets people look without signing in: on a folder with real sources it is
// refused before anybody could.
func TestDemoIsRefusedBeforeItListens(t *testing.T) {
	o := testOptions(t)
	_, err := Import(t.Context(), o, ImportOptions{Paths: []string{export(t, filepath.Join(t.TempDir(), "chat.txt"), "行业交流")}, GroupID: "1000045678"})
	must(t, err)
	ears := &heard{}
	o.Demo, o.Hear, o.Config.Console.Listen = true, ears, "127.0.0.1:0"
	_, err = Up(t.Context(), o, false)
	wantUsage(t, err, "real sources")
	if len(ears.urls) > 0 {
		t.Errorf("the console of the demo listened at %s", ears.urls)
	}
}
