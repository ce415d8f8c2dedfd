package run

import (
	"os"
	"path/filepath"
	"testing"

	"csdm/internal/cli"
	"csdm/problems"
	"csdm/recipe"
)

// FuzzRunFolder reads the configuration and the manifest of a run folder. The
// result is an error with an exit code, or a configuration that can be used.
func FuzzRunFolder(f *testing.F) {
	config, err := recipe.Resolve("quasistatic", "tiny", problems.Options{}, 1)
	if err != nil {
		f.Fatal(err)
	}
	text, err := config.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, []byte(`{"format":1,"problem":"quasistatic","seed":1,"results":{"a":"b"}}`))
	f.Add([]byte("problem = \"quasistatic\"\n"), []byte("{"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, config, manifest []byte) {
		for name, data := range map[string][]byte{configFile: config, manifestFile: manifest} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		_, err := ReadManifest(dir)
		codeIs(t, err, cli.ExitData)
		c, err := ReadConfig(dir)
		codeIs(t, err, cli.ExitConfig, cli.ExitData)
		if err != nil || c == nil || c.Grid > 16 {
			return
		}
		if _, err := c.NewProblem(); err != nil {
			codeIs(t, err, cli.ExitConfig, cli.ExitData, cli.ExitNoInput)
		}
	})
}

// codeIs fails unless err is nil or has one of the exit codes. An error without
// a code would be reported as a fault of the program.
func codeIs(t *testing.T, err error, codes ...int) {
	t.Helper()
	if err == nil {
		return
	}
	for _, code := range codes {
		if cli.Code(err) == code {
			return
		}
	}
	t.Fatalf("%v has exit code %d, want one of %v", err, cli.Code(err), codes)
}
