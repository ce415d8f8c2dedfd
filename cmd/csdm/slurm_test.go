package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"csdm/internal/cli"
)

// pageScript matches a command of a page that writes a script, and the script
// below.
var pageScript = regexp.MustCompile("(?s)```sh\n(csdm slurm [^\n]*) > [a-z.]+\n```\n\n" +
	"<!-- [^\n]* -->\n```sh\n(#!/bin/bash\n.*?)```\n")

// TestJobScripts holds the job scripts of the page equal to what csdm slurm
// prints. .ci/slurm runs them.
func TestJobScripts(t *testing.T) {
	const page = "../../docs/how-to/cluster.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	now, scripts := string(text), pageScript.FindAllStringSubmatch(string(text), -1)
	for _, m := range scripts {
		printed, _, err := csdm(t, strings.Fields(m[1])[1:]...)
		if err != nil {
			t.Fatalf("%s: %v", m[1], err)
		}
		now = strings.Replace(now, m[2], printed, 1)
	}
	if *updateCommands {
		if err := os.WriteFile(page, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if now != string(text) {
		t.Errorf("%s differs from csdm slurm: run go test ./cmd/csdm -run JobScripts "+
			"-update-commands", page)
	}
	if len(scripts) != 2 {
		t.Errorf("%d job scripts were found, want 2", len(scripts))
	}
}

// TestSlurm checks the forecast's limits, an array, and refusals.
func TestSlurm(t *testing.T) {
	t.Chdir(t.TempDir())
	run := "run --problem quasistatic --preset tiny --grid 8 --seed 7 -o r --set data.pairs=100 " +
		"--set data.held_out=8 --set training.batch=4 --set training.steps=10 " +
		"--set network.ngf=2 --set cases=1 --set sampling.draws=4"
	for _, c := range []struct {
		line string
		want []string
	}{
		{"slurm --cpus 4 " + run, []string{"--cpus-per-task=4 --mem=1G\n",
			"--time=00:10:00 --signal=USR1@120 ", " csdm run --problem quasistatic "}},
		{"slurm --shards 3 --mem 2G " + run + " --set max_failed=5", []string{
			"#SBATCH --array=1-3\n", "--mem=2G\n",
			" csdm data --problem quasistatic --grid 8 --pairs 100 --seed 7 --shard auto/3 " +
				"-o r/data --set max_failed=5\n",
			" csdm run --problem quasistatic "}},
		{"slurm --program /opt/csdm --time 90m --mem 3G train --problem p.toml --data d -o r",
			[]string{"--time=01:30:00 ", " /opt/csdm train --problem p.toml --data d -o r\n"}},
		{"slurm --shards 9 --time 1m --mem 3G data --problem quasistatic --pairs 9 -o d",
			[]string{"#SBATCH --array=1-9\n", "USR1@15 ", " -o d --shard auto/9\n"}},
	} {
		printed, _, err := csdm(t, strings.Fields(c.line)...)
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
		}
		for _, text := range c.want {
			if !strings.Contains(printed, text) {
				t.Errorf("%s: %q is missing:\n%s", c.line, text, printed)
			}
		}
	}
	for line, want := range map[string]string{
		"slurm": "requires at least 1 arg", "slurm --time 1s run": "a minute",
		"slurm --cpus 0 run":                                    "--cpus",
		"slurm --time 1h --mem 1G info":                         "accepts 1 arg",
		"slurm data --problem quasistatic --pairs 9 -o d":       "--time",
		"slurm --time 1h --mem 1G data --problem quasistatic":   "--pairs",
		"slurm --time 1h --mem 1G --shards 2 compare a b":       "--shard",
		"slurm --time 1h --mem 1G nonsense":                     "nonsense",
		"slurm --time 1h --mem 1G run --preset none -o r":       "--problem",
		"slurm --time 1h --mem 1G slurm run":                    "starts no work",
		"slurm --time 1h --mem 1G help":                         "starts no work",
		"slurm --time 1h --mem 1G run --problem quasistatic -h": "starts no work",
	} {
		if _, _, err := csdm(t, strings.Fields(line)...); cli.Code(err) != cli.ExitUsage ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
	if files, err := filepath.Glob("*"); err != nil || len(files) > 0 {
		t.Errorf("printing scripts made %v (%v)", files, err)
	}
}
