// Package priorstest checks the properties that every prior of fields and every
// measurement must have. A new prior or measurement is complete when its one
// line passes.
//
// Statistical checks use fixed streams and limits of five standard errors or
// more. So a correct distribution always passes, and one that is wrong by more
// than the limit always fails.
package priorstest
