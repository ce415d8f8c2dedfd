package recordfile_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"csdm/internal/identity"
	"csdm/internal/recordfile"
)

// A run stores its first draw and stops; the next run reads it and resumes.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "records")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "draws")
	id := identity.New("draws", 1).Add("seed", 7).Identity()

	for range 2 {
		values := make([]float64, 4) // room for two draws of two values
		s, err := recordfile.Open(path, values, 2, id, false, func(string) {})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(s.Len(), "draws from the file:", values[:2*s.Len()])
		if err := s.Append([]float64{1.5, 2.5}); err != nil {
			log.Fatal(err)
		}
		s.Close()
	}
	fmt.Println(recordfile.Count(path, 2), "draws in the file")
	// Output:
	// 0 draws from the file: []
	// 1 draws from the file: [1.5 2.5]
	// 2 draws in the file
}
