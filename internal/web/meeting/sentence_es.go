package meeting

import (
	"strings"

	"hearth/internal/meeting/welcome"
)

var (
	esInfinitive  = [welcome.NumRights]string{"venir", "hablar", "coordinar", "prestar servicio", "tener padrino o madrina", "apadrinar", ""}
	esPresent     = [welcome.NumRights]string{"vienen", "hablan", "coordinan", "prestan servicio", "tienen padrino o madrina", "apadrinan", ""}
	esSubjunctive = [welcome.NumRights]string{"vengan", "hablen", "coordinen", "presten servicio", "tengan padrino o madrina", "apadrinen", ""}
)

// spanish writes the sentence in Spanish, which orders it in its own way: the place first, infinitives
// for what depends, indirect questions for what is not known.
func spanish(a answers, sure, short bool) []clause {
	const people = "las personas que toman medicación"
	var out []clause
	add := func(answer welcome.Answer, text string) { out = append(out, clause{answer, text}) }

	// Sí.
	yes := a.pick(welcome.Yes, parts...)
	counts := a[welcome.TimeCounts] == welcome.Yes
	said := ""
	switch {
	case len(yes) == len(parts) && sure:
		said = "todo en esta reunión está abierto a " + people
	case len(yes) == len(parts):
		said = "por lo general, todo en esta reunión está abierto a " + people
	case len(yes) > 0 && sure:
		said = "aquí " + people + " " + list(words(yes, &esPresent), "y")
	case len(yes) > 0:
		said = "aquí " + people + " suelen " + list(words(yes, &esInfinitive), "y")
	case a[welcome.Attend] == welcome.Yes && sure:
		said = "aquí " + people + " pueden venir"
	case a[welcome.Attend] == welcome.Yes:
		said = "aquí, por lo general, " + people + " pueden venir"
	case counts && sure:
		said = "aquí se cuenta el tiempo de " + people
		counts = false
	case counts:
		said = "aquí se suele contar el tiempo de " + people
		counts = false
	}
	if said != "" {
		if counts {
			said += ", y su tiempo cuenta"
		}
		add(welcome.Yes, said)
	}

	// Depende. Infinitives joined by "y" take a singular verb.
	verbs := a.pick(welcome.Depends, append([]welcome.Right{welcome.Attend}, parts...)...)
	time := a[welcome.TimeCounts] == welcome.Depends
	depend := len(verbs)
	if time {
		depend++
	}
	switch {
	case depend == 0:
	case a.allElseDepends(depend) && len(out) > 0:
		add(welcome.Depends, "todo lo demás depende")
	case a.allElseDepends(depend):
		add(welcome.Depends, "lo que pueden hacer aquí "+people+" depende del día")
	case len(out) > 0 && len(verbs) == 0:
		add(welcome.Depends, "que su tiempo cuente depende")
	case len(out) > 0 && time:
		add(welcome.Depends, list(words(verbs, &esInfinitive), "y")+", y que su tiempo cuente, depende")
	case len(out) > 0:
		add(welcome.Depends, list(words(verbs, &esInfinitive), "y")+" depende")
	case len(verbs) == 0:
		add(welcome.Depends, "que aquí se cuente el tiempo de "+people+" depende del día")
	case time:
		add(welcome.Depends, "que "+people+" "+list(words(verbs, &esSubjunctive), "o")+" aquí, y que su tiempo cuente, depende del día")
	default:
		add(welcome.Depends, "que "+people+" "+list(words(verbs, &esSubjunctive), "o")+" aquí depende del día")
	}

	// No.
	no := strings.Join(words(a.pick(welcome.No, parts...), &esPresent), " ni ")
	lost := a[welcome.TimeCounts] == welcome.No
	away := a[welcome.Attend] == welcome.No
	first := len(out) == 0
	said = ""
	switch {
	case away && first:
		said = "aquí no se deja entrar a " + people
	case away:
		said = "no se les deja entrar"
	case no != "" && first:
		said = "aquí " + people + " no " + no
	case no != "":
		said = "no " + no
	case lost && first:
		said = "aquí no se cuenta el tiempo de " + people
		lost = false
	case lost:
		said = "su tiempo no cuenta"
		lost = false
	}
	if said != "" {
		if away && no != "" {
			said += ", no " + no
		}
		if lost {
			said += ", y su tiempo no cuenta"
		}
		add(welcome.No, said)
	}

	// No se sabe.
	open := missing(a, short)
	unclear := a[welcome.TimeCounts] == welcome.Unknown
	switch ask := strings.Join(words(open, &esPresent), " ni si "); {
	case len(open) == 0 && !unclear:
	case len(open) > 2 || len(open) == 2 && unclear:
		add(welcome.Unknown, "lo demás no se sabe")
	case len(open) == 0:
		add(welcome.Unknown, "no se sabe si su tiempo cuenta")
	case unclear:
		add(welcome.Unknown, "no se sabe si "+ask+" ni si su tiempo cuenta")
	default:
		add(welcome.Unknown, "no se sabe si "+ask)
	}
	return out
}
