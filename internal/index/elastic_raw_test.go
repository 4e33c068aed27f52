//go:build parts

package index_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// raw makes a request of the server beside the store.
func raw(t testing.TB, method, path, body string) string {
	t.Helper()
	req, err := http.NewRequest(method, elasticServer(t)+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s: %s", method, path, res.Status, data)
	}
	return string(data)
}
