package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// TestMaxFailed checks the advice in the error of failed pairs: all made pairs
// are kept, and a larger --max-failed leaves the failed pairs out. The program
// was removed before, so that no pair can be made again. All readers of the
// dataset then work.
func TestMaxFailed(t *testing.T) {
	toml := fibres(t)
	script := filepath.Join(filepath.Dir(toml), "fibres.sh")
	good := readBytes(t, script)
	const fails = `    if [ "$id" = 5 ]; then exit 1; fi
`
	broken := strings.Replace(string(good), "    if awk", fails+"    if awk", 1)
	writeBytes(t, script, []byte(broken))
	args := "data --threads 1 --problem " + toml + " --n 24 -o pairs"
	_, _, err := csdm(t, strings.Fields(args)...)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(),
		"1 pair could not be made; 0 may fail. The pairs made are kept.") ||
		!strings.Contains(err.Error(), "--max-failed") {
		t.Errorf("error %v", err)
	}
	if err := os.Remove(script); err != nil {
		t.Fatal(err)
	}
	var made struct{ Found, Made, Failed int }
	if err := json.Unmarshal([]byte(must(t, args+" --max-failed 5")), &made); err != nil ||
		made.Found != 23 || made.Made != 0 || made.Failed != 1 {
		t.Errorf("%+v, %v", made, err)
	}
	must(t, args) // finished
	must(t, "data verify pairs")
	must(t, "data export pairs -o pairs.npz")
	arrays, err := format.ReadNPZFile("pairs.npz")
	if err != nil || arrays["index"] == nil || arrays["index"].I64[5] != 6 ||
		arrays["x"].Shape[0] != 23 {
		t.Errorf("export: %v", err)
	}
	must(t, "train --problem "+toml+
		" --data pairs --set data.held_out=4 --set network.ngf=2 --set training.steps=2 --set "+
		"training.batch=4 --set training.held_out_every=2 --set training.neighbours=3 -o trained")
	for args, code := range map[string]int{
		"data export pairs -o some.npz --from 5 --to 6": cli.ExitData,
		"data export pairs -o some.npz --from 90":       cli.ExitUsage,
		args + " --max-failed 101":                      cli.ExitUsage,
		args + " --max-failed -1":                       cli.ExitUsage,
	} {
		if _, _, err := csdm(t, strings.Fields(args)...); cli.Code(err) != code {
			t.Errorf("csdm %s: code %d (%v), want %d", args, cli.Code(err), err, code)
		}
	}
}

// TestDamagedBlock checks that training and export end with 65 and name the
// damaged block, for any damage to its numbers.
func TestDamagedBlock(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "data --problem quasistatic --grid 8 --n 300 -o pairs")
	good := readBytes(t, "pairs/y-00001.npy")
	for name, value := range map[string]string{"NaN": "\x00\x00\xc0\x7f",
		"1e30": "\xca\xf2\x49\x71", "a bit": string([]byte{good[1000] ^ 1, good[1001], good[1002],
			good[1003]})} {
		spoiled := append([]byte(string(good[:1000])+value), good[1004:]...)
		writeBytes(t, "pairs/y-00001.npy", spoiled)
		for _, verb := range []string{
			"data export pairs -o pairs.npz",
			"train --problem quasistatic --grid 8 --data pairs --set network.ngf=2 --set " +
				"training.steps=200 --set training.batch=4 -o " + filepath.Join(t.TempDir(), "run"),
		} {
			if _, _, err := csdm(t, strings.Fields(verb)...); cli.Code(err) != cli.ExitData ||
				!strings.Contains(err.Error(), "y-00001.npy") {
				t.Errorf("%s: csdm %s: %v", name, verb, err)
			}
		}
	}
}
