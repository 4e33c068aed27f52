package privacy

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Publish keeps text as NAME.pub beside the keys, for whoever checks what one of
// them signed. It is written once: other text is an error, for the key was
// exchanged then.
func (k *Keyring) Publish(name, text string) error {
	if !secretForm.MatchString(name) {
		return fmt.Errorf("privacy: public key %.80q: want lower-case letters, digits, - and _", name)
	}
	have, err := k.Published(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = k.write(name+".pub", []byte(text+"\n"), 0o644)
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrExist) { // another was first
			have, err = k.Published(name)
		}
	}
	if err != nil {
		return err
	}
	if have != text {
		return fmt.Errorf("privacy: %s.key is not the key that %s.pub belongs to: one of them was exchanged", name, name)
	}
	return nil
}

// Published reads NAME.pub; fs.ErrNotExist when there is none yet.
func (k *Keyring) Published(name string) (string, error) {
	text, err := k.read(name + ".pub")
	if err != nil {
		return "", fmt.Errorf("privacy: public key: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
