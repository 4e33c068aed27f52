package spool

import (
	"bytes"
	"testing"

	"filippo.io/age"
)

// What lies in the folder may have been written by anybody.
func FuzzUnseal(f *testing.F) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	id := idFor("fuzz")
	var whole bytes.Buffer
	if err := seal(&whole, id, []byte("a chunk"), key.Recipient()); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes(), false)
	f.Add([]byte(head(id, 3)+"abc"), true)
	f.Add([]byte(head(id, 4)+"abc"), true)
	f.Add([]byte(magic), true)
	f.Fuzz(func(t *testing.T, text []byte, sealIt bool) {
		plain := text
		if sealIt { // rightly sealed, of any content
			var b bytes.Buffer
			w, err := age.Encrypt(&b, key.Recipient())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(text); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			text = b.Bytes()
		}
		data, err := unseal(bytes.NewReader(text), int64(len(text)), id, []age.Identity{key})
		if err == nil && sealIt && !bytes.Equal(plain, append([]byte(head(id, len(data))), data...)) {
			t.Errorf("%q is taken for an item of %q", plain, data)
		}
	})
}
