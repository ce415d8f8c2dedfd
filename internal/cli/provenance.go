package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// Provenance describes the origin of a result: program, machine and time. It
// names neither host nor user, so results can be passed on.
type Provenance struct {
	// Version of the main module; (devel) if unknown.
	Version string `json:"version" toml:"version"`
	// Commit of the source, if the build has it.
	Commit string `json:"commit,omitempty" toml:"commit,omitempty"`
	// Modified states that the source differed from the commit.
	Modified bool   `json:"modified,omitempty" toml:"modified,omitempty"`
	Go       string `json:"go" toml:"go"`             // version of the toolchain
	Platform string `json:"platform" toml:"platform"` // such as linux/amd64
	// Implementation of the numerical kernels.
	Kernel string `json:"kernel" toml:"kernel"`
	// name of the processor
	CPU   string `json:"cpu" toml:"cpu"`
	Cores int    `json:"cores" toml:"cores"` // logical CPUs that the process may use
	// memory of the machine in GiB; absent: not known
	MemoryGiB float64 `json:"memory_gib,omitempty" toml:"memory_gib,omitempty"`
	Time      string  `json:"time" toml:"time"` // UTC, RFC 3339
}

// NewProvenance describes this process. kernel is the name of the kernel
// implementation in use, and now the time.
func NewProvenance(kernel string, now time.Time) Provenance {
	p := Provenance{
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Kernel: kernel, CPU: strings.TrimSpace(cpuid.CPU.BrandName), Cores: runtime.NumCPU(),
		MemoryGiB: memoryGiB(), Time: now.UTC().Format(time.RFC3339),
	}
	p.Version, p.Commit, p.Modified = source()
	if p.CPU == "" {
		p.CPU = runtime.GOARCH
	}
	return p
}

// VersionLine returns the text that --version prints after the program's name.
func (p Provenance) VersionLine() string {
	return fmt.Sprintf("%s, %s, %s, kernel %s", p.Source(), p.Go, p.Platform, p.Kernel)
}

// Source returns the version, with the commit of the source and whether the
// source differed from it if the version does not include this.
func (p Provenance) Source() string {
	s := p.Version
	if p.Commit != "" && !strings.Contains(s, p.Commit[:min(12, len(p.Commit))]) {
		s += " " + p.Commit[:min(12, len(p.Commit))]
	}
	if p.Modified && !strings.Contains(s, "dirty") {
		s += " (modified)"
	}
	return s
}

// memoryGiB returns the machine's memory to a tenth, or 0 if the system does
// not report it as Linux does.
func memoryGiB() float64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "MemTotal:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(text, "kB")))
			if err != nil {
				return 0
			}
			return float64((kib*10+1<<19)>>20) / 10
		}
	}
	return 0
}

// SHA256File returns the SHA-256 of a file's content in hexadecimal.
func SHA256File(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
