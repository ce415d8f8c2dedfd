// Package problemstest checks the properties that every inverse problem must
// have. A new problem is complete when its one line passes. Statistical checks
// use fixed streams and limits that a correct problem does not reach.
package problemstest
