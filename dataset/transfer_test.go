package dataset_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/dataset"
	"csdm/internal/format"
	"csdm/priors"
	"csdm/problems"
)

// TestOwnGrid imports measurements on a grid of their own, which stand at nodes
// of x, and exports them as they were.
func TestOwnGrid(t *testing.T) {
	ctx, base := context.Background(), t.TempDir()
	spec := problems.Spec{Name: "lab", Rows: 5, Cols: 7, YChannels: 2, ImagesPerSimulation: 1,
		XRange: problems.Range{Max: 500}}
	if err := spec.SetYGrid(3, 4); err != nil {
		t.Fatal(err)
	}
	const n = 5
	values := func(count int) []float64 {
		all := make([]float64, count)
		for i := range all {
			all[i] = float64(i + 1)
		}
		return all
	}
	write := func(name string, a *format.Array) {
		f, err := os.Create(filepath.Join(base, name))
		if err := errors.Join(err, format.WriteNPY(f, a), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	write("x.npy", format.Array64(values(n*35), n, 5, 7))
	write("y.npy", format.Array64(values(n*24), n, 2, 3, 4))
	dir := filepath.Join(base, "data")
	s := dataset.ImportSettings{Problem: spec, BlockPairs: 2}
	if err := dataset.Import(ctx, dir, []string{base}, s); err != nil {
		t.Fatal(err)
	}
	store := open(t, dir)
	_, y := all(t, store, n)
	for i, plane := range y {
		for k, v := range values(24) {
			at := k/12*35 + spec.Sensors[k%12]
			if want := v + 24*float64(i); float64(plane[at]) != want {
				t.Fatalf("y[%d, %d] is %v, want %v", i, k, plane[at], want)
			}
		}
	}
	path := filepath.Join(base, "back.npz")
	if err := dataset.Export(ctx, store, path, dataset.ExportSettings{}); err != nil {
		t.Fatal(err)
	}
	back, err := format.ReadArrayFile(path + ":y")
	if err != nil {
		t.Fatal(err)
	}
	if err := back.CheckShape(n, 2, 3, 4); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(back.Float64(), values(n*24)) {
		t.Errorf("y returns as %v", back.Float64())
	}
	s.Problem.YRows, s.Problem.YCols, s.Problem.Sensors = 0, 0, nil
	if err := dataset.Import(ctx, filepath.Join(base, "other"), []string{base}, s); err == nil ||
		!strings.Contains(err.Error(), "rows of y") {
		t.Errorf("y on another grid than the problem's: %v", err)
	}
}

// TestExportImport checks that pairs exported to two files and imported again
// are unchanged.
func TestExportImport(t *testing.T) {
	ctx := context.Background()
	base := t.TempDir()
	dir := filepath.Join(base, "data")
	p := newStripes()
	generate(t, dir, p, settings())
	store := open(t, dir)
	var files []string
	for name, span := range map[string]dataset.Span{"a.npz": {0, 31}, "b.npz": {31, 100}} {
		path := filepath.Join(base, name)
		if err := dataset.Export(ctx, store, path,
			dataset.ExportSettings{Pairs: span}); err != nil {
			t.Fatal(err)
		}
		if err := dataset.Export(ctx, store, path, dataset.ExportSettings{}); !errors.Is(err,
			fs.ErrExist) {
			t.Errorf("an existing file: %v", err)
		}
	}
	files = []string{filepath.Join(base, "a.npz"), filepath.Join(base, "b.npz")}

	back := filepath.Join(base, "back")
	s := dataset.ImportSettings{Problem: problems.Spec{Name: "stripes", XUnit: "kPa",
		ImagesPerSimulation: 3}, BlockPairs: 12}
	if err := dataset.Import(ctx, back, files, s); err != nil {
		t.Fatal(err)
	}
	x, y := all(t, store, 100)
	again := open(t, back)
	x2, y2 := all(t, again, 100)
	for i := range x {
		for k := range x[i] {
			if x[i][k] != x2[i][k] {
				t.Fatalf("x of pair %d came back changed", i)
			}
		}
		for k := range y[i] {
			if y[i][k] != y2[i][k] {
				t.Fatalf("y of pair %d came back changed", i)
			}
		}
	}
	if m := again.Manifest(); m.Problem.YChannels != 2 || len(m.Imported) != 2 ||
		m.Imported[1].Name != "b.npz" {
		t.Errorf("%+v", m)
	}

	// The same import resumes where it stopped; another one is refused.
	want := folder(t, back)
	for _, name := range []string{"block-00003.json", "x-00003.npy", "y-00007.npy"} {
		os.Remove(filepath.Join(back, name))
	}
	if err := dataset.Import(ctx, back, files, s); err != nil {
		t.Fatal(err)
	}
	sameFolder(t, folder(t, back), want)
	if _, ok := errors.AsType[*dataset.MismatchError](dataset.Import(ctx, back, files[:1],
		s)); !ok {
		t.Error("imported other files into the folder")
	}
}

// TestExportNoisy checks that one draw of the noise is added, by
// problems.Measure, whatever the span.
func TestExportNoisy(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	generate(t, dir, p, settings())
	store := open(t, dir)
	path := filepath.Join(t.TempDir(), "noisy.npz")
	if err := dataset.Export(context.Background(), store, path,
		dataset.ExportSettings{Pairs: dataset.Span{From: 20, To: 40}, Noise: p.Measurement(),
			NoiseSeed: 3}); err != nil {
		t.Fatal(err)
	}
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := arrays["y"].CheckShape(20, 2, 3, 5); err != nil {
		t.Fatal(err)
	}
	_, y := all(t, store, 40)
	for i := 20; i < 40; i++ {
		problems.Measure(p.Measurement(), y[i], y[i], 3, uint64(i))
		for k, v := range y[i] {
			if got := arrays["y"].F32[(i-20)*30+k]; got != float32(v) {
				t.Fatalf("y[%d] of pair %d is %v, want %v", k, i, got, v)
			}
		}
	}

	// A set that was imported as noisy gets no further noise.
	noisy := filepath.Join(t.TempDir(), "noisy")
	if err := dataset.Import(context.Background(), noisy, []string{path},
		dataset.ImportSettings{Problem: problems.Spec{Name: "lab"}, Noisy: true}); err != nil {
		t.Fatal(err)
	}
	again := open(t, noisy)
	if _, err := dataset.NewSource(context.Background(), again, p.Measurement(),
		dataset.Settings{Threads: 1}); err == nil {
		t.Error("noise was added twice")
	}
	if _, err := dataset.NewSource(context.Background(), again, priors.Recorded{},
		dataset.Settings{Threads: 1}); err != nil {
		t.Error(err)
	}
}

// TestImportRefuses checks that missing arrays, other shapes, no pairs, and a
// number too large for float32 are errors that name the fault.
func TestImportRefuses(t *testing.T) {
	base := t.TempDir()
	array := func(n int, shape ...int) *format.Array {
		return format.Array64(make([]float64, n), shape...)
	}
	infinite := array(8, 2, 2, 2)
	infinite.F64[5] = 1e300 // too large for float32
	for want, arrays := range map[string][]format.Named{
		"no array \"y\"": {{Name: "x", Array: array(8, 2, 2, 2)}},
		"must be (N, H, W) and (N, C, H, W)": {{Name: "x", Array: array(4, 4)},
			{Name: "y", Array: array(4, 2, 2)}},
		"must share": {{Name: "x", Array: array(8, 2, 2, 2)},
			{Name: "y", Array: array(12, 3, 2, 2)}},
		"holds no pair": {{Name: "x", Array: array(0, 0, 2, 2)},
			{Name: "y", Array: array(0, 0, 2, 2)}},
		"pair 1: x[1]": {{Name: "x", Array: infinite},
			{Name: "y", Array: array(8, 2, 2, 2)}},
		"9 rows": {{Name: "x", Array: array(18, 1, 9, 2)},
			{Name: "y", Array: array(18, 1, 9, 2)}},
	} {
		path := filepath.Join(t.TempDir(), "pairs.npz")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := format.WriteNPZ(f, arrays...); err != nil {
			t.Fatal(err)
		}
		f.Close()
		s := dataset.ImportSettings{Problem: problems.Spec{Name: "lab", Rows: 2}}
		err = dataset.Import(context.Background(), filepath.Join(base, want), []string{path}, s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	path := filepath.Join(base, "broken.npz")
	os.WriteFile(path, []byte("PK\x03\x04 and no more"), 0o666)
	if err := dataset.Import(context.Background(), filepath.Join(base, "b"), []string{path},
		dataset.ImportSettings{Problem: problems.Spec{Name: "lab"}}); err == nil {
		t.Error("imported a broken file")
	}
}

// TestImportFolders imports the same pairs as one .npz, as a folder of two
// arrays, and as folders with one pair per file.
func TestImportFolders(t *testing.T) {
	const n, rows, cols = 5, 2, 3
	x, y := make([]float64, n*rows*cols), make([]float64, n*2*rows*cols)
	for i := range y {
		x[i/2], y[i] = float64(i/2), float64(-i)
	}
	base := t.TempDir()
	save := func(folder, name string, a *format.Array) {
		t.Helper()
		path := filepath.Join(base, folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(format.WriteNPY(f, a), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	save("two", "x.npy", format.Array64(x, n, rows, cols))
	save("two", "y.npy", format.Array64(y, n, 2, rows, cols))
	save("two", "theta.npy", format.Array64(x[:n], n)) // an unrelated array
	for i := range n {
		xi, yi := x[i*rows*cols:(i+1)*rows*cols], y[2*i*rows*cols:2*(i+1)*rows*cols]
		save("many", fmt.Sprintf("x_%03d.npy", i), format.Array64(xi, rows, cols))
		save("many", fmt.Sprintf("y_%03d.npy", i), format.Array64(yi, 2, rows, cols))
	}
	for _, folder := range []string{"two", "many"} {
		dir := filepath.Join(base, "of "+folder)
		s := dataset.ImportSettings{Problem: problems.Spec{Name: "lab"}, BlockPairs: 2}
		for range 2 { // the second import finds everything done
			if err := dataset.Import(context.Background(), dir,
				[]string{filepath.Join(base, folder)}, s); err != nil {
				t.Fatal(err)
			}
		}
		store := open(t, dir)
		if p := store.Spec(); store.Len() != n || p.Rows != rows || p.Cols != cols ||
			p.YChannels != 2 || len(store.Manifest().Imported) != 1 {
			t.Errorf("%s: %+v", folder, store.Manifest())
		}
		xs, ys := all(t, store, n)
		for i := range n {
			for k, v := range ys[i] {
				if v != y[i*len(ys[i])+k] || xs[i][k/2] != x[i*len(xs[i])+k/2] {
					t.Fatalf("%s: pair %d came out changed", folder, i)
				}
			}
		}
	}
	// A changed file in a folder is detected.
	save("many", "x_003.npy", format.Array64(x[:rows*cols], rows, cols))
	s := dataset.ImportSettings{Problem: problems.Spec{Name: "lab"}, BlockPairs: 2}
	if _, ok := errors.AsType[*dataset.MismatchError](dataset.Import(context.Background(),
		filepath.Join(base, "of many"), []string{filepath.Join(base, "many")}, s)); !ok {
		t.Error("imported other pairs into the folder")
	}
	save("alone", "x_1.npy", format.Array64(x[:6], rows, cols))
	save("rest", "y_1.npy", format.Array64(x[:6], rows, cols))
	save("none", "z.npy", format.Array64(x[:6], rows, cols))
	save("sizes", "x_1.npy", format.Array64(x[:6], rows, cols))
	save("sizes", "y_1.npy", format.Array64(x[:6], cols, rows))
	save("mixed", "x_1.npy", format.Array64(x[:6], rows, cols))
	save("mixed", "y_1.npy", format.Array64(x[:6], rows, cols))
	save("mixed", "x_2.npy", format.Array64(x[:4], 2, 2))
	save("mixed", "y_2.npy", format.Array64(x[:4], 2, 2))
	save("pipe", "x.npy", format.Array64(x[:6], rows, cols))
	if err := os.Mkdir(filepath.Join(base, "pipe", "y.npy"), 0o777); err != nil {
		t.Fatal(err)
	}
	for folder, says := range map[string]string{
		"alone": "holds x_1.npy but no y_1.npy", "rest": "holds y_1.npy but no x_1.npy",
		"none": "no x.npy with y.npy", "sizes": "has 3 rows of y; 2 are expected",
		"mixed": "3 are expected", "pipe": "not a regular file", "nowhere": "no such file",
	} {
		err := dataset.Import(context.Background(), filepath.Join(base, "out of "+folder),
			[]string{filepath.Join(base, folder)}, s)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: want %q, got %v", folder, says, err)
		}
	}
}

// TestImportInvariants checks that imported pairs satisfy the same conditions
// as generated pairs. An error names the file and the pair in it.
func TestImportInvariants(t *testing.T) {
	spec := problems.Spec{Name: "stripes", XUnit: "kPa", ImagesPerSimulation: 1,
		XRange: problems.Range{Min: 0.1, Max: 10}}
	x, y := make([]float32, 3*4), make([]float32, 3*4)
	for k := range x {
		x[k], y[k] = 0.1+float32(k)/11*9.9, float32(k)
	}
	x[0], x[11] = 0.1, 10 // 0.1 as float32 is slightly larger, which must not matter
	write := func(x, y []float32, n int) string {
		path := filepath.Join(t.TempDir(), "pairs.npz")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := format.WriteNPZ(f, format.Named{Name: "x", Array: format.Array32(x, n, 2, 2)},
			format.Named{Name: "y", Array: format.Array32(y, n, 1, 2, 2)}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bring := func(path string) error {
		return dataset.Import(context.Background(), filepath.Join(t.TempDir(), "data"),
			[]string{path}, dataset.ImportSettings{Problem: spec})
	}
	if err := bring(write(x, y, 3)); err != nil {
		t.Errorf("x at the ends of its range: %v", err)
	}
	for want, spoil := range map[string]func(x, y []float32){
		"pairs.npz: pair 1: x[2] is 10.5, outside of its range from 0.1 to 10": func(x,
			_ []float32) {
			x[6] = 10.5
		},
		"pairs.npz: pair 2: x[0] is -1, outside": func(x, _ []float32) {
			x[8] = -1
		},
		"pairs.npz: pair 0: y[3] is +Inf": func(_, y []float32) {
			y[3] = float32(math.Inf(1))
		},
	} {
		sx, sy := slices.Clone(x), slices.Clone(y)
		spoil(sx, sy)
		err := bring(write(sx, sy, 3))
		if _, ok := errors.AsType[*dataset.ValueError](err); !ok ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if err := bring(write(nil, nil, 0)); err == nil ||
		!strings.Contains(err.Error(), "at least one") {
		t.Errorf("no pairs: %v", err)
	}
}

// TestImportFortran checks that arrays in Fortran order, as Fortran and MATLAB
// write them, give the same pairs.
func TestImportFortran(t *testing.T) {
	const pairs, rows, cols = 4, 2, 3
	spec := problems.Spec{Name: "stripes", ImagesPerSimulation: 1}
	header := func(shape string) string {
		h := "{'descr': '<f4', 'fortran_order': True, 'shape': " + shape + ", }"
		h += strings.Repeat(" ", 127-10-len(h)) + "\n"
		return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(h)))) +
			h
	}
	dir := t.TempDir()
	for _, name := range []string{"x", "y"} {
		shape, text := []int{pairs, rows, cols}, "(4, 2, 3)"
		if name == "y" {
			text = "(4, 1, 2, 3)"
		}
		data := []byte(header(text))
		for col := range shape[2] {
			for row := range shape[1] {
				for pair := range shape[0] {
					value := float32(100*pair + 10*row + col)
					data = binary.LittleEndian.AppendUint32(data, math.Float32bits(value))
				}
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name+".npy"), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "data")
	if err := dataset.Import(context.Background(), out, []string{dir},
		dataset.ImportSettings{Problem: spec}); err != nil {
		t.Fatal(err)
	}
	store := open(t, out)
	x, y := make([]float32, 6), make([]float32, 6)
	if err := store.Pair(3, x, y); err != nil ||
		!slices.Equal(x, []float32{300, 301, 302, 310, 311, 312}) || !slices.Equal(x, y) {
		t.Errorf("pair 3 is %v, %v: %v", x, y, err)
	}
}
