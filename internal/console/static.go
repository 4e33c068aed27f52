package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// assets are the files below /static/. Their addresses carry a digest of their
// bytes, so that browsers may keep them for ever.
type assets struct {
	urls  map[string]string // "console.css": "/static/0123456789abcdef/console.css"
	files map[string][]byte // by path below /static/
}

func loadAssets() (*assets, error) {
	a := &assets{urls: map[string]string{}, files: map[string][]byte{}}
	err := fs.WalkDir(staticFiles, "static", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := staticFiles.ReadFile(file)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		name := strings.TrimPrefix(file, "static/")
		address := hex.EncodeToString(sum[:8]) + "/" + name
		a.urls[name], a.files[address] = "/static/"+address, data
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return a, nil
}

// url is the address of a file of static/; a name that isn't there is an error of
// the template.
func (a *assets) url(name string) (string, error) {
	u, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return u, nil
}

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.NotFound(w, r)
}
