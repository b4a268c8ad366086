package meeting

import "hearth/internal/meeting/welcome"

var (
	enVerb   = [welcome.NumRights]string{"come", "speak", "lead", "serve", "have sponsors", "sponsor others", ""}
	enGerund = [welcome.NumRights]string{"coming", "speaking", "leading", "serving", "having a sponsor", "sponsoring", "having their time counted"}
)

// english writes the sentence in English.
func english(a answers, sure, short bool) []clause {
	var out []clause
	add := func(answer welcome.Answer, text string) { out = append(out, clause{answer, text}) }
	usually := "usually "
	if sure {
		usually = ""
	}

	// Yes. Coming is said only where nothing more is.
	yes := a.pick(welcome.Yes, parts...)
	counts := a[welcome.TimeCounts] == welcome.Yes
	said := ""
	switch {
	case len(yes) == len(parts):
		said = "every part of this meeting is " + usually + "open to people on medication"
	case len(yes) > 0:
		said = "people on medication " + usually + list(words(yes, &enVerb), "and") + " here"
	case a[welcome.Attend] == welcome.Yes:
		said = "people on medication can " + usually + "come here"
	case counts:
		said = "people on medication " + usually + "have their time counted here"
		counts = false
	}
	if said != "" {
		if counts {
			said += ", and their time counts"
		}
		add(welcome.Yes, said)
	}

	// Depends.
	depend := a.pick(welcome.Depends, welcome.Rights[:]...)
	switch verbs := a.pick(welcome.Depends, append([]welcome.Right{welcome.Attend}, parts...)...); {
	case len(depend) == 0:
	case a.allElseDepends(len(depend)) && len(out) > 0:
		add(welcome.Depends, "everything else depends")
	case a.allElseDepends(len(depend)):
		add(welcome.Depends, "what people on medication may do here depends on the day")
	case len(out) > 0 && len(depend) == 1:
		add(welcome.Depends, enGerund[depend[0]]+" depends")
	case len(out) > 0:
		add(welcome.Depends, list(words(depend, &enGerund), "and")+" depend")
	case len(verbs) == 0:
		add(welcome.Depends, "whether people on medication have their time counted here depends on the day")
	case len(verbs) < len(depend):
		add(welcome.Depends, "whether people on medication "+list(words(verbs, &enVerb), "or")+" here, and whether their time counts, depends on the day")
	default:
		add(welcome.Depends, "whether people on medication "+list(words(verbs, &enVerb), "or")+" here depends on the day")
	}

	// No.
	no := a.pick(welcome.No, parts...)
	lost := a[welcome.TimeCounts] == welcome.No
	who, here := "they", ""
	if len(out) == 0 {
		who, here = "people on medication", " here"
	}
	said = ""
	switch away := a[welcome.Attend] == welcome.No; {
	case away && len(no) > 0:
		said = who + " are turned away" + here + " and do not " + list(words(no, &enVerb), "or")
	case away:
		said = who + " are turned away" + here
	case len(no) > 0:
		said = who + " do not " + list(words(no, &enVerb), "or") + here
	case lost && here != "":
		said = "people on medication do not have their time counted here"
		lost = false
	case lost:
		said = "their time does not count"
		lost = false
	}
	if said != "" {
		if lost {
			said += ", and their time does not count"
		}
		add(welcome.No, said)
	}

	// Not known.
	open := missing(a, short)
	if a[welcome.TimeCounts] == welcome.Unknown {
		open = append(open, welcome.TimeCounts)
	}
	switch {
	case len(open) == 0:
	case len(open) > 2:
		add(welcome.Unknown, "the rest is not known")
	case len(open) == 2:
		add(welcome.Unknown, list(words(open, &enGerund), "and")+" are not known")
	default:
		add(welcome.Unknown, enGerund[open[0]]+" is not known")
	}
	return out
}
