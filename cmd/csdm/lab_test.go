package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// startLab runs csdm lab in this process. It returns the address, a function
// that ends the lab, and the channel of its error.
func startLab(t *testing.T) (base, key string, end func(), ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	result := make(chan error, 1)
	go func() {
		result <- execute(ctx, []string{"lab", "-q", "--threads", "2"}, write,
			newConsole(io.Discard), func(string) string { return "" })
	}()
	t.Cleanup(cancel)
	address, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base, key, ok := strings.Cut(strings.TrimSpace(address), "/?k=")
	if !ok || !strings.HasPrefix(base, "http://127.0.0.1:") || len(key) < 20 {
		t.Fatalf("the address is %q", address)
	}
	return base, key, cancel, result
}

// TestLab holds that a page sees its connection end with the lab, and that the
// end by a signal is a success.
func TestLab(t *testing.T) {
	base, key, end, ended := startLab(t)
	alive, err := http.Get(base + "/alive?k=" + key)
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Body.Close()
	first, err := bufio.NewReader(alive.Body).ReadString('\n')
	if err != nil || !strings.HasPrefix(first, "retry:") {
		t.Fatalf("%q, %v", first, err)
	}
	end()
	if _, err := io.ReadAll(alive.Body); err != nil {
		t.Errorf("the open page sees %v", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the lab ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the lab does not end")
	}
	if _, _, err := csdm(t, "lab", "--port", "70000"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("port 70000: %v", err)
	}
}

// labJob runs a job of a lab and returns its last line.
func labJob(t *testing.T, base, key, job, input string) (last map[string]any) {
	t.Helper()
	lines := labLines(t, base, key, job, input)
	return lines[len(lines)-1]
}

// labLines runs a job of a lab and returns its lines.
func labLines(t *testing.T, base, key, job, input string) (lines []map[string]any) {
	t.Helper()
	response, err := http.Post(base+"/job/"+job+"?k="+key, "application/json",
		strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for d := json.NewDecoder(response.Body); d.More(); {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 || lines[len(lines)-1]["failed"] != nil {
		t.Fatalf("%s: %v", job, lines)
	}
	return lines
}

// saveFile saves a file of a lab.
func saveFile(t *testing.T, address, path string) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("%s: status %d, %v", path, response.StatusCode, err)
	}
	writeBytes(t, path, data)
}

// runIn runs a command line of the lab with its files in dir.
func runIn(t *testing.T, dir, command string, files ...string) {
	t.Helper()
	args := strings.Fields(command)
	if args[0] != "csdm" {
		t.Fatalf("the command is %q", command)
	}
	for i, arg := range args {
		for _, file := range files {
			if arg == file {
				args[i] = filepath.Join(dir, file)
			}
		}
	}
	if _, stderr, err := csdm(t, args[1:]...); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, stderr)
	}
}

// sameFloats compares a row of the page with an array of a file: the page has
// its numbers rounded to float32.
func sameFloats(t *testing.T, what string, page any, path string) {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(page.(string))
	if err != nil {
		t.Fatal(err)
	}
	a, err := format.ReadArrayFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	for _, v := range a.Float64() {
		bits := math.Float32bits(float32(v))
		if err := binary.Write(&want, binary.LittleEndian, bits); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(data, want.Bytes()) {
		t.Errorf("%s of the page differs from %s", what, path)
	}
}

// TestLabCommands runs the commands that the lab shows. Their results are what
// the lab shows.
func TestLabCommands(t *testing.T) {
	base, key, _, _ := startLab(t)
	t.Run("exact", func(t *testing.T) {
		dir := t.TempDir()
		r := labJob(t, base, key, "exact", `{"x":0.41,"y":0.57,"noise":1.5,"seed":2}`)
		saveFile(t, base+"/file/y.npy?x=0.41&y=0.57&noise=1.5&seed=2&k="+key,
			filepath.Join(dir, "y.npy"))
		runIn(t, dir, r["command"].(string), "y.npy", "posterior.npz")
		p := r["posterior"].(map[string]any)
		sameFloats(t, "mean", p["mean"], filepath.Join(dir, "posterior.npz:mean_physical"))
		sameFloats(t, "std", p["std"], filepath.Join(dir, "posterior.npz:std_physical"))
	})
	t.Run("measurement", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "y.npy")
		saveFile(t, base+"/file/y.npy?x=0.41&y=0.57&noise=5&seed=2&k="+key, path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		input := `{"model":"quasistatic-28-n5","path":"y.npy","data":"` +
			base64.StdEncoding.EncodeToString(data) + `","draws":8,"seed":3`
		command := labJobFirst(t, base, key, "measurement", input+"}")["command"].(string)
		lines := labLines(t, base, key, "measurement", input+"}")
		r := lines[len(lines)-2]
		runIn(t, dir, command, "y.npy", "posterior.npz")
		sameFloats(t, "mean", r["mean"], filepath.Join(dir, "posterior.npz:mean_physical"))
		sameFloats(t, "std", r["std"], filepath.Join(dir, "posterior.npz:std_physical"))
		if v := r["explained"].(map[string]any); v["explained"] != true {
			t.Errorf("the measurement is not explained: %v", v["text"])
		}
		// Upside down it is no measurement of the model, and nothing is drawn.
		lines = labLines(t, base, key, "measurement", input+`,"rows_down":true}`)
		if last := lines[len(lines)-1]; last["refused"] != true || last["mean"] != nil {
			t.Errorf("a map upside down is not refused: %v", last)
		}
	})
	// A computation prints what the page gets, byte for byte.
	for name, input := range map[string]string{
		"score": `{"points":[0.25,0.3,4,0.75,0.72,1],"width":0.05,"sigma":0.1}`,
		"walk": `{"points":[0.5,0.5,1],"width":0.1,"particles":10,"sampler":"few",` +
			`"steps":4,"seed":1}`,
		"level":  `{"x":0.41,"y":0.57,"noise":5,"seed":2,"sigma":0.5,"z":1}`,
		"levels": `{"x":0.41,"y":0.57,"noise":5,"seed":2}`,
		"trust":  `{"seed":3,"noise":5,"measurements":2,"spoiling":"narrow"}`,
	} {
		t.Run(name, func(t *testing.T) {
			response, err := http.Post(base+"/job/"+name+"?k="+key, "application/json",
				strings.NewReader(input))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			want, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := csdm(t, "lab", name, input)
			if err != nil || got != string(want) || len(want) < 100 {
				t.Errorf("the command prints %.200s (%v); the page gets %.200s", got, err, want)
			}
		})
	}
	if _, _, err := csdm(t, "lab", "nothing", "{}"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("an unknown computation: %v", err)
	}
	if _, _, err := csdm(t, "lab", "score", "{}"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("a refused input: %v", err)
	}
	t.Run("training", func(t *testing.T) {
		dir := t.TempDir()
		const input = `{"seed":2,"channels":8,"muon":true,"neighbors":0,"steps":12}`
		command := labJobFirst(t, base, key, "training", input)["command"].(string)
		last := labJob(t, base, key, "training", input)
		command += " --set sampling.draws=2 --set reference.method=none --allow-extrapolation"
		runIn(t, dir, command, "training")
		run := filepath.Join(dir, "training")
		sameFirst(t, last["draw"], filepath.Join(run, "cases", "000",
			"posterior.npz:samples_physical"))
		metrics, err := os.ReadFile(filepath.Join(run, "metrics.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		var record struct {
			HeldOut struct{ Mean float64 } `json:"held_out"`
		}
		lines := bytes.Split(bytes.TrimSpace(metrics), []byte("\n"))
		if err := json.Unmarshal(lines[len(lines)-1], &record); err != nil {
			t.Fatal(err)
		}
		if got := last["held_out"].(float64); got*16*16 != record.HeldOut.Mean || got <= 0 {
			t.Errorf("the page has a held-out loss of %v, metrics.jsonl %v", got*16*16,
				record.HeldOut.Mean)
		}
	})
	t.Run("anneal", func(t *testing.T) {
		dir := t.TempDir()
		const state = `"x":0.41,"y":0.57,"noise":5,"seed":2`
		r := labJob(t, base, key, "anneal", `{`+state+`,"sampler":"dpmpp2m","levels":4,"chains":2,`+
			`"start":7}`)
		first := labJobFirst(t, base, key, "anneal", `{`+state+`,"sampler":"dpmpp2m","levels":4,`+
			`"chains":2,"start":7}`)
		saveFile(t, base+"/file/y.npy?x=0.41&y=0.57&noise=5&seed=2&k="+key,
			filepath.Join(dir, "y.npy"))
		runIn(t, dir, first["command"].(string)+" --allow-extrapolation", "y.npy", "draws.npz")
		sameLast(t, r["last"], filepath.Join(dir, "draws.npz:samples"))
	})
}

// labJobFirst runs a job and returns its first line.
func labJobFirst(t *testing.T, base, key, job, input string) (first map[string]any) {
	t.Helper()
	response, err := http.Post(base+"/job/"+job+"?k="+key, "application/json",
		strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&first); err != nil {
		t.Fatal(err)
	}
	return first
}

// sameLast compares the last draw of the page with the last of a file.
func sameLast(t *testing.T, page any, path string) {
	t.Helper()
	data, all := drawsOf(t, page, path)
	sameDraw(t, data, all[len(all)-len(data)/4:])
}

// sameFirst compares the draw of the page with the first of a file.
func sameFirst(t *testing.T, page any, path string) {
	t.Helper()
	data, all := drawsOf(t, page, path)
	sameDraw(t, data, all[:len(data)/4])
}

// drawsOf returns the bytes of a draw of the page, and the draws of a file.
func drawsOf(t *testing.T, page any, path string) (data []byte, all []float64) {
	t.Helper()
	a, err := format.ReadArrayFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if data, err = base64.StdEncoding.DecodeString(page.(string)); err != nil {
		t.Fatal(err)
	}
	return data, a.Float64()
}

// sameDraw compares a draw of the page with one of a file.
func sameDraw(t *testing.T, page []byte, file []float64) {
	t.Helper()
	for k, v := range file {
		if got := math.Float32frombits(binary.LittleEndian.Uint32(page[4*k:])); got != float32(v) {
			t.Fatalf("pixel %d of the draw is %v on the page and %v in the file", k, got, v)
		}
	}
}
