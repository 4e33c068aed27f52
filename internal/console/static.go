package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
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
		if types[path.Ext(name)] == "" {
			return fmt.Errorf("%s: a file of no known type", file)
		}
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

// types are those of the files that there are.
var types = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// ServeHTTP serves a file under the address with its digest.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/static/")
	data, ok := a.files[name]
	if !ok {
		plain(w, http.StatusNotFound, "no such file")
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}
