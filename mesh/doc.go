// Package mesh holds plane meshes: points, triangles and quadrilaterals, and
// their tags.
//
// A Mesh is geometry only. Package fem defines the unknowns at its points and
// the equations on its cells. Structured generators number points row by row
// from the lower left corner, so a nodal field is a row-major array whose row 0
// is the bottom edge and whose column 0 is the left edge. For axisymmetric
// problems X is the radius and Y the height.
//
// There are three sources of meshes: the structured generators (Triangles,
// Quads), the mixed mesh of a square window of quadrilaterals in a graded,
// conforming padding of triangles (Padded), and Gmsh files (ReadGmsh). WriteVTU
// and WriteVTI write meshes and fields for ParaView.
package mesh
