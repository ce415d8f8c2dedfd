// Package lab serves the method as web pages with pictures that move: csdm lab.
// Every number on a page comes from the same packages that the other verbs use.
//
//	server.go            the server: key, Host and Origin, headers, shutdown
//	jobs.go              computations: bounded input, one at a time
//	page.go              the page and its colors
//	room.go              the texts of a room: equation, sources, question
//	mathml.go            the notation of their equations
//	texts.go             the rooms
//	record.go            a scorer that keeps the way of a sampler
//	score.go             room "score": a mixture in the plane, and samplers
//	network.go           rooms "noise levels" and "annealing"
//	trust.go             room "trust": four posteriors, one spoiled
//	inverse.go           room "inverse problem"
//	solutions.go         forward solutions that it keeps
//	training.go          room "training": the first steps of csdm run
//	trainingtexts.go     its texts
//	measurement.go       room "your measurement": the steps of csdm sample
//	measurementtexts.go  its texts
//
// # Safety
//
// The server listens on the loopback interface only. Each call has a random
// key, without which no path gives anything. The Host header must name the
// loopback interface, so that no other site reaches the server by a changed
// name (DNS rebinding), and a request with the Origin of another site is
// refused. The page's policy allows no request to another host. The server
// writes files in a temporary folder only, for trainings and dropped maps.
//
// # The page
//
// Folder web holds the page in TypeScript, bundled by go generate into lab.js.
// The state of a room is in the fragment of the address. Another page with the
// same fragment shows the same numbers.
package lab
