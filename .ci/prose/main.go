// Command prose measures what people read: pages, and comments in Go files. It
// exits with 1 and a list of faults if a limit is exceeded.
//
//	go run ./.ci/prose -pages         pages: README.md, docs and the others
//	go run ./.ci/prose -code          Go files that are not generated
//	go run ./.ci/prose -code DIR ...  the same in some folders
//	-where                            also prints the place of each fault
//
// A tab counts as four columns.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	pages := flag.Bool("pages", false, "measure pages")
	code := flag.Bool("code", false, "measure comments and code")
	where := flag.Bool("where", false, "print the place of each fault")
	flag.Parse()
	if !*pages && !*code {
		*pages, *code = true, true
	}
	var faults []string
	if *pages {
		found, err := measurePages(os.Stdout, *where)
		faults = append(faults, found...)
		fail(err)
	}
	if *code {
		folders := flag.Args()
		if len(folders) == 0 {
			folders = []string{"."}
		}
		found, err := measureCode(os.Stdout, folders, *where)
		faults = append(faults, found...)
		fail(err)
	}
	for _, fault := range faults {
		fmt.Fprintln(os.Stderr, "prose: "+fault)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "prose:", err)
		os.Exit(2)
	}
}

// quantile returns the smallest value that at least the fraction q of the
// sorted values does not exceed; 0 for none.
func quantile(sorted []int, q float64) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
