package report

import (
	"path/filepath"

	"csdm/internal/atomicfile"
)

// Names of the files that WriteFolder makes.
const (
	PageFile     = "report.html"
	FigureFolder = "figures"
)

// WriteFolder writes the page as PageFile into the folder dir, and each figure
// as PNG and SVG into FigureFolder below it. Existing files of other content
// are an error unless overwrite is set.
func (r *Report) WriteFolder(dir string, overwrite bool) error {
	for _, f := range r.Figures() {
		for ext, data := range map[string][]byte{".png": f.PNG, ".svg": f.SVG} {
			if data == nil {
				continue
			}
			path := filepath.Join(dir, FigureFolder, f.Name+ext)
			if err := atomicfile.WriteFile(path, overwrite, data); err != nil {
				return err
			}
		}
	}
	return atomicfile.Write(filepath.Join(dir, PageFile), overwrite, r.Write)
}
