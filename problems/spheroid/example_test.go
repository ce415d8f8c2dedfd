package spheroid_test

import (
	"fmt"

	"csdm/problems"
	"csdm/problems/spheroid"
)

// Six pairs show the same specimen: the window, four moved windows and the
// mirror image.
func ExampleProblem_Specimen() {
	p, err := spheroid.New(problems.Options{Grid: 32})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := p.Specimen(1, 0)
	fmt.Println(p.Spec().ImagesPerSimulation, "pairs per specimen")
	fmt.Println("nuclei placed and wanted:", len(s.Nuclei), s.Wanted)
	fmt.Println("stiffer than gel in a nucleus:",
		s.Modulus(s.Nuclei[0].X, s.Nuclei[0].Y) > s.Gel)
	// Output:
	// 6 pairs per specimen
	// nuclei placed and wanted: 12 34
	// stiffer than gel in a nucleus: true
}
