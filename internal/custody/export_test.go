package custody

import "golang.org/x/mod/sumdb/note"

// Signer lets tests sign what Sign never would.
func (k Key) Signer() note.Signer { return k.signer }
