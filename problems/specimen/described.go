package specimen

import (
	"embed"
	"fmt"

	"github.com/pelletier/go-toml/v2"

	"csdm/internal/cli"
)

// describedNames are the built-in problems that a file describes.
var describedNames = []string{"quasistatic", "phantom"}

//go:embed quasistatic.toml phantom.toml
var described embed.FS

// Described returns the file that describes a built-in problem on its default
// grid. The error has the exit code of a wrong call.
//
// A user starts from such a file instead of an empty one. TestBuiltin checks
// that it makes the pairs of the built-in problem.
func Described(name string) (string, error) {
	text, err := described.ReadFile(name + ".toml")
	if err != nil {
		return "", cli.Usage(fmt.Errorf("no file describes the problem %q; csdm has files of %v",
			name, describedNames))
	}
	return string(text), nil
}

// Settings returns the settings of a definition by their keys in the file, with
// the defaults.
func (d *Definition) Settings() (map[string]any, error) {
	text, err := toml.Marshal(d)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	return all, toml.Unmarshal(text, &all)
}
