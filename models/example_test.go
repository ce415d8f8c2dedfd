package models_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"csdm/models"
)

// The name of the network for a problem, and whether the binary has reference
// measurements for it.
func ExampleName() {
	name := models.Name("quasistatic", 56, 2.5)
	fmt.Println(models.Prefix+name, models.HasMeasurements(name))
	// Output: builtin:quasistatic-56-n25 true
}

// The error for an unknown name lists the names that exist.
func ExampleModel() {
	_, err := models.Model("quasistatic-56-n7")
	fmt.Println(errors.Is(err, fs.ErrNotExist),
		strings.Contains(err.Error(), models.Prefix+"quasistatic-56-n5"))
	// Output: true true
}
