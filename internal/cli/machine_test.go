package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestThreads(t *testing.T) {
	allowed := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(allowed)
	for _, c := range []struct {
		flag   int
		slurm  string
		n      int
		reason string
		code   int
	}{
		{0, "", 3, "CPUs this process may use", 0},
		{5, "2", 5, "--threads", 0},
		{0, "2", 2, "SLURM_CPUS_PER_TASK", 0},
		{0, "16", 3, "CPUs this process may use", 0}, // more than the affinity mask allows
		{-1, "", 0, "", ExitUsage},
		{0, "two", 0, "", ExitConfig},
		{0, "0", 0, "", ExitConfig},
		{0, "99999999999999999999", 0, "", ExitConfig},
	} {
		n, reason, err := Threads(c.flag, func(name string) string {
			return map[string]string{"SLURM_CPUS_PER_TASK": c.slurm}[name]
		})
		if n != c.n || reason != c.reason || Code(err) != c.code {
			t.Errorf("%+v: %d, %q, %v", c, n, reason, err)
		}
	}
}

func TestProvenance(t *testing.T) {
	now := time.Date(2024, 2, 29, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	p := NewProvenance("avx2", now)
	if p.Time != "2024-02-29T12:00:00Z" || p.Kernel != "avx2" || p.Go != runtime.Version() ||
		p.Version == "" || p.CPU == "" || p.Cores < 1 {
		t.Errorf("%+v", p)
	}
	if runtime.GOOS == "linux" && !(p.MemoryGiB > 0.05 && p.MemoryGiB < 1e5) {
		t.Errorf("memory %v GiB", p.MemoryGiB)
	}
	if host, err := os.Hostname(); err == nil && len(host) > 3 &&
		strings.Contains(p.VersionLine()+p.CPU, host) {
		t.Errorf("%+v names the host", p)
	}
	for _, c := range []struct {
		p    Provenance
		want string
	}{
		{Provenance{Version: "(devel)", Commit: "0123456789abcdef", Modified: true, Go: "go1.26",
			Platform: "linux/amd64", Kernel: "go"},
			"(devel) 0123456789ab (modified), go1.26, linux/amd64, kernel go"},
		{Provenance{Version: "v0.0.0-20240229120000-0123456789ab+dirty", Commit: "0123456789abcdef",
			Modified: true, Go: "go1.26", Platform: "linux/amd64", Kernel: "go"},
			"v0.0.0-20240229120000-0123456789ab+dirty, go1.26, linux/amd64, kernel go"},
	} {
		if got := c.p.VersionLine(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestSHA256File(t *testing.T) {
	path := filepath.Join(t.TempDir(), "abc")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := SHA256File(path) // the example of FIPS 180-4
	if want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; err != nil ||
		got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	if _, err := SHA256File(path + "x"); Code(err) != ExitNoInput {
		t.Errorf("a missing file: %v", err)
	}
}
