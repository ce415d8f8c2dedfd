// Package gen writes the assembly of package kernel.
package gen
