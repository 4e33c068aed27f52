package privacy

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
)

var secretForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// Secret is the random key of that name, 32 bytes, made when first asked for
// and the same ever after in every process: what is fingerprinted with it is
// comparable within this installation alone.
func (k *Keyring) Secret(name string) ([]byte, error) {
	if !secretForm.MatchString(name) {
		return nil, fmt.Errorf("privacy: secret %.80q: want lower-case letters, digits, - and _", name)
	}
	key, err := k.secret(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = k.locked(func() error {
			var err error
			if key, err = k.secret(name); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			key = make([]byte, SecretSize)
			if _, err := rand.Read(key); err != nil {
				return err
			}
			if err := k.write(name+".key", []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			key, err = k.secret(name) // the winner's, where locks don't hold
			return err
		})
	}
	if err == nil {
		// Who made it may not have come to this yet, and what is fingerprinted with it
		// must not outlive it.
		err = syncDir(k.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("privacy: secret %s: %w", name, err)
	}
	return key, nil
}

func (k *Keyring) secret(name string) ([]byte, error) {
	text, err := k.read(name + ".key")
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != SecretSize {
		return nil, fmt.Errorf("%s.key is not %d bytes in hex", name, SecretSize)
	}
	return key, nil
}
