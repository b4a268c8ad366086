// Package access owns who may do what: the actor with their roles, and the policies, files in Cedar's language
// that say in one sentence each what they allow or forbid.
//
// It must never decide by a role where a relationship is what counts, never name a diagnosis, never take an
// error for a yes, and never know a table: a list's owner says which SQL stands for which attribute. Cedar's
// packages are known here and nowhere else.
package access

import (
	"slices"

	"hearth/internal/civil"
)

// Role is what somebody does here. By itself it opens little: most policies also ask for a relationship, such
// as being paired with the person, and for the place where the role was given.
type Role string

// The roles.
const (
	Participant    Role = "participant"
	Host           Role = "host"
	Peer           Role = "peer"
	Supervisor     Role = "supervisor"
	Evaluator      Role = "evaluator"
	Editor         Role = "editor"
	Dispatcher     Role = "dispatcher"
	Administrator  Role = "administrator"
	PrivacyOfficer Role = "privacy_officer"
)

// Roles lists all roles, in the order in which they are shown.
var Roles = []Role{Participant, Host, Peer, Supervisor, Evaluator, Editor, Dispatcher, Administrator, PrivacyOfficer}

// Valid tells whether r is a role.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Staff tells whether the role is held by somebody who works here, paid or not: any but a participant's.
func (r Role) Staff() bool { return r.Valid() && r != Participant }

// Grant is a role that somebody holds: in one group, in one program, or, when both are empty, everywhere. A
// grant with a group holds in that group only. The dates are inclusive; zero is open.
type Grant struct {
	Role           Role
	Program, Group string // ids
	From, Until    civil.Date
}

// InForce tells whether the grant holds on that day.
func (g Grant) InForce(on civil.Date) bool {
	return (g.From.IsZero() || !on.Before(g.From)) && (g.Until.IsZero() || !g.Until.Before(on))
}

// InForce returns the grants that hold on that day. Only these belong in an Actor.
func InForce(grants []Grant, on civil.Date) []Grant {
	var out []Grant
	for _, g := range grants {
		if g.InForce(on) {
			out = append(out, g)
		}
	}
	return out
}

// Actor is who asks. The zero Actor is nobody, and may do nothing.
type Actor struct {
	ID          string   // account id
	Participant string   // participant id, when the account is a participant's
	Grants      []Grant  // in force today, and only those
	Emergency   []string // participant ids whose records they opened in an emergency, while that holds
}

// Thing is what something is done to, as far as policies look at it. Each kind has its own attributes, listed in
// policies/schema.cedarschema; what a kind does not have is not looked at. Its owner fills in all that the kind
// has: a relationship that is left out is a relationship that is not there.
type Thing struct {
	Kind, ID    string
	Program     string   // id; "" when it belongs to no program
	Group       string   // id; "" when it belongs to no group
	Owner       string   // account id of whom it belongs to
	Person      string   // participant id of whom it is about; for a record the same as ID
	Peers       []string // account ids paired with the person today
	Supervisors []string // account ids that supervise these peers
	Hosts       []string // account ids that host the group, or the groups that the person takes part in
	OnCall      []string // account ids on call for the person now
	Staff       bool     // of an account: it holds a role of somebody who works here
	Role        Role     // of a post: the role that is given to Owner, who is "" while nobody has taken it up
}

// The two things of which there is one only.
var (
	TheHouse     = Thing{Kind: House, ID: "house"}
	TheDirectory = Thing{Kind: Directory, ID: "directory"}
	// HouseEntries stands for the entries of the audit record that are about no participant.
	HouseEntries = Thing{Kind: Entry, ID: "house"}
)
