package lab

import (
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"path"
	"strings"

	"csdm/internal/plot"
	"csdm/models"
)

// The bundle is made from web/src; see web/README.md.
//
//go:generate go tool esbuild --bundle --minify --format=iife --target=es2022 --charset=utf8 --log-level=warning --outfile=web/lab.js web/src/main.ts
//go:embed web/lab.js web/lab.css web/page.gohtml web/uplot/dist/uPlot.min.css
var web embed.FS

// asset is a fixed file of the page.
type asset struct {
	name    string
	content []byte
}

var assets = []asset{embedded("lab.js"), embedded("lab.css"),
	embedded("uplot/dist/uPlot.min.css"), {"colors.css", colors()}}

// embedded returns a file of the folder web, without its folder in the name.
func embedded(file string) asset {
	content, err := web.ReadFile("web/" + file)
	if err != nil {
		panic(err)
	}
	return asset{path.Base(file), content}
}

// serve writes the file with the type of its name.
func (a asset) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(a.name)))
	_, _ = w.Write(a.content)
}

// colors returns the colors of internal/plot as CSS variables, so that lab and
// reports agree.
func colors() []byte {
	var light, dark strings.Builder
	for _, s := range plot.Swatches() {
		fmt.Fprintf(&light, "--%s:%s;", s.Name, s.Light)
		fmt.Fprintf(&dark, "--%s:%s;", s.Name, s.Dark)
	}
	return fmt.Appendf(nil, ":root{%s}\n@media (prefers-color-scheme: dark){:root{%s}}\n",
		light.String(), dark.String())
}

// config is what the scripts of the page read.
type config struct {
	Key  string            `json:"key"`
	Maps map[string]string `json:"maps"` // RGB of each color map, base64
	// Networks are the names of the embedded networks.
	Networks []string `json:"networks"`
}

var pageTemplate = template.Must(template.ParseFS(web, "web/page.gohtml"))

// page serves the page with the texts of all rooms.
func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	c := config{Key: s.key, Maps: map[string]string{}, Networks: models.Names()}
	for name, m := range map[string]plot.ColorMap{"field": plot.FieldMap, "spread": plot.SpreadMap,
		"measurement": plot.MeasurementMap, "difference": plot.DifferenceMap,
		"signed": plot.SignedMap} {
		c.Maps[name] = base64.StdEncoding.EncodeToString(m.RGB())
	}
	text, err := json.Marshal(c)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, map[string]any{"Key": s.key, "Rooms": Rooms(),
		"Config": template.JS(text)}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}
