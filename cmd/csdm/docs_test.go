package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
)

// TestDocsFolder writes the documentation into a folder, twice, and refuses to
// replace a file of another content.
func TestDocsFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "manual")
	for range 2 {
		if _, _, err := csdm(t, "docs", "-q", "-o", dir); err != nil {
			t.Fatal(err)
		}
	}
	first := filepath.Join(dir, "index.html")
	text, err := os.ReadFile(first)
	if err != nil || !strings.Contains(string(text), `href="tutorials/two-hours.html"`) {
		t.Errorf("%v: %s", err, text)
	}
	writeBytes(t, first, []byte("mine"))
	if _, _, err := csdm(t, "docs", "-q", "-o", dir); cli.Code(err) != cli.ExitExists {
		t.Errorf("over another file: %v, want exit code %d", err, cli.ExitExists)
	}
}

// TestDocsServer holds what the server answers to readers and to others.
func TestDocsServer(t *testing.T) {
	handler := siteHandler(map[string][]byte{"index.html": []byte("first"),
		"a/b.svg": []byte("<svg/>")}, "127.0.0.1:1")
	for _, c := range []struct {
		method, host, path string
		status             int
		body, kind         string
	}{
		{"GET", "127.0.0.1:1", "/", http.StatusOK, "first", "text/html; charset=utf-8"},
		{"GET", "127.0.0.1:1", "/a/../a/b.svg", http.StatusOK, "<svg/>", "image/svg+xml"},
		{"GET", "127.0.0.1:1", "/../../etc/passwd", http.StatusNotFound, "", ""},
		{"GET", "evil.example:1", "/", http.StatusForbidden, "", ""},
		{"POST", "127.0.0.1:1", "/", http.StatusMethodNotAllowed, "", ""},
	} {
		r := httptest.NewRequest(c.method, "http://x"+c.path, nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.status || c.body != "" && (w.Body.String() != c.body ||
			w.Header().Get("Content-Type") != c.kind) {
			t.Errorf("%+v: %d %q %v", c, w.Code, w.Body, w.Header())
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%+v: without a policy", c)
		}
	}
}
