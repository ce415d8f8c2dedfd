// Package licenses holds the license texts of all that the program contains,
// and writes its bill of materials.
//
//	licenses.go   the texts, by module
//	licenses.txt  the texts; written by go test ./internal/licenses -update
//	sbom.go       the bill of materials in the CycloneDX format
package licenses
