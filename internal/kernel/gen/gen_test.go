package gen

import (
	"slices"
	"strings"
	"testing"
)

// TestRegistersRunOut takes one vector more than AVX2 has. The panic must name
// the instruction set, the wanted register and all that are alive: an author
// sees what to give back.
func TestRegistersRunOut(t *testing.T) {
	defer func() {
		text, _ := recover().(string)
		for _, want := range []string{"AVX2 vector", `"product"`, "sum 0", "sum 11", "column 3"} {
			if !strings.Contains(text, want) {
				t.Errorf("panic %q does not name %s", text, want)
			}
		}
	}()
	(&file{isa: avx2}).function("test", "(n int)", "nothing", func(f *function) {
		f.vectors("sum", 12)
		f.vectors("column", 4)
		f.vector("product")
	})
}

// TestRegistersAreGivenBack checks that a scope gives its registers back, and
// that freeing twice panics.
func TestRegistersAreGivenBack(t *testing.T) {
	(&file{isa: neon}).function("test", "(n int)", "nothing", func(f *function) {
		before := f.vectorBank.left()
		f.scope(func() { f.vectors("sum", 20) })
		if got := f.vectorBank.left(); got != before {
			t.Errorf("%d registers are left after a scope, want %d", got, before)
		}
		v := f.vector("v")
		f.free(v)
		defer func() {
			if recover() == nil {
				t.Error("a register was freed twice")
			}
		}()
		f.free(v)
	})
}

// TestFrame compares offsets with Go's ABI0 by hand: a float32 of 4 bytes and a
// bool of 1 share the word from 24 to 32, and the result begins at a multiple
// of 8.
func TestFrame(t *testing.T) {
	const signature = "(dst, x *float32, n int, alpha float32, set bool) float64"
	offsets, size := frame(signature)
	for name, want := range map[string]int{
		"dst": 0, "x": 8, "n": 16, "alpha": 24, "set": 28, "ret": 32,
	} {
		if offsets[name] != want {
			t.Errorf("%s is at %d, want %d", name, offsets[name], want)
		}
	}
	if size != 40 {
		t.Errorf("the frame has %d bytes, want 40", size)
	}
}

// TestPrinters prints the same instructions for three instruction sets:
// operands in memory become loads where an isa has no such operands, and a
// multiply-add copies its addend.
func TestPrinters(t *testing.T) {
	for _, c := range []struct {
		isa  *isa
		want string
	}{
		{avx2, `
			MOVQ x+0(FP), AX
			VMOVUPS 32(AX), Y0
			VADDPS 64(AX), Y0, Y0
			VBROADCASTSS 4(AX), Y1
			VFMADD231PS Y1, Y0, Y0
			VFMADD213PS Y0, Y0, Y0
			VCMPPS $0x1e, Y0, Y0, Y1
			VBLENDVPS Y1, Y0, Y0, Y0`},
		{avx512, `
			MOVQ x+0(FP), AX
			VMOVUPS 64(AX), Z0
			VADDPS 128(AX), Z0, Z0
			VFMADD231PS.BCST 4(AX), Z0, Z0
			VFMADD213PS Z0, Z0, Z0
			VCMPPS $0x1e, Z0, Z0, K1
			VBLENDMPS Z0, Z0, K1, Z0`},
		{neon, `
			MOVD x+0(FP), R0
			FMOVQ 16(R0), F0
			FMOVQ 32(R0), F1
			WORD $0x4e21d400 // FADD V0.4S, V0.4S, V1.4S
			FMOVS 4(R0), F1
			VDUP V1.S[0], V1.S4
			VFMLA V1.S4, V0.S4, V0.S4
			VMOV V0.B16, V1.B16
			VFMLA V0.S4, V0.S4, V1.S4
			WORD $0x6ea1e420 // FCMGT V0.4S, V1.4S, V1.4S
			VBIF V0.B16, V1.B16, V1.B16`},
	} {
		file := &file{isa: c.isa}
		file.function("test", "(x *float32)", "nothing", func(f *function) {
			p, v := f.arguments64("x")[0], f.vector("v")
			f.load(v, at(p).plus(1))
			f.add(v, v, at(p).plus(2))
			f.fma(v, v, at(p).offset(4).element())
			v = f.mulAdd(v, v, v)
			m := f.mask("m")
			f.larger(m, v, v)
			f.blend(v, m, v, v)
		})
		lines := slices.Collect(strings.Lines(file.String()))[5:]
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		var want []string
		for line := range strings.Lines(c.want) {
			if line = strings.TrimSpace(line); line != "" {
				want = append(want, line)
			}
		}
		if !slices.Equal(lines, want) {
			t.Errorf("%s:\n%s\nwant\n%s",
				c.isa.suffix, strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestBlocksSayWhatTheyCompute checks in every file that each label has a
// comment after it, and each function has one before it.
func TestBlocksSayWhatTheyCompute(t *testing.T) {
	for name, content := range Files() {
		lines := slices.Collect(strings.Lines(string(content)))
		for i, line := range lines {
			if strings.HasSuffix(line, ":\n") && !strings.HasPrefix(lines[i+1], "\t// ") {
				t.Errorf("%s:%d: no comment after %s", name, i+1, line)
			}
			if strings.HasPrefix(line, "TEXT ") && !strings.HasPrefix(lines[i-1], "// ") {
				t.Errorf("%s:%d: no comment before %s", name, i+1, line)
			}
		}
	}
}
