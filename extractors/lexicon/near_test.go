package lexicon

import "testing"

func TestNear(t *testing.T) {
	l := load(t)
	near := l.Near()
	for s, want := range map[string]string{"志莲": "智联", "间历": "简历", "qzz": "求职者", "前城五忧": "前程无忧", "今天": "", "的": "", "": ""} {
		if got := near(s); got != want {
			t.Errorf("%q is near %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]bool{"前程似": true, "智联招": true, "莲子羹": false} {
		if got := l.Holds(s); got != want {
			t.Errorf("%q is held: %v", s, got)
		}
	}
}
