//go:build unix

// Package docs tests the pages: their commands and programs run.
package docs

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A block is a fenced block of a page.
type block struct {
	line     int    // of the opening fence, from 1
	language string // after the fence
	mark     string // reason of a "not run" mark on the line before, if any
	text     string
}

var (
	opening = regexp.MustCompile("^( *)```([a-z]*)$")
	notRun  = regexp.MustCompile(`^ *<!-- not run: (.+) -->$`)
)

// blocks returns the fenced blocks of a page, and what is wrong with them.
func blocks(page string) (found []block, faults []string) {
	lines := strings.Split(page, "\n")
	mark := ""
	for i := 0; i < len(lines); i++ {
		if m := notRun.FindStringSubmatch(lines[i]); m != nil {
			mark = m[1]
			continue
		}
		m := opening.FindStringSubmatch(lines[i])
		switch {
		case m == nil && mark != "":
			faults = append(faults, `"not run: `+mark+`" stands before no block`)
		case m == nil && strings.HasPrefix(strings.TrimSpace(lines[i]), "```"):
			faults = append(faults, "this fence is not one of three backquotes and a language: "+lines[i])
		}
		if m == nil {
			mark = ""
			continue
		}
		b := block{line: i + 1, language: m[2], mark: mark}
		mark = ""
		for i++; i < len(lines) && lines[i] != m[1]+"```"; i++ {
			b.text += strings.TrimPrefix(lines[i], m[1]) + "\n"
		}
		switch {
		case i == len(lines):
			faults = append(faults, "a fence has no end")
		case !slices.Contains([]string{"", "sh", "text", "go", "python", "toml", "cff"}, b.language):
			faults = append(faults, "call shell commands sh, so that they are run, not "+b.language)
		case b.mark != "" && b.language != "sh":
			faults = append(faults, `"not run: `+b.mark+`" stands before a block of `+b.language)
		}
		found = append(found, b)
	}
	return found, faults
}

// root is the repository, as this package's folder sees it.
const root = ".."

// pages returns README.md, CONTRIBUTING.md and the pages of docs, relative to
// the repository. It looks into every folder, so that Go's test cache sees it
// when the program changes.
func pages(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		switch {
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != ".":
			return fs.SkipDir
		case name == "README.md", name == "CONTRIBUTING.md", strings.HasPrefix(name, "docs") && filepath.Ext(name) == ".md":
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// command runs a command in a folder and fails the test with all that it
// printed. A command that takes longer than five minutes is ended, with its
// children: it needs a mark. It returns the CPU time.
func command(t *testing.T, dir string, env []string, name string, args ...string) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, bytes.TrimSpace(out))
	}
	if cmd.ProcessState == nil { // it was not started
		return 0
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// TestCommands runs the blocks of shell commands that carry no mark, those of
// one page in one folder. CONTRIBUTING.md explains the mark.
func TestCommands(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell here")
	}
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	command(t, repository, nil, "go", "build", "-o", filepath.Join(bin, "csdm"), "./cmd/csdm")
	if t.Failed() {
		return
	}
	path := "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
	run, total := 0, time.Duration(0)
	for _, name := range pages(t) {
		page, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		found, faults := blocks(string(page))
		for _, fault := range faults {
			t.Errorf("%s: %s", name, fault)
		}
		var dir string
		for _, b := range found {
			if b.language != "sh" || b.mark != "" {
				continue
			}
			if dir == "" {
				dir = workplace(t, repository)
			}
			run++
			before := t.Failed()
			spent := command(t, dir, []string{path}, "sh", "-euc", b.text)
			total += spent
			t.Logf("%s:%d took %.1f s of CPU", name, b.line, spent.Seconds())
			if t.Failed() && !before {
				t.Errorf("%s:%d: the commands above fail:\n%s", name, b.line, b.text)
				break // what follows on this page may need their files
			}
		}
	}
	t.Logf("%d blocks took %.0f s of CPU", run, total.Seconds())
	if run < 10 {
		t.Errorf("only %d blocks were run", run)
	}
}

// workplace returns a folder that holds nothing but models and examples, which
// the commands of the pages read.
func workplace(t *testing.T, repository string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"models", "examples"} {
		if err := os.Symlink(filepath.Join(repository, name), filepath.Join(dir, name)); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	return dir
}

// TestPrograms builds each Go program of the pages in a module of its own, as
// somebody who uses csdm's packages does.
func TestPrograms(t *testing.T) {
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	built := 0
	for _, name := range pages(t) {
		page, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		found, _ := blocks(string(page))
		for _, b := range found {
			if b.language != "go" || !strings.HasPrefix(b.text, "package main\n") {
				continue
			}
			dir := t.TempDir()
			for file, text := range map[string]string{
				"main.go": b.text,
				"go.mod":  "module example.org/mine\n\ngo 1.26.0\n",
				"go.work": "go 1.26.0\n\nuse (\n\t.\n\t" + repository + "\n)\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			built++
			command(t, dir, []string{"GOWORK=" + filepath.Join(dir, "go.work")}, "go", "run", ".")
			if t.Failed() {
				t.Fatalf("%s:%d: the program above fails", name, b.line)
			}
		}
	}
	if built == 0 {
		t.Error("no page holds a program")
	}
}

// TestBlocks gives the parser one page with each kind of fault.
func TestBlocks(t *testing.T) {
	found, faults := blocks("<!-- not run: slow -->\n```sh\na\n```\n1. b\n\n   ```sh\n   c\n   d\n   ```\n```text\ne\n```\n")
	want := []block{{2, "sh", "slow", "a\n"}, {7, "sh", "", "c\nd\n"}, {11, "text", "", "e\n"}}
	if !slices.Equal(found, want) || faults != nil {
		t.Errorf("found %v and faults %q, want %v", found, faults, want)
	}
	_, faults = blocks("```bash\n```\n<!-- not run: a -->\n\n<!-- not run: b -->\n```text\n```\n```sh {x}\n```sh\n")
	if len(faults) != 5 {
		t.Errorf("found %d faults, want 5: %q", len(faults), faults)
	}
}
