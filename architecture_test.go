package csdm_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var updatePage = flag.Bool("update", false, "write the import columns of ARCHITECTURE.md")

// apart are the rooms that "every room" does not mean: one that all may
// import, and two that nobody imports.
var apart = []string{"rng", "course", "examples"}

// column returns what the last column of the row of a room must hold in
// ARCHITECTURE.md: the rooms in code, or a dash for none.
func column(name string, rooms []string) string {
	if len(rooms) == 0 {
		return "–"
	}
	every := true
	for room := range mayImport {
		every = every && (room == name || slices.Contains(rooms, room) ||
			slices.Contains(apart, room))
	}
	if every {
		return "every room"
	}
	return "`" + strings.Join(rooms, "`, `") + "`"
}

// withImports returns the page with the last column of both tables as the maps
// of the import graph have it, and the rooms that have a row.
func withImports(page string) (string, []string) {
	var rows []string
	lines := strings.Split(page, "\n")
	for i, line := range lines {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		name := strings.Trim(cells[1], " `")
		rows = append(rows, name)
		list, isRoom := mayImport[name]
		if !isRoom {
			list = internalUsers[name]
		}
		cells[3] = " " + column(name, list) + " "
		lines[i] = strings.Join(cells, "|")
	}
	return strings.Join(lines, "\n"), rows
}

// TestArchitectureTable compares ARCHITECTURE.md with the import graph. With
// -update it writes the columns; a room without a row is added by hand, as only
// its author knows what it holds.
func TestArchitectureTable(t *testing.T) {
	const name = "ARCHITECTURE.md"
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want, rows := withImports(string(page))
	if *updatePage {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(page) {
		t.Errorf("the imports in %s differ from the import graph: run go test . -run "+
			"TestArchitectureTable -update", name)
	}
	for _, graph := range []map[string][]string{mayImport, internalUsers} {
		for room := range graph {
			if !slices.Contains(rows, room) {
				t.Errorf("%s has no row for %s", name, room)
			}
		}
	}
	for _, room := range rows {
		if _, isRoom := mayImport[room]; !isRoom && internalUsers[room] == nil {
			t.Errorf("%s has a row for %s, which is not in the import graph", name, room)
		}
	}
}
