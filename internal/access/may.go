package access

import (
	"slices"

	"github.com/cedar-policy/cedar-go"

	"hearth/internal/fault"
)

// May tells whether the actor may do that to the thing: nil, or an error that may be shown. It is
// fault.NotFound, the same as NotThere, where the actor may not even know that the thing exists, and
// fault.Forbidden otherwise. Whatever goes wrong in deciding is a no, and is logged.
func (p *Policies) May(a Actor, act Act, t Thing) error {
	k := p.kinds[t.Kind]
	if a.ID == "" || k == nil {
		return NotThere()
	}
	w := &world{actor: a.entity(), thing: t.entity(k)}
	if p.allows(w, act, k) {
		return nil
	}
	if k.seen != "" && (k.seen == act || !p.allows(w, k.seen, k)) {
		return NotThere()
	}
	return fault.New(fault.Forbidden, "This is for another role than yours.")
}

// Somewhere tells whether May would say yes to such a thing in at least one of the places where the actor holds a
// role. It is for what a page offers, where the thing itself is not chosen yet.
func (p *Policies) Somewhere(a Actor, act Act, t Thing) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		t.Program, t.Group = g.Program, g.Group
		return p.May(a, act, t) == nil
	})
}

// NotThere is what May says of a thing that the actor may not know of. Who looks a private thing up returns it
// too when there is none: the two answers must not differ.
func NotThere() error {
	return fault.New(fault.NotFound, "It may have moved, or the address has a mistake in it.")
}

// allows decides. An error in any policy is a no, even when another policy allows: Cedar skips a policy that
// errs, and a forbid that was skipped has not forbidden.
func (p *Policies) allows(w *world, name Act, k *kind) bool {
	act := p.acts[name]
	if act == nil || !slices.Contains(act.kinds, k.entity) {
		p.log.Error("access: asked for an act that is not done to such a thing", "act", string(name), "kind", string(k.entity))
		return false
	}
	decision, diagnostic := cedar.Authorize(act.policies, w, cedar.Request{Principal: w.actor.UID, Action: act.uid, Resource: w.thing.UID})
	for _, e := range diagnostic.Errors {
		p.log.Error("access: a policy failed, which is a no", "policy", string(e.PolicyID), "act", string(name), "kind", string(k.entity), "actor", string(w.actor.UID.ID), "error", e.Message)
	}
	return decision == cedar.Allow && len(diagnostic.Errors) == 0
}
