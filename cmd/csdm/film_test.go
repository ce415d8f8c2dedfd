package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// TestFilm samples with a film. Its last frame is the first draw. A film is
// made for a result that is there, and refused where another one is.
func TestFilm(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	sample := func(args ...string) error {
		_, _, err := csdm(t, append(strings.Fields("sample -q --json --draws 2"), args...)...)
		return err
	}
	measurement := "../../models/measurements/quasistatic-28-n5.npz:y"
	network := []string{"--model", "builtin:quasistatic-28-n5", "--y", measurement, "--case", "1"}
	exact := append(slices.Clone(network), "--score", "exact")
	for name, args := range map[string][]string{"network": network, "exact": exact} {
		out, film := in(name+".npz"), in(name+"-film.npz")
		args = append(slices.Clone(args), "-o", out, "--film")
		if err := sample(append(args, film)...); err != nil {
			t.Fatal(err)
		}
		draws, err := format.ReadArrayFile(out + ":samples")
		if err != nil {
			t.Fatal(err)
		}
		states, err := format.ReadArrayFile(film + ":states")
		if err != nil {
			t.Fatal(err)
		}
		const pixels, levels = 28 * 28, 12
		if want := []int{levels + 1, 28, 28}; !slices.Equal(states.Shape, want) {
			t.Fatalf("%s: the states have shape %v, want %v", name, states.Shape, want)
		}
		if !slices.Equal(states.Float64()[levels*pixels:], draws.Float64()[:pixels]) {
			t.Errorf("%s: the film does not end in the first draw", name)
		}
		before, err := os.Stat(out)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second call finds both
			if err := sample(append(args, in(name+".svg"))...); err != nil {
				t.Fatal(err)
			}
		}
		if after, err := os.Stat(out); err != nil || !after.ModTime().Equal(before.ModTime()) {
			t.Errorf("%s: a film changed the result (%v)", name, err)
		}
		text, err := os.ReadFile(in(name + ".svg"))
		if n := strings.Count(string(text), `class="frame`); err != nil || n != levels+1 {
			t.Errorf("%s: the animation has %d frames, %v", name, n, err)
		}
	}
	for args, code := range map[string]int{
		"-o " + in("other.npz") + " --film " + in("network.svg"):             cli.ExitExists,
		"-o " + in("other.npz") + " --film " + in("film.gif"):                cli.ExitUsage,
		"-o " + in("parts") + " --shard 0/2 --film " + in("film.svg"):        cli.ExitUsage,
		"-o " + in("network.npz") + " --seed 9 --film " + in("film.svg"):     cli.ExitExists,
		"--score exact -o " + in("o.npz") + " --film " + in("exact.svg"):     cli.ExitExists,
		"--score exact -o " + in("o.npz") + " --film " + in("film.mp4"):      cli.ExitUsage,
		"--score exact -o " + in("exact.npz") + " --film " + in("film.jpeg"): cli.ExitUsage,
	} {
		all := append(slices.Clone(network), strings.Fields(args)...)
		if err := sample(all...); cli.Code(err) != code {
			t.Errorf("%s: %v, want exit code %d", args, err, code)
		}
	}
}
