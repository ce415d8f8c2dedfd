package nn

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"csdm/autodiff"
	"csdm/internal/format"
)

// Tensors returns values laid out like Flat (the parameters themselves, or a
// gradient) as float32 tensors under the names of the public NCSNv2 state dict.
// Convolution weights are transposed to PyTorch's (Cout, Cin, K, K).
func (n *Net[F]) Tensors(flat []F) map[string]*format.Array {
	if len(flat) != len(n.Flat()) {
		panic(fmt.Sprintf("nn: %d values for %d parameters", len(flat), len(n.Flat())))
	}
	arrays := make(map[string]*format.Array)
	for _, e := range n.Entries() {
		out := make([]float32, e.Size())
		transpose(e.Shape, func(file, memory int) { out[file] = float32(flat[e.Offset+memory]) })
		arrays[e.Name] = format.Array32(out, fileShape(e)...)
	}
	return arrays
}

// SetTensors sets all parameters from tensors as returned by Tensors, of any
// floating type. If a tensor is missing, has another shape, is not finite or
// belongs to no layer, SetTensors returns a *format.Error and changes nothing.
func (n *Net[F]) SetTensors(arrays map[string]*format.Array) error {
	known := make(map[string]bool)
	for _, e := range n.Entries() {
		known[e.Name] = true
		a, ok := arrays[e.Name]
		if !ok {
			return &format.Error{Entry: e.Name, Offset: -1, What: "is missing"}
		}
		if err := a.CheckShape(fileShape(e)...); err != nil {
			return entryError(e.Name, err)
		}
		if err := a.CheckFinite(); err != nil {
			return entryError(e.Name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		// PyTorch stores the noise levels with the parameters.
		if !known[name] && name != "sigmas" {
			return &format.Error{Entry: name, Offset: -1,
				What: "belongs to no layer of the network"}
		}
	}
	for _, e := range n.Entries() {
		in, values := arrays[e.Name].Float64(), n.params.Values(e)
		transpose(e.Shape, func(file, memory int) { values[memory] = F(in[file]) })
	}
	n.Repack()
	return nil
}

func entryError(name string, err error) error {
	if e, ok := err.(*format.Error); ok {
		named := *e
		named.Entry = name
		return &named
	}
	return fmt.Errorf("%s: %w", name, err)
}

// fileShape returns the shape that a parameter has in files.
func fileShape(e autodiff.Parameter) []int {
	if s := e.Shape; len(s) == 4 {
		return []int{s[3], s[2], s[0], s[1]}
	}
	return e.Shape
}

// transpose calls set for each element with its flat index in the file, (Cout,
// Cin, K, K) for convolution weights, and its flat index in memory, (K, K, Cin,
// Cout). Vectors have the same layout in both.
func transpose(shape []int, set func(file, memory int)) {
	if len(shape) != 4 {
		for i := range shape[0] {
			set(i, i)
		}
		return
	}
	k, cin, cout := shape[0], shape[2], shape[3]
	for co := range cout {
		for ci := range cin {
			for tap := range k * k {
				set((co*cin+ci)*k*k+tap, (tap*cin+ci)*cout+co)
			}
		}
	}
}

// archOf determines the architecture from the shapes and names of the tensors,
// and from the metadata pool, which is max by default. All input channels
// except the first are assumed to be measurement channels.
func archOf(t *format.Tensors) (Arch, error) {
	first, ok := t.Arrays["begin_conv.weight"]
	if !ok {
		return Arch{}, &format.Error{Entry: "begin_conv.weight", Offset: -1,
			What: "is missing; the file holds no weights of a score network"}
	}
	if err := first.CheckShape(-1, -1, 3, 3); err != nil {
		return Arch{}, entryError("begin_conv.weight", err)
	}
	a := Arch{NGF: first.Shape[0], YChannels: first.Shape[1] - 1, Pool: MaxPool, Variant: Base}
	if _, ok := t.Arrays["res5.0.conv1.weight"]; ok {
		a.Variant = Deeper
	}
	if _, ok := t.Arrays["res31.0.conv1.weight"]; ok {
		a.Variant = Deepest
	}
	if pool, ok := t.Metadata["pool"]; ok {
		a.Pool = Pool(pool)
	}
	if err := a.Validate(); err != nil {
		return Arch{}, &format.Error{Offset: -1, What: "describes no score network", Err: err}
	}
	return a, nil
}

// archMetadata returns the facts about the architecture that other programs may
// need, as plain text.
func archMetadata(a Arch) map[string]string {
	return map[string]string{"ngf": strconv.Itoa(a.NGF), "y_channels": strconv.Itoa(a.YChannels),
		"pool": string(a.Pool)}
}
