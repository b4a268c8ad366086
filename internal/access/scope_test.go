package access

var allColumns = Columns{
	Program: "t.program", Group: "t.grp", Owner: "t.owner", Person: "t.person", Staff: "t.staff",
	Peers:       "EXISTS (SELECT 1 FROM tie WHERE tie.thing = t.id AND tie.kind = 'peer' AND tie.account = $actor)",
	Supervisors: "EXISTS (SELECT 1 FROM tie WHERE tie.thing = t.id AND tie.kind = 'supervisor' AND tie.account = $actor)",
	Hosts:       "EXISTS (SELECT 1 FROM tie WHERE tie.thing = t.id AND tie.kind = 'host' AND tie.account = $actor)",
	OnCall:      "EXISTS (SELECT 1 FROM tie WHERE tie.thing = t.id AND tie.kind = 'on_call' AND tie.account = $actor)",
}
