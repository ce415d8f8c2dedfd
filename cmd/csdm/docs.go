package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"csdm/docs"
	"csdm/internal/disk"
)

func (a *app) docsCommand() *cobra.Command {
	var out string
	var show printer[*addressResult]
	var written printer[*siteResult]
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Show the documentation in a browser, without a network",
		Long: `docs serves the documentation on this machine and prints its address. Other machines
cannot reach it. Ctrl-C ends it. With -o it writes the pages into a folder instead: open index.html
there. The pages and their search need no network.`,
		Example: "  csdm docs -o manual",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, err := docs.Site()
			if err != nil {
				return err
			}
			if out != "" {
				return a.writeSite(&written, out, files)
			}
			listener, err := net.Listen("tcp", "127.0.0.1:0") // any port that is free
			if err != nil {
				return err
			}
			address := "http://" + listener.Addr().String() + "/"
			if err := show.print(&addressResult{address}, func(w io.Writer) {
				fmt.Fprintln(w, address)
			}); err != nil {
				return errors.Join(err, listener.Close())
			}
			a.console.note("Ctrl-C ends it")
			return serve(cmd.Context(), listener, siteHandler(files, listener.Addr().String()))
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "folder for the pages, which are then not served")
	show.of(a, cmd, "")
	written.of(a, cmd, "with -o")
	return cmd
}

// writeSite writes the files of a website into a folder.
func (a *app) writeSite(show *printer[*siteResult], folder string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := disk.MkdirAll(filepath.Dir(to)); err != nil {
			return err
		}
		if err := a.write(to, func(w io.Writer) error {
			_, err := w.Write(files[name])
			return err
		}); err != nil {
			return err
		}
	}
	first := filepath.Join(folder, "index.html")
	return show.print(&siteResult{first, len(files)}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d files\n", first, len(files))
	})
}

// siteHandler serves the files of a website to readers that request host. A
// page of another site that points a name of its own to this machine is
// refused.
func siteHandler(files map[string][]byte, host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; "+
			"script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "+
			"frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if name == "" {
			name = "index.html"
		}
		data, ok := files[name]
		switch {
		case r.Host != host:
			http.Error(w, "the documentation is served at http://"+host, http.StatusForbidden)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
		case !ok:
			http.Error(w, "there is no page "+name, http.StatusNotFound)
		default:
			kind := mime.TypeByExtension(path.Ext(name))
			if path.Ext(name) == ".svg" {
				kind = "image/svg+xml"
			}
			header.Set("Content-Type", kind)
			_, _ = w.Write(data) // the reader may have left
		}
	})
}

// serve answers requests until ctx ends.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
