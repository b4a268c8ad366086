package access

import (
	"fmt"
	"slices"
	"testing/fstest"

	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/db"
)

// town is a random world: things of every kind, and the ties between people that have a beginning and an end.
type town struct {
	things    []row
	pairings  []tie // from: participant, to: account of a peer
	watches   []tie // on call: from: participant, to: account
	oversight []tie // from: account of a peer, to: account of a supervisor
	hosting   []tie // from: group, to: account of a host
}

// row is a thing as a table has it, with what is empty sometimes NULL.
type row struct {
	id, kind, program, group, owner, person string
	role                                    Role
	staff                                   bool
	null                                    bool
}

// tie holds between two ids from one day to another, which are inclusive; zero is open.
type tie struct {
	from, to    string
	begin, ends civil.Date
}

func (t tie) holds() bool { return Grant{From: t.begin, Until: t.ends}.InForce(today) }

var today = civil.Date{Year: 2026, Month: 3, Day: 10}

var worldTables = db.Source{Name: "world", FS: fstest.MapFS{"migrations/001_world.sql": {Data: []byte(`
CREATE TABLE thing (
	id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, program TEXT, grp TEXT, owner TEXT, person TEXT, role TEXT, staff BOOLEAN
);
CREATE TABLE pairing (person TEXT NOT NULL, account TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE watch (person TEXT NOT NULL, account TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE oversight (peer TEXT NOT NULL, account TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE hosting (grp TEXT NOT NULL, account TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT NOT NULL);
`)}}}

// in says in SQL that a tie holds on the day $2.
func in(t string) string {
	return "(" + t + ".begins = '' OR " + t + ".begins <= $2) AND (" + t + ".ends = '' OR " + t + ".ends >= $2)"
}

var worldColumns = Columns{
	Program: "t.program", Group: "t.grp", Owner: "t.owner", Person: "t.person", Role: "t.role", Staff: "t.staff",
	Peers: "EXISTS (SELECT 1 FROM pairing p WHERE p.person = t.person AND p.account = $actor AND " + in("p") + ")",
	Supervisors: "EXISTS (SELECT 1 FROM pairing p JOIN oversight o ON o.peer = p.account WHERE p.person = t.person AND o.account = $actor AND " +
		in("p") + " AND " + in("o") + ")",
	Hosts:  "EXISTS (SELECT 1 FROM hosting h WHERE h.grp = t.grp AND h.account = $actor AND " + in("h") + ")",
	OnCall: "EXISTS (SELECT 1 FROM watch w WHERE w.person = t.person AND w.account = $actor AND " + in("w") + ")",
	After:  2,
}

// to returns whom the ties of one id lead to today.
func to(ties []tie, from string) (out []string) {
	for _, t := range ties {
		if t.from == from && t.holds() {
			out = append(out, t.to)
		}
	}
	return out
}

// thing is the row as policies see it.
func (w *town) thing(r row) Thing {
	t := Thing{Kind: r.kind, ID: r.id, Program: r.program, Group: r.group, Owner: r.owner, Person: r.person, Role: r.role, Staff: r.staff}
	if r.person != "" {
		t.Peers, t.OnCall = to(w.pairings, r.person), to(w.watches, r.person)
	}
	for _, p := range t.Peers {
		t.Supervisors = append(t.Supervisors, to(w.oversight, p)...)
	}
	if r.group != "" {
		t.Hosts = to(w.hosting, r.group)
	}
	return t
}

var (
	someAccounts = []string{"a0", "a1", "a2", "a3"}
	somePersons  = []string{"p0", "p1", "p2", "o'hara"}
	somePrograms = []string{"", "north", "south"}
	someGroups   = []string{"", "g1", "g2"}
)

func day(t *rapid.T, label string) civil.Date {
	return rapid.SampledFrom([]civil.Date{{}, {}, today.AddDays(-1), today, today.AddDays(1)}).Draw(t, label)
}

func ties(froms, tos []string) *rapid.Generator[[]tie] {
	one := rapid.Custom(func(t *rapid.T) tie {
		return tie{rapid.SampledFrom(froms).Draw(t, "from"), rapid.SampledFrom(tos).Draw(t, "to"), day(t, "begins"), day(t, "ends")}
	})
	return rapid.SliceOfN(one, 0, 12)
}

// towns makes random worlds.
func towns(kinds []string) *rapid.Generator[*town] {
	kinds = append(slices.Clone(kinds), Record, Record, Record, Record, Consent, Consent, Post, Entry, Entry) // most rules are about these
	return rapid.Custom(func(t *rapid.T) *town {
		w := &town{
			pairings:  ties(somePersons, someAccounts).Draw(t, "pairings"),
			watches:   ties(somePersons, someAccounts).Draw(t, "watches"),
			oversight: ties(someAccounts, someAccounts).Draw(t, "oversight"),
			hosting:   ties(someGroups[1:], someAccounts).Draw(t, "hosting"),
		}
		for i := range rapid.IntRange(1, 30).Draw(t, "things") {
			w.things = append(w.things, row{
				id: fmt.Sprint("t", i), kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
				program: rapid.SampledFrom(somePrograms).Draw(t, "program"), group: rapid.SampledFrom(someGroups).Draw(t, "group"),
				owner:  rapid.SampledFrom(append([]string{""}, someAccounts...)).Draw(t, "owner"),
				person: rapid.SampledFrom(append([]string{"", ""}, somePersons...)).Draw(t, "person"),
				staff:  rapid.Bool().Draw(t, "staff"), role: rapid.SampledFrom(Roles).Draw(t, "role"), null: rapid.Bool().Draw(t, "null"),
			})
		}
		return w
	})
}

// actors makes random actors of these worlds: some are nobody, some have roles that have ended.
func actors() *rapid.Generator[Actor] {
	return rapid.Custom(func(t *rapid.T) Actor {
		grants := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Grant {
			return Grant{
				Role: rapid.SampledFrom(Roles).Draw(t, "role"), Program: rapid.SampledFrom(somePrograms).Draw(t, "program"),
				Group: rapid.SampledFrom(someGroups).Draw(t, "group"), From: day(t, "from"), Until: day(t, "until"),
			}
		}), 0, 6).Draw(t, "grants")
		return Actor{
			ID:          rapid.SampledFrom(append([]string{""}, append(slices.Repeat(someAccounts, 3), "stranger")...)).Draw(t, "id"),
			Participant: rapid.SampledFrom(append([]string{"", ""}, somePersons...)).Draw(t, "participant"),
			Grants:      InForce(grants, today),
			Emergency:   rapid.SliceOfN(rapid.SampledFrom(append([]string{""}, somePersons...)), 0, 3).Draw(t, "emergency"),
		}
	})
}
