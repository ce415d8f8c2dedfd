package builtin_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/dataset"
	"csdm/internal/kernel"
	"csdm/problems"
	"csdm/problems/builtin"
)

// update names a folder with a dataset of each problem, as
// docs/reference/datasets/make.sh makes it, or with the first block of each:
//
//	go test ./problems/builtin -run TestDatasets -update DIR
//
// reads sums and values from there. Relative paths start from this folder.
var update = flag.String("update", "",
	"folder with the paper's datasets, from which to take the committed values")

// For each dataset of the paper the repository holds the sums of its first
// block's files, for people, and values of two pairs of that block.
const (
	docsFolder   = "../../docs/reference/datasets"
	sumsFile     = docsFolder + "/SHA256SUMS"
	slicesFile   = "testdata/datasets.json"
	datasetsSeed = 1
)

// ofPaper lists the problems with a dataset of the paper.
var ofPaper = []string{"quasistatic", "phantom", "opticnerve", "duallayer", "spheroid"}

// slice holds the stored part of a pair.
type slice struct {
	Pair int   `json:"pair"`
	X    array `json:"x"`
	Y    array `json:"y"`
}

// array holds the stored part of an array of float32: a hash of the bytes as
// they are in the dataset, and values for measuring the difference of another
// array.
type array struct {
	SHA256 string    `json:"sha256"`
	Mean   float64   `json:"mean"`
	Scale  float64   `json:"scale"`  // largest magnitude
	Values []float32 `json:"values"` // evenly spread
}

const keptValues = 12

func summarize(v []float32) array {
	var a array
	hash := sha256.New()
	if err := binary.Write(hash, binary.LittleEndian, v); err != nil {
		panic(err)
	}
	a.SHA256 = hex.EncodeToString(hash.Sum(nil))
	for _, value := range v {
		a.Mean += float64(value) / float64(len(v))
		a.Scale = max(a.Scale, math.Abs(float64(value)))
	}
	for k := range keptValues {
		a.Values = append(a.Values, v[(2*k+1)*len(v)/(2*keptValues)])
	}
	return a
}

// check compares with the committed values: all bits where they must be equal,
// and always some values. Kernels differ by rounding in float64, which moves a
// float32 result to its neighbor at most.
func (a array) check(t *testing.T, name string, want array) {
	t.Helper()
	if sameBits && a.SHA256 != want.SHA256 {
		t.Errorf("%s: SHA-256 %s, want %s", name, a.SHA256, want.SHA256)
	}
	tolerance := 0x1p-23 * want.Scale
	if d := math.Abs(a.Mean - want.Mean); !(d <= tolerance) {
		t.Errorf("%s: mean %v, want %v", name, a.Mean, want.Mean)
	}
	for k, v := range a.Values {
		if d := math.Abs(float64(v) - float64(want.Values[k])); !(d <= tolerance) {
			t.Errorf("%s: value %d is %v, want %v", name, k, v, want.Values[k])
		}
	}
}

// sameBits reports whether this program must reproduce the committed bits: it
// has the same kernels, and a compiler that does not fuse products and sums.
var sameBits = kernel.Implementation() == "avx2" && !fuses

// TestDatasets makes pairs of the paper's datasets again, with their grid and
// seed, and compares them with the published ones. It makes the first and the
// last pair of the first block, or the whole block where blocks are cheap.
func TestDatasets(t *testing.T) {
	if *update != "" {
		updateDatasets(t, *update)
	}
	data, err := os.ReadFile(slicesFile)
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string][]slice
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	sums := readSums(t)
	page, err := os.ReadFile(docsFolder + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range ofPaper {
		t.Run(problem, func(t *testing.T) {
			p, err := builtin.Lookup(problem, problems.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(kept[problem]) != 2 {
				t.Fatalf("%d pairs of %s in %s; want 2", len(kept[problem]), problem, slicesFile)
			}
			checkSlices(t, p, kept[problem])
			for _, name := range blockFiles(problem) {
				if sum := sums[name]; len(sum) != 64 || !bytes.Contains(page, []byte(sum[:12])) {
					t.Errorf("%s: the sum %q is not in docs/reference/datasets/README.md", name,
						sum)
				}
			}
		})
	}
	if !sameBits {
		return // blocks have only sums
	}
	for _, name := range []string{"quasistatic", "phantom"} {
		t.Run("block of "+name, func(t *testing.T) {
			checkBlock(t, name, kept[name][1].Pair+1, sums)
		})
	}
}

func checkSlices(t *testing.T, p problems.Problem, want []slice) {
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	spec := p.Spec()
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	x32, y32 := make([]float32, len(x)), make([]float32, len(y))
	for _, w := range want {
		if err := g.Pair(x, y, datasetsSeed, uint64(w.Pair)); err != nil {
			t.Fatal(err)
		}
		for i, v := range x {
			x32[i] = float32(v)
		}
		for i, v := range y {
			y32[i] = float32(v)
		}
		summarize(x32).check(t, fmt.Sprintf("x of pair %d", w.Pair), w.X)
		summarize(y32).check(t, fmt.Sprintf("y of pair %d", w.Pair), w.Y)
	}
}

// checkBlock makes a first block as csdm data does. Its files are the same for
// any larger dataset.
func checkBlock(t *testing.T, name string, pairs int, sums map[string]string) {
	p, err := builtin.Lookup(name, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), name)
	if _, err := dataset.Generate(context.Background(), dir, p,
		dataset.Settings{Pairs: pairs, Seed: datasetsSeed, Threads: 2}); err != nil {
		t.Fatal(err)
	}
	for _, file := range blockFiles(name) {
		if sum := sumOf(t, filepath.Join(filepath.Dir(dir), file)); sum != sums[file] {
			t.Errorf("%s: SHA-256 %s, want %s", file, sum, sums[file])
		}
	}
}

func blockFiles(problem string) []string {
	return []string{problem + "/x-00000.npy", problem + "/y-00000.npy"}
}

func sumOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// readSums reads a file of sums in the format of sha256sum.
func readSums(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(sumsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sums := make(map[string]string)
	scan := bufio.NewScanner(f)
	for scan.Scan() {
		sum, name, _ := strings.Cut(scan.Text(), "  ")
		sums[name] = sum
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	return sums
}

// updateDatasets writes the committed files from datasets of the paper.
func updateDatasets(t *testing.T, dir string) {
	kept := make(map[string][]slice)
	var sums []string
	for _, problem := range ofPaper {
		folder := filepath.Join(dir, problem)
		store, err := dataset.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		p, err := builtin.Lookup(problem, problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Check(p.Spec()); err != nil {
			t.Fatal(err)
		}
		m := store.Manifest()
		if m.Seed != datasetsSeed || m.Pairs < m.BlockPairs {
			t.Fatalf("%s: seed %d, %d pairs in blocks of %d: want seed %d and a whole block",
				folder, m.Seed, m.Pairs, m.BlockPairs, datasetsSeed)
		}
		x, y := make([]float32, p.Spec().XLen()), make([]float32, p.Spec().YLen())
		for _, i := range []int{0, m.BlockPairs - 1} {
			if err := store.Pair(i, x, y); err != nil {
				t.Fatal(err)
			}
			kept[problem] = append(kept[problem], slice{i, summarize(x), summarize(y)})
		}
		for _, file := range blockFiles(problem) {
			sums = append(sums, sumOf(t, filepath.Join(dir, file))+"  "+file+"\n")
		}
	}
	data, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(sums, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
	for path, content := range map[string]string{slicesFile: string(data) + "\n",
		sumsFile: strings.Join(sums, "")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// order sorts sums as sha256sum */x-00000.npy */y-00000.npy lists them.
func order(line string) string {
	_, name, _ := strings.Cut(line, "  ")
	problem, file, _ := strings.Cut(strings.TrimSpace(name), "/")
	return file + "/" + problem
}
