package run

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/problems"
)

// FuzzDraws changes a file of finished draws. The draws that are taken from it
// are the first ones, as they were stored, and more can be added.
func FuzzDraws(f *testing.F) {
	const dim, most = 3, 5
	path := filepath.Join(f.TempDir(), "draws")
	id := identity.New("test", 1).Add("sigma", 1).Identity()
	draw := func(j int) []float64 { return []float64{float64(j), math.Sqrt(float64(j)), -1} }
	s, err := openDraws(path, make([]float64, most*dim), dim, id, false, func(string) {})
	if err != nil {
		f.Fatal(err)
	}
	for j := range 3 {
		if err := s.append(draw(j)); err != nil {
			f.Fatal(err)
		}
	}
	s.close()
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, uint16(0), byte(0))
	f.Add(whole, uint16(50), byte(4))
	f.Add(whole[:70], uint16(69), byte(0xff))
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip byte) {
		data = append([]byte(nil), data...)
		if len(data) > 0 {
			data[int(at)%len(data)] ^= flip
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		read := func() (*drawStore, []float64) {
			samples := make([]float64, most*dim)
			s, err := openDraws(path, samples, dim, id, false, func(string) {})
			if err != nil {
				if cli.Code(err) != cli.ExitExists {
					t.Fatal(err)
				}
				return nil, nil
			}
			for j := range s.draws {
				for k, want := range draw(j) {
					if samples[j*dim+k] != want {
						t.Fatalf("draw %d is %v, want %v", j, samples[j*dim:][:dim], draw(j))
					}
				}
			}
			return s, samples
		}
		s, _ := read()
		if s == nil {
			return
		}
		for j := s.draws; j < 4; j++ {
			if err := s.append(draw(j)); err != nil {
				t.Fatal(err)
			}
		}
		s.close()
		if s, _ = read(); s == nil || s.draws < 4 {
			t.Fatal("what was added is not there")
		}
		s.close()
	})
}

// FuzzRunFolder reads the configuration and the manifest of a run folder. What
// comes is an error with an exit code, or a configuration that can be used.
func FuzzRunFolder(f *testing.F) {
	config, err := Resolve("quasistatic", "tiny", problems.Options{}, 1)
	if err != nil {
		f.Fatal(err)
	}
	text, err := cli.EncodeConfig(config)
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
