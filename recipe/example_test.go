package recipe_test

import (
	"fmt"
	"log"

	"csdm/problems"
	"csdm/recipe"
)

// A preset, with one setting changed by its name.
func ExampleResolve() {
	r, err := recipe.Resolve("quasistatic", "tiny", problems.Options{NoisePercent: 10}, 1)
	if err != nil {
		log.Fatal(err)
	}
	before := *r
	if err := r.Set("training.steps", "2000"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Grid, "nodes,", r.Data.Pairs, "pairs,", r.NoisePercent, "% noise")
	fmt.Println(before.Differences(r))
	// Output:
	// 28 nodes, 16384 pairs, 10 % noise
	// [training.steps: 7000 in config.toml, 2000 in this call]
}

// Set rejects text that is not a value; Validate rejects a value out of range.
func ExampleRecipe_Set() {
	r, err := recipe.Resolve("quasistatic", "tiny", problems.Options{}, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Set("sampling.levels", "many"))
	if err := r.Set("sampling.levels", "0"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Validate())
	// Output:
	// setting sampling.levels: "many": an integer is expected
	// setting sampling.levels = 0: must be between 1 and 1048576
}
