// Package docs holds the pages of the documentation, for csdm docs, and tests
// that their commands and programs run.
//
//	site.go      the pages as HTML: links, headings, navigation
//	search.go    the index of the search
//	site         layout, style and script of the pages
package docs
