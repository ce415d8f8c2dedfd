package mesh

import (
	"strconv"
)

// entities reads the physical groups of curves and surfaces (version 4.1).
func (g *gmsh) entities() error {
	head, err := g.row(4)
	if err != nil {
		return err
	}
	for dim := range 4 {
		groupsAt := 7 // tag, two corners of a box, then the number of groups
		if dim == 0 {
			groupsAt = 4
		}
		for range head[dim] {
			if err := g.next(); err != nil {
				return err
			}
			if len(g.words) <= groupsAt {
				return g.fail("an entity is incomplete")
			}
			tag, err1 := strconv.ParseInt(g.words[0], 10, 64)
			n, err2 := strconv.Atoi(g.words[groupsAt])
			if err1 != nil || err2 != nil || n < 0 || n > len(g.words)-groupsAt-1 {
				return g.fail("an entity has an invalid tag or number of groups")
			}
			if n == 0 {
				continue
			}
			group, err := strconv.ParseInt(g.words[groupsAt+1], 10, 64)
			if err != nil {
				return g.fail("%q is not an integer", g.words[groupsAt+1])
			}
			if group < 0 {
				group = -group // the curve is used in its reverse direction
			}
			physical, err := g.tag(group)
			if err != nil {
				return err
			}
			g.physical[[2]int64{int64(dim), tag}] = physical
		}
	}
	return nil
}

func (g *gmsh) nodes41() error {
	head, err := g.row(2)
	if err != nil {
		return err
	}
	for range head[0] {
		block, err := g.row(4)
		if err != nil {
			return err
		}
		var tags []int64
		for range block[3] {
			v, err := g.row(1)
			if err != nil {
				return err
			}
			tags = append(tags, v[0])
		}
		for _, tag := range tags {
			if err := g.next(); err != nil {
				return err
			}
			if err := g.addNode(tag, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *gmsh) elements41() error {
	head, err := g.row(2)
	if err != nil {
		return err
	}
	for range head[0] {
		block, err := g.row(4)
		if err != nil {
			return err
		}
		group := g.physical[[2]int64{block[0], block[1]}]
		kind := block[2]
		for range block[3] {
			v, err := g.row(2)
			if err != nil {
				return err
			}
			if err := g.addElement(kind, group, v[1:]); err != nil {
				return err
			}
		}
	}
	return nil
}
