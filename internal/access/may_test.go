package access

import (
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"hearth/internal/fault"
)

var quiet = slog.New(slog.DiscardHandler)

func policies(t testing.TB) *Policies {
	t.Helper()
	p, err := Load(quiet)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// holds makes an actor with roles in a program.
func holds(id, program string, roles ...Role) Actor {
	a := Actor{ID: id}
	for _, r := range roles {
		a.Grants = append(a.Grants, Grant{Role: r, Program: program})
	}
	return a
}

// TestStory is a program with its people: who may do what to the record of Ana, whom Ben walks with and whose
// supervisor is Sue.
func TestStory(t *testing.T) {
	t.Parallel()
	p := policies(t)
	ana := Actor{ID: "ana-account", Participant: "ana"}
	ben := holds("ben", "north", Peer)
	emergency := holds("eve", "north", Peer)
	emergency.Emergency = []string{"ana"}
	record := Thing{
		Kind: Record, ID: "ana", Person: "ana", Program: "north", Peers: []string{"ben", "former"},
		Supervisors: []string{"sue"}, Hosts: []string{"hal"}, OnCall: []string{"olga", "dan"},
	}
	consent := Thing{Kind: Consent, ID: "c", Person: "ana", Program: "north", Peers: []string{"ben"}, Supervisors: []string{"sue"}}
	all := holds("all", "", Editor, Evaluator, Dispatcher, Administrator)
	tests := []struct {
		who   string
		actor Actor
		act   Act
		thing Thing
		want  fault.Kind // 0: yes
	}{
		{"herself", ana, RecordRead, record, 0},
		{"herself", ana, RecordDownload, record, 0},
		{"herself", ana, RecordWrite, record, fault.Forbidden},
		{"another participant", Actor{ID: "x", Participant: "bob"}, RecordRead, record, fault.NotFound},
		{"somebody without any role", Actor{ID: "x"}, RecordRead, record, fault.NotFound},
		{"nobody", Actor{}, RecordRead, record, fault.NotFound},
		{"the peer who walks with her", ben, RecordRead, record, 0},
		{"the peer who walks with her", ben, RecordPair, record, fault.Forbidden},
		{"a peer whose role has ended", Actor{ID: "former"}, RecordRead, record, fault.NotFound},
		{"a peer of another program", holds("former", "south", Peer), RecordRead, record, fault.NotFound},
		{"another peer", holds("other", "north", Peer), RecordRead, record, fault.NotFound},
		{"another peer", holds("other", "north", Peer), EmergencyOpen, record, 0},
		{"a peer of another program", holds("other", "south", Peer), EmergencyOpen, record, fault.NotFound},
		{"a peer in an emergency", emergency, RecordRead, record, 0},
		{"a peer in an emergency", emergency, RecordWrite, record, fault.Forbidden},
		{"a peer in an emergency", emergency, DisclosureMake, record, 0},
		{"her peer's supervisor", holds("sue", "north", Supervisor), RecordRead, record, 0},
		{"another supervisor of the program", holds("sam", "north", Supervisor), RecordRead, record, fault.Forbidden},
		{"another supervisor of the program", holds("sam", "north", Supervisor), RecordPair, record, 0},
		{"a supervisor of another program", holds("sam", "south", Supervisor), RecordNames, record, fault.NotFound},
		{"who is on call", holds("olga", "north", Peer), RecordRead, record, 0},
		{"a dispatcher on call", holds("dan", "north", Dispatcher), RecordWrite, record, 0},
		{"a dispatcher", holds("dora", "north", Dispatcher), RecordRead, record, fault.NotFound},
		{"the host of her group", holds("hal", "north", Host), RecordNames, record, 0},
		{"the host of her group", holds("hal", "north", Host), RecordRead, record, fault.Forbidden},
		{"an administrator", holds("adam", "", Administrator), RecordRead, record, fault.NotFound},
		{"an administrator", holds("adam", "", Administrator), RecordNames, record, fault.NotFound},
		{"an administrator", holds("adam", "", Administrator), ConsentRead, consent, fault.NotFound},
		{"an administrator", holds("adam", "", Administrator), EmergencyOpen, record, fault.NotFound},
		{"an evaluator", holds("eva", "north", Evaluator), RecordNames, record, fault.NotFound},
		{"an evaluator", holds("eva", "north", Evaluator), RecordFigures, Thing{Kind: Program, ID: "north", Program: "north"}, 0},
		{"an evaluator", holds("eva", "north", Evaluator), RecordFigures, Thing{Kind: Program, ID: "south", Program: "south"}, fault.Forbidden},
		{"who has every role without a relationship", all, RecordRead, record, fault.NotFound},
		{"a privacy officer", holds("pia", "", PrivacyOfficer), RecordNames, record, 0},
		{"a privacy officer", holds("pia", "", PrivacyOfficer), RecordRead, record, fault.Forbidden},
		{"a privacy officer", holds("pia", "", PrivacyOfficer), DisclosureMake, record, fault.Forbidden},
		{"a privacy officer", holds("pia", "", PrivacyOfficer), ConsentRevoke, consent, 0},
		{"herself", ana, ConsentSign, consent, 0},
		{"the peer who walks with her", ben, ConsentSign, consent, fault.Forbidden},
		{"the peer who walks with her", ben, ConsentRecord, consent, 0},

		{"an administrator", holds("adam", "", Administrator), AccountGrant, Thing{Kind: Account, ID: "ben", Owner: "ben", Staff: true}, 0},
		{"an administrator", holds("adam", "", Administrator), AccountGrant, Thing{Kind: Account, ID: "adam", Owner: "adam", Staff: true}, fault.Forbidden},
		{"an administrator", holds("adam", "", Administrator), AccountRead, Thing{Kind: Account, ID: "ana-account", Owner: "ana-account"}, fault.NotFound},
		{"a supervisor", holds("sue", "north", Supervisor), RoleGive, Thing{Kind: Post, Owner: "ben", Program: "north", Role: Peer}, 0},
		{"a supervisor", holds("sue", "north", Supervisor), RoleGive, Thing{Kind: Post, Program: "north", Group: "g1", Role: Host}, 0},
		{"a supervisor", holds("sue", "north", Supervisor), RoleGive, Thing{Kind: Post, Owner: "ben", Program: "south", Role: Peer}, fault.Forbidden},
		{"a supervisor", holds("sue", "north", Supervisor), RoleGive, Thing{Kind: Post, Owner: "ben", Role: Peer}, fault.Forbidden},
		{"a supervisor", holds("sue", "north", Supervisor), RoleGive, Thing{Kind: Post, Owner: "ben", Program: "north", Role: Supervisor}, fault.Forbidden},
		{"a peer", holds("ben", "north", Peer), RoleGive, Thing{Kind: Post, Program: "north", Role: Participant}, fault.Forbidden},
		{"a peer", holds("ben", "north", Peer), RoleGive, Thing{Kind: Post, Program: "north", Role: Peer}, fault.Forbidden},
		{"an administrator", holds("adam", "", Administrator), RoleGive, Thing{Kind: Post, Owner: "ben", Role: Administrator}, 0},
		{"an administrator", holds("adam", "", Administrator), RoleGive, Thing{Kind: Post, Owner: "adam", Role: Supervisor}, fault.Forbidden},
		{"an administrator of one program", holds("adam", "north", Administrator), RoleGive, Thing{Kind: Post, Owner: "ben", Role: Administrator}, fault.Forbidden},
		{"an administrator of one program", holds("adam", "north", Administrator), CommunitySet, Thing{Kind: House}, fault.Forbidden},
		{"an administrator", holds("adam", "", Administrator), AuditRead, Thing{Kind: Entry, ID: "1"}, 0},
		{"an administrator", holds("adam", "", Administrator), AuditRead, Thing{Kind: Entry, ID: "1", Person: "ana"}, fault.NotFound},
		{"herself", ana, AuditRead, Thing{Kind: Entry, ID: "1", Person: "ana"}, 0},
		{"a host of the group", Actor{ID: "hal", Grants: []Grant{{Role: Host, Program: "north", Group: "g1"}}}, GroupRun, Thing{Kind: Group, ID: "g1", Program: "north", Group: "g1"}, 0},
		{"a host of another group", Actor{ID: "hal", Grants: []Grant{{Role: Host, Program: "north", Group: "g1"}}}, GroupRun, Thing{Kind: Group, ID: "g2", Program: "north", Group: "g2"}, fault.Forbidden},
		{"an editor", holds("ed", "", Editor), MeetingEdit, Thing{Kind: Directory}, 0},
		{"an editor", holds("ed", "", Editor), FeedManage, Thing{Kind: Directory}, fault.Forbidden},
		{"an administrator", holds("adam", "", Administrator), MeetingEdit, Thing{Kind: Directory}, 0},
		{"who opened it", holds("eve", "north", Supervisor), EmergencyReview, Thing{Kind: Emergency, ID: "e", Program: "north", Person: "ana", Owner: "eve"}, fault.Forbidden},
		{"a supervisor", holds("sam", "north", Supervisor), EmergencyReview, Thing{Kind: Emergency, ID: "e", Program: "north", Person: "ana", Owner: "eve"}, 0},
		{"an act on the wrong kind", ana, RecordRead, Thing{Kind: House, Person: "ana"}, fault.Forbidden},
		{"an act that is not there", ana, "record.sell", record, fault.Forbidden},
		{"a kind that is not there", ana, RecordRead, Thing{Kind: "moon"}, fault.NotFound},
	}
	for _, tt := range tests {
		err := p.May(tt.actor, tt.act, tt.thing)
		switch {
		case tt.want == 0 && err != nil:
			t.Errorf("%s, %s on %s %s: %v", tt.who, tt.act, tt.thing.Kind, tt.thing.ID, err)
		case tt.want != 0 && !fault.Is(err, tt.want):
			t.Errorf("%s, %s on %s %s: got %v, want %s", tt.who, tt.act, tt.thing.Kind, tt.thing.ID, err, tt.want)
		}
	}
}

// TestWhatGoesWrongIsANo loads policies that no review would let pass.
func TestWhatGoesWrongIsANo(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	p := changed(t, slog.New(slog.NewTextHandler(&log, nil)), "records", `
@id("too-wide") @says("Everybody reads everything.")
permit (principal, action == Action::"record.read", resource);`)
	record := Thing{Kind: Record, ID: "ana", Person: "ana", Program: "north"}
	if err := p.May(holds("adam", "", Roles...), RecordRead, record); err == nil {
		t.Error("a policy that lets everybody read opened a record to a role alone")
	}
	p.acts[RecordRead].policies["broken"] = failing(t)
	if err := p.May(Actor{ID: "ana-account", Participant: "ana"}, RecordRead, record); err == nil {
		t.Error("a policy failed and the answer was yes")
	}
	if !strings.Contains(log.String(), "broken") {
		t.Errorf("the failure was not logged: %s", &log)
	}
	p.acts[RecordRead].order = append(p.acts[RecordRead].order, "broken")
	if where, _, err := p.Scope(Actor{ID: "ana-account", Participant: "ana"}, RecordRead, Record, allColumns); err == nil {
		t.Errorf("a policy failed and the list was filtered by %s", where)
	}
}

// changed loads the policies with some text added to a file.
func changed(t *testing.T, log *slog.Logger, subject, more string) *Policies {
	t.Helper()
	p, err := tryChanged(t, log, subject, more)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tryChanged(t *testing.T, log *slog.Logger, subject, more string) (*Policies, error) {
	t.Helper()
	files := fstest.MapFS{}
	entries, err := embedded.ReadDir("policies")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := embedded.ReadFile("policies/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() == subject+".cedar" {
			text = append(text, more...)
		}
		files[e.Name()] = &fstest.MapFile{Data: text}
	}
	return load(files, log)
}
