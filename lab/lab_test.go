package lab_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"csdm/env"
	"csdm/lab"
)

// start serves a lab and returns its address without the key, and the key.
func start(t testing.TB) (base, key string) {
	t.Helper()
	server, err := lab.New(env.Env{Call: env.Call{Threads: 2}})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server.Handler())
	t.Cleanup(web.Close)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	_, key, _ = strings.Cut(server.Address(web.Listener.Addr()), "?k=")
	return web.URL, key
}

// get sends a request with changed headers and returns status and body.
func get(t testing.TB, method, address, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data), response.Header
}

// TestRefusals sends what another site, another machine or a guess would send.
func TestRefusals(t *testing.T) {
	base, key := start(t)
	port := base[strings.LastIndex(base, ":"):]
	for _, v := range []struct {
		what, method, path string
		headers            []string
		want               int
	}{
		{"the page", "GET", "/?k=" + key, nil, 200},
		{"through a tunnel", "GET", "/?k=" + key, []string{"Host", "localhost:9"}, 200},
		{"no key", "GET", "/", nil, 403},
		{"a wrong key", "GET", "/?k=" + key[1:], nil, 403},
		{"a script without the key", "GET", "/lab.js", nil, 403},
		{"a changed name", "GET", "/?k=" + key, []string{"Host", "evil.example" + port}, 403},
		{"a longer name", "GET", "/?k=" + key, []string{"Host", "localhost.evil.example" + port},
			403},
		{"a name with a prefix", "GET", "/?k=" + key, []string{"Host", "127.0.0.1.evil.example"},
			403},
		{"no name", "GET", "/?k=" + key, []string{"Host", "[::]" + port}, 403},
		{"another site", "POST", "/job/inverse?k=" + key, []string{"Origin", "http://evil.example"},
			403},
		{"another port", "POST", "/job/inverse?k=" + key, []string{"Origin", "http://127.0.0.1:1"},
			403},
		{"a page of a file", "POST", "/job/inverse?k=" + key, []string{"Origin", "null"}, 403},
		{"a form", "POST", "/job/inverse?k=" + key, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"its own page", "POST", "/job/inverse?k=" + key, []string{"Origin", base}, 400},
		{"a job by GET", "GET", "/job/inverse?k=" + key, nil, 405},
		{"no job", "POST", "/job/nothing?k=" + key, nil, 404},
		{"no file", "GET", "/file/nothing?k=" + key, nil, 404},
		{"no path", "GET", "/../server.go?k=" + key, nil, 404},
		{"a file without a state", "GET", "/file/y.npy?k=" + key, nil, 400},
	} {
		status, body, header := get(t, v.method, base+v.path, "", v.headers...)
		if status != v.want {
			t.Errorf("%s: status %d, want %d: %.100s", v.what, status, v.want, body)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy,
			"default-src 'none'") || strings.Contains(policy, "unsafe") ||
			strings.Contains(policy, "http") {
			t.Errorf("%s: policy %q", v.what, policy)
		}
	}
}

// TestListen holds that only the loopback interface is served.
func TestListen(t *testing.T) {
	l, err := lab.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if host, _, _ := net.SplitHostPort(l.Addr().String()); host != "127.0.0.1" {
		t.Errorf("the lab listens on %s", host)
	}
}

// TestPage holds that the page names no other machine, and has no script or
// style that its policy refuses.
func TestPage(t *testing.T) {
	base, key := start(t)
	for _, path := range []string{"/", "/lab.js", "/lab.css", "/colors.css"} {
		_, body, _ := get(t, "GET", base+path+"?k="+key, "")
		for _, found := range regexp.MustCompile(`https?://[a-zA-Z0-9.]+`).FindAllString(body, -1) {
			if found != "http://www.w3.org" {
				t.Errorf("%s names %s", path, found)
			}
		}
		if path == "/" && (strings.Contains(body, " style=") || strings.Contains(body, "onclick") ||
			strings.Contains(body, "<style")) {
			t.Error("the page has an inline style or script")
		}
		if len(body) < 300 {
			t.Errorf("%s has %d bytes", path, len(body))
		}
	}
}

// line runs a job and returns its lines.
func lines(t testing.TB, base, key, job, input string) (out []map[string]any) {
	t.Helper()
	status, body, _ := get(t, "POST", base+"/job/"+job+"?k="+key, input)
	if status != 200 {
		t.Fatalf("%s: status %d: %s", job, status, body)
	}
	for d := json.NewDecoder(strings.NewReader(body)); d.More(); {
		var v map[string]any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if v["failed"] != nil {
			t.Fatalf("%s: %v", job, v["failed"])
		}
		out = append(out, v)
	}
	return out
}

func floatsOf(t testing.TB, v any) []float64 {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(v.(string))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(data)/4)
	for k := range out {
		out[k] = float64(math.Float32frombits(binary.LittleEndian.Uint32(data[4*k:])))
	}
	return out
}

// TestSources holds that each quoted line exists, once, and that the quote is
// what the file has at that line.
func TestSources(t *testing.T) {
	for _, r := range lab.Rooms() {
		if len(r.Sources) == 0 || len(r.Symbols) == 0 || r.Question == "" || r.Answer == "" ||
			len(r.Notice) == 0 {
			t.Errorf("room %s lacks a part", r.ID)
		}
		for _, s := range r.Sources {
			q, err := s.Quote()
			if err != nil {
				t.Error(err)
				continue
			}
			data, err := os.ReadFile("../" + s.File)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Split(string(data), "\n")
			if got := strings.Join(all[q.First-1:q.Last], "\n"); got != q.Text ||
				q.Last-q.First > 130 {
				t.Errorf("%s:%d to %d is not the quote", s.File, q.First, q.Last)
			}
		}
	}
}

// TestInputs holds that inputs out of range are refused with a reason.
func TestInputs(t *testing.T) {
	base, key := start(t)
	for job, inputs := range map[string][]string{
		"inverse": {`{}`, `{"x":0.1,"y":0.5,"noise":5}`, `{"x":0.5,"y":0.5,"noise":0}`,
			`{"x":0.5,"y":0.5,"noise":1e300}`, `{"x":0.5,"y":0.5,"noise":5,"seed":-1}`,
			`{"x":0.5,"y":0.5,"noise":5,"more":1}`, `[`, `{"x":"0.5"}`},
		"score": {`{}`, `{"points":[0.5,0.5],"width":0.1,"sigma":1}`,
			`{"points":[0.5,0.5,1],"width":0,"sigma":1}`,
			`{"points":[0.5,2,1],"width":0.1,"sigma":1}`,
			`{"points":[0.5,0.5,1],"width":0.1,"sigma":0}`},
		"walk": {
			`{"points":[0.5,0.5,1],"width":0.1,"particles":10,"sampler":"few","steps":1000000}`,
			`{"points":[0.5,0.5,1],"width":0.1,"particles":1000000,"sampler":"annealed"}`,
			`{"points":[0.5,0.5,1],"width":0.1,"particles":10,"sampler":"none"}`},
		"level": {`{"x":0.5,"y":0.5,"sigma":0}`},
		"anneal": {`{"x":0.5,"y":0.5,"sampler":"heun","levels":4,"chains":1000}`,
			`{"x":0.5,"y":0.5,"sampler":"annealed","levels":4,"chains":4}`},
		"measurement": {`{"model":"none","path":"y.npy","draws":8}`, `{"path":"","draws":8}`,
			`{"model":"quasistatic-28-n5","path":"/no/such/file.npy","draws":8}`,
			`{"model":"quasistatic-28-n5","path":"y.npy","data":"AAAA","draws":8}`,
			`{"model":"quasistatic-28-n5","path":"y.npy","data":"AAAA","draws":8000}`},
		"training": {`{"channels":8,"steps":100}`, `{"channels":8,"steps":1200}`,
			`{"channels":640,"steps":120}`, `{"channels":8,"steps":120,"neighbors":-1}`},
		"trust": {`{"noise":5,"measurements":100000}`},
	} {
		for _, input := range inputs {
			status, body, _ := get(t, "POST", base+"/job/"+job+"?k="+key, input)
			if status != 400 || !strings.Contains(body, `"failed":"`) {
				t.Errorf("%s of %s: status %d: %s", job, input, status, body)
			}
		}
	}
	large := bytes.Repeat([]byte("9"), 17<<20)
	if status, _, _ := get(t, "POST", base+"/job/inverse?k="+key, string(large)); status != 413 {
		t.Errorf("17 MiB of input: status %d", status)
	}
}

// TestDrag holds that the posterior of the table follows the disc, and that the
// measurement file is the measurement.
func TestDrag(t *testing.T) {
	base, key := start(t)
	for _, at := range [][2]float64{{0.3, 0.7}, {0.62, 0.44}} {
		input := fmt.Sprintf(`{"x":%v,"y":%v,"noise":5,"seed":3}`, at[0], at[1])
		r := lines(t, base, key, "inverse", input)[0]
		theta := r["posterior"].(map[string]any)["theta"].([]any)
		const pixel = 1. / 27
		for k, v := range theta {
			if math.Abs(v.(float64)-at[k]) > pixel {
				t.Errorf("variable %d of the posterior is %v, of the disc %v", k, v, at[k])
			}
		}
		ux, uy := floatsOf(t, r["ux"]), floatsOf(t, r["uy"])
		if ux[0] != 0 || uy[0] != 0 || math.Abs(uy[len(uy)-1]+0.01) > 1e-9 {
			t.Errorf("the corners move by %v, %v and %v", ux[0], uy[0], uy[len(uy)-1])
		}
		_, file, _ := get(t, "GET", fmt.Sprintf("%s/file/y.npy?k=%s&x=%v&y=%v&noise=5&seed=3", base,
			key, at[0], at[1]), "")
		y := floatsOf(t, r["measured"])
		data := []byte(file[len(file)-8*len(y):])
		for k, v := range y {
			in := math.Float64frombits(binary.LittleEndian.Uint64(data[8*k:]))
			if float32(in) != float32(v) {
				t.Fatalf("y.npy has %v at %d, the page %v", in, k, v)
			}
		}
	}
}

// TestKeptSolutions holds that a posterior with kept solutions is the one
// without, and that another noise of the measurement takes most of them.
func TestKeptSolutions(t *testing.T) {
	const first, second = `{"x":0.4,"y":0.6,"noise":10,"seed":1}`,
		`{"x":0.4,"y":0.6,"noise":10,"seed":2}`
	base, key := start(t)
	lines(t, base, key, "exact", first)
	got := lines(t, base, key, "exact", second)[0]
	base, key = start(t)
	want := lines(t, base, key, "exact", second)[0]
	for _, name := range []string{"mean", "std"} {
		a, b := got["posterior"].(map[string]any)[name], want["posterior"].(map[string]any)[name]
		if a != b || a == "" {
			t.Errorf("the %s with kept solutions differs", name)
		}
	}
	solves, kept := got["solves"].(float64), got["kept"].(float64)
	t.Logf("%v of %v solves were kept; %.2f s instead of %.2f s", kept, solves, got["seconds"],
		want["seconds"])
	if want["kept"] != 0. || kept < solves/2 || got["solves"] != want["solves"] {
		t.Errorf("%v of %v solves were kept, and %v of %v without an earlier one", kept, solves,
			want["kept"], want["solves"])
	}
}

// TestWalk compares three samplers of a mixture of two modes, 4 : 1, with exact
// draws. Langevin dynamics at one level keeps the shares of the start.
func TestWalk(t *testing.T) {
	base, key := start(t)
	for _, v := range []struct {
		sampler     string
		evaluations float64
		right       bool
	}{{`"langevin"`, 401, false}, {`"annealed"`, 401, true}, {`"few","steps":12`, 12, true}} {
		r := lines(t, base, key, "walk", `{"points":[0.25,0.3,4,0.75,0.72,1],"width":0.05,`+
			`"particles":400,"seed":1,"sampler":`+v.sampler+`}`)[0]
		distance, floor := r["distance"].(float64), r["floor"].(float64)
		if r["evaluations"] != v.evaluations || (distance < 3*floor) != v.right {
			t.Errorf("%s: %v evaluations, distance %.3f; exact draws have %.3f", v.sampler,
				r["evaluations"], distance, floor)
		}
		frames := r["frames"].([]any)
		if n := len(floatsOf(t, frames[len(frames)-1])); n != 800 || len(frames) > 62 {
			t.Errorf("%s: %d frames; the last has %d numbers", v.sampler, len(frames), n)
		}
	}
}

// BenchmarkDrag measures the way from a position of the disc to the numbers of
// the pictures.
func BenchmarkDrag(b *testing.B) {
	base, key := start(b)
	i := 0
	for b.Loop() {
		i++
		lines(b, base, key, "inverse", fmt.Sprintf(`{"x":%v,"y":0.5,"noise":5,"seed":1}`,
			0.3+0.4*float64(i%40)/40))
	}
}
