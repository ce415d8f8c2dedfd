package identity_test

import (
	"fmt"

	"csdm/internal/identity"
)

// Two results were made with different settings. Their identities differ, and
// Compare names the setting.
func ExampleCompare() {
	type sampling struct {
		Levels   int     `toml:"levels"`
		SigmaMax float64 `toml:"sigma_max"`
	}
	there := identity.New("draws", 1).Add("sampling", sampling{24, 80}).Identity()
	asked := identity.New("draws", 1).Add("sampling", sampling{24, 20}).Identity()
	fmt.Println(there.JSON())
	fmt.Println("equal:", there == asked)
	fmt.Println(identity.Compare(there, asked))
	// Output:
	// {"kind":"draws","version":1,"sampling":{"levels":24,"sigma_max":80}}
	// equal: false
	// sampling.sigma_max: 80 in the file, 20 in this call
}
