// Package course holds twelve exercises on the method, in the folders ex01 to
// ex12. Each is one function with its body left out, and go test grades it:
//
//	go test -tags course ./course/ex01
//
// The graders are the conformance suites of the engine where one fits. The tag
// keeps unsolved exercises out of go test ./... . Solutions are in solutions;
// the test of this package grades them. docs/how-to/give-a-class.md is for the
// teacher.
package course
