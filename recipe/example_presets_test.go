package recipe_test

import (
	"fmt"
	"log"

	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

func ExamplePresets() {
	fmt.Println(recipe.Presets("quasistatic"))
	// Output: [lesson tiny small full paper]
}

// A misspelled preset is an error that lists those that exist.
func ExampleKnownPreset() {
	fmt.Println(recipe.KnownPreset("quasistatic", "tiny"))
	fmt.Println(recipe.KnownPreset("quasistatic", "huge"))
	// Output:
	// <nil>
	// no preset of quasistatic is called "huge"; the names are: lesson, tiny, small, full, paper
}

// The method of a reference posterior must fit the problem.
func ExampleReference_For() {
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(recipe.MethodFor(p), recipe.NewReference("quadrature").For(p))
	// Output: quadrature <nil>
}
