package cli

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

type settings struct {
	Problem string  `toml:"problem"`
	Seed    uint64  `toml:"seed"`
	Noise   float64 `toml:"noise"`
	Train   struct {
		Steps int       `toml:"steps"`
		Rate  float64   `toml:"rate"`
		Cuts  []float64 `toml:"cuts"`
	} `toml:"train"`
}

func TestConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	text := "problem = 'quasistatic'\nnoise = 5 # percent\n\n[train]\nsteps = 1_000\ncuts = " +
		"[0.1, 2]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := settings{Seed: 7}
	if err := ReadConfig(path, &s); err != nil {
		t.Fatal(err)
	}
	want := settings{Problem: "quasistatic", Seed: 7, Noise: 5}
	want.Train.Steps, want.Train.Cuts = 1000, []float64{0.1, 2}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v, want %+v", s, want)
	}
	if err := ReadConfig(path+"x", &s); Code(err) != ExitNoInput {
		t.Errorf("a missing file: %v, code %d", err, Code(err))
	}
	if err := ReadConfig(t.TempDir(), &s); Code(err) != ExitIO {
		t.Errorf("a folder: %v, code %d", err, Code(err))
	}
}

// Written settings read back to the same values, floats bit for bit.
func TestConfigRoundTrip(t *testing.T) {
	in := settings{Problem: "a\"b\n'c'", Seed: math.MaxInt64, Noise: 0.1 + 0.2}
	in.Train.Rate, in.Train.Cuts = 1e-300, []float64{1, math.Nextafter(1, 2), 5e-324}
	data, err := encodeConfig(in)
	if err != nil {
		t.Fatal(err)
	}
	var out settings
	if err := DecodeConfig(data, "x", &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%s\nreads back as %+v, %v", data, out, err)
	}
}

func TestConfigIsStrict(t *testing.T) {
	for text, says := range map[string]string{
		"seed = 1\nsed = 2\n":                         "line 2: sed",
		"\n[train]\nsteps = 1\nlearning_rate = 2":     "line 4: train.learning_rate",
		"[trian]\nsteps = 1":                          "line 1: trian",
		"a = 1\nseed = 2\nb = 3":                      "line 3: b",
		"seed = 'one'":                                "line 1",
		"seed = -1":                                   "line 1",
		"seed = 1.5":                                  "line 1",
		"seed = 99999999999999999999":                 "line 1",
		"seed = 1\nseed = 2":                          "seed",
		"seed = ":                                     "line 1",
		"problem = \"\xff\"":                          "line 1",
		"problem = 'x":                                "line 1",
		"train = 3":                                   "line 1",
		strings.Repeat("#", maxConfig+1):              "more than",
		"x = " + strings.Repeat("[", maxConfig-9):     "conf.toml",
		strings.Repeat("a.", maxConfig/2-9) + "a=1":   "conf.toml",
		"x = " + strings.Repeat("{a=", maxConfig/3-9): "conf.toml",
	} {
		err := DecodeConfig([]byte(text), "conf.toml", new(settings))
		if Code(err) != ExitConfig || !strings.Contains(err.Error(), says) ||
			!strings.Contains(err.Error(), "conf.toml") || len(err.Error()) > 4*maxConfig {
			t.Errorf("%.40q: %.200v (code %d), want 78 and %q", text, err, Code(err), says)
		}
	}
}

// For any text there is no panic, and the result is an error of code 78 or
// settings that can be written and read again.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("problem = 'x'\nseed = 3\nnoise = 1e3\n[train]\nsteps = 0x10\nrate = inf\ncuts " +
		"= [1, 2.5]"))
	f.Add([]byte("train = {steps = 1, cuts = []}\n\"seed\" = 1979\n"))
	f.Add([]byte("train.steps = 1\ntrain.rate = nan\nproblem = \"\"\"\n\\u00e9\"\"\""))
	f.Add([]byte("[[train]]\n[train.x]\na=1979-05-27T07:32:00Z"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var in settings
		if err := DecodeConfig(data, "x", &in); err != nil {
			if Code(err) != ExitConfig {
				t.Fatalf("%v: code %d", err, Code(err))
			}
			return
		}
		text, err := encodeConfig(in)
		if err != nil {
			if in.Seed > math.MaxInt64 {
				return // TOML has no such integers
			}
			t.Fatal(err)
		}
		var out settings
		if err := DecodeConfig(text, "x", &out); err != nil {
			t.Fatalf("%q written as %q: %v", data, text, err)
		}
		if again, err := encodeConfig(out); err != nil || string(again) != string(text) {
			t.Fatalf("written as %q, then as %q, %v", text, again, err)
		}
	})
}

// TestConfigOfEditors checks that a byte order mark is not part of the first
// key, and that the error for UTF-16 names it.
func TestConfigOfEditors(t *testing.T) {
	var c struct{ Rows int }
	if err := DecodeConfig([]byte("\ufeffrows = 3\r\n"), "x.toml", &c); err != nil || c.Rows != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	err := DecodeConfig([]byte("\xff\xfer\x00"), "x.toml", &c)
	if Code(err) != ExitConfig || err.Error() != "x.toml: is UTF-16: save it as UTF-8" {
		t.Error(err)
	}
}

// encodeConfig returns v as TOML, in the order of its fields. DecodeConfig
// reads it back to the same values.
func encodeConfig(v any) ([]byte, error) {
	data, err := toml.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("cli: configuration cannot be written: %w", err)
	}
	if len(data) > maxConfig {
		return nil, fmt.Errorf("cli: a configuration of %d bytes cannot be read back", len(data))
	}
	return data, nil
}
