package kernel

// Strided is a run of rows of numbers, or of tiles: number t begins at
// Data[t·Stride].
type Strided[T any] struct {
	Data   []T
	Stride int
}

// from returns the run from number t on, and n numbers further.
func (s Strided[T]) from(t, n int) Strided[T] {
	return Strided[T]{s.Data[t*s.Stride+n:], s.Stride}
}

// at returns the run, which is not empty, as the kernels of dense64.go take it.
func (s Strided[T]) at() tilesAt[T] { return tilesAt[T]{&s.Data[0], s.Stride} }

// tilesAt is tiles of numbers, stride apart, as the vector kernels take them.
type tilesAt[T any] struct {
	first  *T
	stride int
}

// scaledAt is the scratch for one tile of k columns, and the factors of the
// columns.
type scaledAt struct {
	first *float64
	k     int
	d     *float64
}

// triangleShape is the lower blocks of columns of tiles.
type triangleShape struct{ tiles, columns int }

// tileAt is one tile as the vector kernels take it.
type tileAt[T any] struct {
	first *T
	k     int // columns
}
