package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLogWriter writes parts of lines, several lines at once, and nothing.
func TestLogWriter(t *testing.T) {
	clk := &ticking{time.Date(2024, 2, 29, 13, 0, 0, 0, time.FixedZone("CET", 3600))}
	var b bytes.Buffer
	l := &logWriter{w: &b, place: "n1:3", now: clk.now}
	for _, text := range []string{"one\ntwo ", "", "goes on\n", "\n", "three\nfour\n"} {
		if n, err := io.WriteString(l, text); n != len(text) || err != nil {
			t.Errorf("%q: wrote %d bytes, %v", text, n, err)
		}
		clk.advance(time.Second)
	}
	want := `2024-02-29T13:00:00+01:00 n1:3 one
2024-02-29T13:00:00+01:00 n1:3 two goes on
2024-02-29T13:00:03+01:00 n1:3 
2024-02-29T13:00:04+01:00 n1:3 three
2024-02-29T13:00:04+01:00 n1:3 four
`
	if b.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s", b.String(), want)
	}
}

// TestLog writes to a file, which is no terminal.
func TestLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.WriteString(Log(f, "node"), "line\n"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	words := strings.Fields(string(text))
	if err != nil || len(words) != 3 || words[1] != "node" || words[2] != "line" {
		t.Fatalf("the file holds %q (%v)", text, err)
	}
	if _, err := time.Parse(time.RFC3339, words[0]); err != nil {
		t.Error(err)
	}
}

func TestPlace(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		variables map[string]string
		want      string
	}{
		{nil, host},
		{map[string]string{"SLURMD_NODENAME": "n1", "SLURM_STEP_NUM_TASKS": "1",
			"SLURM_PROCID": "0"}, "n1"},
		{map[string]string{"SLURMD_NODENAME": "n1", "SLURM_STEP_NUM_TASKS": "8",
			"SLURM_PROCID": "3"}, "n1:3"},
	} {
		if got := Place(func(name string) string { return c.variables[name] }); got != c.want {
			t.Errorf("%v: %q, want %q", c.variables, got, c.want)
		}
	}
}
