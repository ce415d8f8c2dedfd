package kernel

// Strided is a run of rows of numbers, or of tiles: number t begins at
// Data[t·Stride].
type Strided[T any] struct {
	Data   []T
	Stride int
}

// at returns the run, which is not empty, as the kernels of dense64.go take it.
func (s Strided[T]) at() tilesAt[T] { return tilesAt[T]{&s.Data[0], s.Stride} }

// tilesAt is tiles of numbers, stride apart, as the vector kernels take them.
type tilesAt[T any] struct {
	first  *T
	stride int
}

// tileAt is one tile as the vector kernels take it.
type tileAt[T any] struct {
	first *T
	k     int // columns
}
