package table5_test

import (
	"fmt"

	"csdm/table5"
)

// A study needs at least two draws per phantom.
func ExampleSettings_Validate() {
	s := table5.Settings{Models: []string{"builtin:quasistatic-56-n5"}, Phantoms: 10, Draws: 1}
	fmt.Println(s.Validate())
	s.Draws = 1000
	fmt.Println(s.Validate())
	// Output:
	// 1 draws; at least 2 are needed
	// <nil>
}
