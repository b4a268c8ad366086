package access

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
)

// The types of entities that are not things.
const (
	actorType  cedar.EntityType = "Actor"
	personType cedar.EntityType = "Person"
	placeType  cedar.EntityType = "Place"
)

// attr is an attribute of things: how a Thing gives its value, and which column stands for it in a list.
type attr struct {
	name   cedar.String
	value  func(*Thing) cedar.Value
	column func(*Columns) string
}

// attrs are all attributes that a kind of thing may have. The schema says which kind has which.
var attrs = []attr{
	{"owner", func(t *Thing) cedar.Value { return cedar.NewEntityUID(actorType, cedar.String(t.Owner)) }, func(c *Columns) string { return c.Owner }},
	{"person", func(t *Thing) cedar.Value { return cedar.NewEntityUID(personType, cedar.String(t.Person)) }, func(c *Columns) string { return c.Person }},
	{"peers", func(t *Thing) cedar.Value { return entities(actorType, t.Peers) }, func(c *Columns) string { return c.Peers }},
	{"supervisors", func(t *Thing) cedar.Value { return entities(actorType, t.Supervisors) }, func(c *Columns) string { return c.Supervisors }},
	{"hosts", func(t *Thing) cedar.Value { return entities(actorType, t.Hosts) }, func(c *Columns) string { return c.Hosts }},
	{"on_call", func(t *Thing) cedar.Value { return entities(actorType, t.OnCall) }, func(c *Columns) string { return c.OnCall }},
	{"role", func(t *Thing) cedar.Value { return cedar.String(t.Role) }, func(c *Columns) string { return c.Role }},
	{"staff", func(t *Thing) cedar.Value { return cedar.Boolean(t.Staff) }, func(c *Columns) string { return c.Staff }},
}

// placed are the roles that an actor has as a set of places. A participant needs none: what is theirs is theirs
// wherever it is.
var placed = Roles[1:]

// checkActor tells whether the schema's actor is the one that entity makes.
func checkActor(shape resolved.RecordType) error {
	if a, ok := shape["participant"]; !ok || !a.Optional {
		return errors.New("the actor's participant is not there or not optional")
	}
	for _, r := range placed {
		if a, ok := shape[cedar.String(r)]; !ok || a.Optional {
			return fmt.Errorf("the actor's %s is not there or optional", r)
		}
	}
	if a, ok := shape["emergency"]; !ok || a.Optional || len(shape) != len(placed)+2 {
		return errors.New("the actor has other attributes than an actor has")
	}
	return nil
}

// none is the empty set: most roles are held nowhere by most actors.
var none = cedar.NewSet()

// entity is the actor as policies see them.
func (a *Actor) entity() cedar.Entity {
	m := make(cedar.RecordMap, len(placed)+2)
	if a.Participant != "" {
		m["participant"] = cedar.NewEntityUID(personType, cedar.String(a.Participant))
	}
	m["emergency"] = entities(personType, a.Emergency)
	for _, r := range placed {
		var places []cedar.Value
		for _, g := range a.Grants {
			if g.Role == r {
				places = append(places, place(g.Program, g.Group))
			}
		}
		if places == nil {
			m[cedar.String(r)] = none
			continue
		}
		m[cedar.String(r)] = cedar.NewSet(places...)
	}
	return cedar.Entity{UID: cedar.NewEntityUID(actorType, cedar.String(a.ID)), Attributes: cedar.NewRecord(m)}
}

// entity is the thing as policies see it.
func (t *Thing) entity(k *kind) cedar.Entity {
	m := make(cedar.RecordMap, len(k.attrs))
	for _, a := range k.attrs {
		m[a.name] = a.value(t)
	}
	in := []cedar.EntityUID{everywhere}
	if t.Program != "" {
		in = append(in, place(t.Program, ""))
	}
	if t.Group != "" {
		in = append(in, place("", t.Group))
	}
	return cedar.Entity{UID: cedar.NewEntityUID(k.entity, cedar.String(t.ID)), Parents: cedar.NewEntityUIDSet(in...), Attributes: cedar.NewRecord(m)}
}

// entities makes a set of entities of one type. Empty ids are left out: nobody is not somebody.
func entities(t cedar.EntityType, ids []string) cedar.Set {
	if len(ids) == 0 {
		return none
	}
	values := make([]cedar.Value, 0, len(ids))
	for _, id := range ids {
		if id != "" {
			values = append(values, cedar.NewEntityUID(t, cedar.String(id)))
		}
	}
	return cedar.NewSet(values...)
}

// everywhere is the place in which all things lie.
var everywhere = cedar.NewEntityUID(placeType, "everywhere")

const inProgram, inGroup = "program:", "group:"

// place is where a grant holds: its group, else its program, else everywhere.
func place(program, group string) cedar.EntityUID {
	switch {
	case group != "":
		return cedar.NewEntityUID(placeType, cedar.String(inGroup+group))
	case program != "":
		return cedar.NewEntityUID(placeType, cedar.String(inProgram+program))
	}
	return everywhere
}

// placed is the way back from place.
func placeOf(uid cedar.EntityUID) (program, group string, all bool) {
	id := string(uid.ID)
	if g, ok := strings.CutPrefix(id, inGroup); ok {
		return "", g, false
	}
	if p, ok := strings.CutPrefix(id, inProgram); ok {
		return p, "", false
	}
	return "", "", uid == everywhere
}

// world is the two entities that a decision looks at.
type world struct{ actor, thing cedar.Entity }

// Get implements cedar's EntityGetter.
func (w *world) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch uid {
	case w.actor.UID:
		return w.actor, true
	case w.thing.UID:
		return w.thing, true
	}
	return cedar.Entity{}, false
}
