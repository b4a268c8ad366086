package access

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

//go:embed policies
var embedded embed.FS

// Subjects are the files of policies, in the order in which they are shown, with their titles.
var Subjects = []Subject{
	{"records", "Records"},
	{"consents", "Consents"},
	{"disclosures", "What leaves the house"},
	{"emergency", "Emergencies"},
	{"privacy", "Requests, complaints and incidents"},
	{"audit", "The audit record"},
	{"groups", "Groups"},
	{"directory", "The directory of meetings"},
	{"accounts", "Accounts"},
	{"community", "The house"},
}

// Subject is a file of policies: its name, and its title as a key of the catalogue.
type Subject struct{ Name, Title string }

// Rule is a policy as a person reads it.
type Rule struct {
	ID      string
	Subject string // name of one of Subjects
	Says    string // one sentence, a key of the catalogue
	Forbids bool   // it says what nobody may, whatever else allows it
	Cedar   string // the policy itself
}

// Policies are the rules of the house, checked and ready. They never change while the program runs, and may be
// asked by many at once.
type Policies struct {
	log   *slog.Logger
	acts  map[Act]*act
	kinds map[string]*kind
	rules []Rule
}

// act is what is known of an act: the kinds it is done to, and the policies that speak of it.
type act struct {
	uid      cedar.EntityUID
	kinds    []cedar.EntityType
	policies cedar.PolicyMap // by their own @id
	order    []cedar.PolicyID
}

// kind is what is known of a kind of thing.
type kind struct {
	entity cedar.EntityType
	attrs  []attr
	seen   Act // the least that shows that one exists; "" when everybody may know
}

// private lists the kinds whose existence is private, with the act that tells whether somebody may know of one.
var private = map[string]Act{
	Record: RecordNames, Consent: ConsentRead, Disclosure: DisclosureRead, Request: RequestRead, Complaint: ComplaintRead,
	Incident: IncidentRead, Emergency: EmergencyRead, Entry: AuditRead, Account: AccountRead,
}

// Load reads the policies that the program brings with it and checks each against the schema and against what
// lists can filter by. Errors of single decisions go to log, with ids and never with names. An error means that
// the program was built wrong.
func Load(log *slog.Logger) (*Policies, error) {
	files, err := fs.Sub(embedded, "policies")
	if err != nil {
		return nil, err
	}
	return load(files, log)
}

func load(files fs.FS, log *slog.Logger) (*Policies, error) {
	s, err := readSchema(files)
	if err != nil {
		return nil, err
	}
	p := &Policies{log: log, acts: map[Act]*act{}, kinds: map[string]*kind{}}
	if err := p.learn(s); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	v := validate.New(s)
	names, err := fs.Glob(files, "*.cedar")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if subject := strings.TrimSuffix(name, ".cedar"); !slices.ContainsFunc(Subjects, func(s Subject) bool { return s.Name == subject }) {
			return nil, fmt.Errorf("%s: no such subject; add it to Subjects", name)
		}
	}
	for _, subject := range Subjects {
		if err := p.read(files, subject.Name, v); err != nil {
			return nil, fmt.Errorf("%s.cedar: %w", subject.Name, err)
		}
	}
	return p, nil
}

func readSchema(files fs.FS) (*resolved.Schema, error) {
	const name = "schema.cedarschema"
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var s schema.Schema
	s.SetFilename(name)
	if err := s.UnmarshalCedar(text); err != nil {
		return nil, err
	}
	return s.Resolve()
}

// learn takes the acts and the kinds of things from the schema.
func (p *Policies) learn(s *resolved.Schema) error {
	if err := checkActor(s.Entities[actorType].Shape); err != nil {
		return err
	}
	for uid, a := range s.Actions {
		if a.AppliesTo == nil || len(a.AppliesTo.Context) > 0 {
			return fmt.Errorf("%s is done to nothing, or looks at a context: policies look at the actor and the thing", uid)
		}
		p.acts[Act(uid.ID)] = &act{uid: uid, kinds: a.AppliesTo.Resources, policies: cedar.PolicyMap{}}
		for _, t := range a.AppliesTo.Resources {
			name := strings.ToLower(string(t))
			if p.kinds[name] != nil {
				continue
			}
			k := &kind{entity: t, seen: private[name]}
			for _, attribute := range slices.Sorted(maps.Keys(s.Entities[t].Shape)) {
				i := slices.IndexFunc(attrs, func(a attr) bool { return a.name == attribute })
				if i < 0 || s.Entities[t].Shape[attribute].Optional {
					return fmt.Errorf("%s.%s is nothing that a Thing has always", t, attribute)
				}
				k.attrs = append(k.attrs, attrs[i])
			}
			p.kinds[name] = k
		}
	}
	return nil
}

// read takes in one file of policies.
func (p *Policies) read(files fs.FS, subject string, v *validate.Validator) error {
	text, err := fs.ReadFile(files, subject+".cedar")
	if err != nil {
		return err
	}
	list, err := cedar.NewPolicyListFromBytes(subject+".cedar", text)
	if err != nil {
		return err
	}
	for i, policy := range list {
		notes := policy.Annotations()
		id, says := string(notes["id"]), string(notes["says"])
		if id == "" || says == "" {
			return fmt.Errorf("policy %d has no @id or no @says", i+1)
		}
		if slices.ContainsFunc(p.rules, func(r Rule) bool { return r.ID == id }) {
			return fmt.Errorf("there are two policies %s", id)
		}
		tree := (*ast.Policy)(policy.AST())
		if err := v.Policy(id, tree); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		if err := filterable(tree); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		acts, err := p.actsOf(tree)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		for _, a := range acts {
			a.policies[cedar.PolicyID(id)] = policy
			a.order = append(a.order, cedar.PolicyID(id))
		}
		p.rules = append(p.rules, Rule{
			ID: id, Subject: subject, Says: says, Forbids: policy.Effect() == cedar.Forbid, Cedar: source(text, list, i),
		})
	}
	return nil
}

// actsOf returns the acts that a policy speaks of. Policies are kept by act, so that a decision asks only those
// that could say something.
func (p *Policies) actsOf(tree *ast.Policy) ([]*act, error) {
	var uids []cedar.EntityUID
	switch s := tree.Action.(type) {
	case ast.ScopeTypeEq:
		uids = []cedar.EntityUID{s.Entity}
	case ast.ScopeTypeInSet:
		uids = s.Entities
	default:
		return nil, errors.New("it must name its acts: action == …, or action in […]")
	}
	var out []*act
	for _, uid := range uids {
		a := p.acts[Act(uid.ID)]
		if a == nil {
			return nil, fmt.Errorf("there is no act %s", uid)
		}
		out = append(out, a)
	}
	return out, nil
}

// source cuts a policy out of its file as it was written.
func source(text []byte, list cedar.PolicyList, i int) string {
	end := len(text)
	if i+1 < len(list) {
		end = list[i+1].Position().Offset
	}
	s := string(text[list[i].Position().Offset:end])
	if semicolon := strings.LastIndexByte(s, ';'); semicolon >= 0 {
		s = s[:semicolon+1] // what follows is a comment on the next
	}
	return s
}

// Explain returns all rules in plain words, in the order of Subjects and of their files.
func (p *Policies) Explain() []Rule { return slices.Clone(p.rules) }
