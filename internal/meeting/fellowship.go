package meeting

import (
	"sort"
	"strings"
)

// Kind groups fellowships by how they came to be, which is what a person looks for first.
type Kind string

// The kinds. Medication stands for groups that were founded for people on medication, Parallel for groups
// about another part of the same lives.
const (
	KindTwelveStep Kind = "twelve_step"
	KindMedication Kind = "dedicated" // codes stand in addresses of pages, which never say why somebody looks
	KindSecular    Kind = "secular"
	KindParallel   Kind = "parallel"
	KindFamily     Kind = "family"
	KindOther      Kind = "other"
)

// Kinds lists them in the order in which a form offers them.
var Kinds = [...]Kind{KindTwelveStep, KindMedication, KindSecular, KindParallel, KindFamily, KindOther}

// ParseKind reads the code of a kind. "medication" is understood too, because people will try it; we never
// write it.
func ParseKind(s string) (Kind, bool) {
	if s == "medication" {
		return KindMedication, true
	}
	for _, k := range Kinds {
		if string(k) == s {
			return k, true
		}
	}
	return "", false
}

// Name is the kind in English, the key of its translation.
func (k Kind) Name() string {
	switch k {
	case KindTwelveStep:
		return "Twelve-step"
	case KindMedication:
		return "For people on medication"
	case KindSecular:
		return "Secular and other paths"
	case KindParallel:
		return "Living with something else too"
	case KindFamily:
		return "Family and friends"
	}
	return "Other groups"
}

// NameES is the kind in Spanish.
func (k Kind) NameES() string {
	switch k {
	case KindTwelveStep:
		return "Doce pasos"
	case KindMedication:
		return "Para personas con medicación"
	case KindSecular:
		return "Laicos y otros caminos"
	case KindParallel:
		return "Cuando hay algo más"
	case KindFamily:
		return "Familia y amistades"
	}
	return "Otros grupos"
}

// Fellowship is a family of groups with its own words: the codes for types of meetings mean nothing
// without it. Codes are [a-z0-9-]+; the twelve-step ones are those of the directory plugin TSML. The codes
// of groups about a medication or an illness do not name it, because codes appear in addresses of pages.
type Fellowship struct {
	Code   string
	Name   string
	NameES string
	Kind   Kind
}

var fellowships = []Fellowship{
	{"aa", "Alcoholics Anonymous", "Alcohólicos Anónimos", KindTwelveStep},
	{"na", "Narcotics Anonymous", "Narcóticos Anónimos", KindTwelveStep},
	{"ca", "Cocaine Anonymous", "Cocainómanos Anónimos", KindTwelveStep},
	{"cma", "Crystal Meth Anonymous", "Crystal Meth Anónimos", KindTwelveStep},
	{"daa", "Drug Addicts Anonymous", "Drug Addicts Anonymous", KindTwelveStep},
	{"ha", "Heroin Anonymous", "Heroína Anónimos", KindTwelveStep},
	{"ma", "Marijuana Anonymous", "Marihuana Anónimos", KindTwelveStep},
	{"dra", "Dual Recovery Anonymous", "Recuperación Dual Anónimos", KindTwelveStep},
	{"aar", "All Addictions Anonymous", "All Addictions Anonymous", KindTwelveStep},
	{"nica", "Nicotine Anonymous", "Nicotina Anónimos", KindTwelveStep},
	{"aca", "Adult Children of Alcoholics", "Hijos Adultos de Alcohólicos", KindTwelveStep},
	{"coda", "Co-Dependents Anonymous", "Codependientes Anónimos", KindTwelveStep},
	{"cea-how", "Compulsive Eaters Anonymous-HOW", "Comedores Compulsivos Anónimos-HOW", KindTwelveStep},
	{"da", "Debtors Anonymous", "Deudores Anónimos", KindTwelveStep},
	{"eda", "Eating Disorders Anonymous", "Trastornos Alimentarios Anónimos", KindTwelveStep},
	{"ga", "Gamblers Anonymous", "Jugadores Anónimos", KindTwelveStep},
	{"oa", "Overeaters Anonymous", "Comedores Compulsivos Anónimos", KindTwelveStep},
	{"rca", "Recovering Couples Anonymous", "Parejas en Recuperación Anónimas", KindTwelveStep},
	{"saa", "Sex Addicts Anonymous", "Adictos al Sexo Anónimos", KindTwelveStep},
	{"sa", "Sexaholics Anonymous", "Sexólicos Anónimos", KindTwelveStep},
	{"sca", "Sexual Compulsives Anonymous", "Compulsivos Sexuales Anónimos", KindTwelveStep},
	{"slaa", "Sex and Love Addicts Anonymous", "Adictos al Sexo y al Amor Anónimos", KindTwelveStep},
	{"sia", "Survivors of Incest Anonymous", "Sobrevivientes de Incesto Anónimos", KindTwelveStep},
	{"ua", "Underearners Anonymous", "Underearners Anonymous", KindTwelveStep},
	{"va", "Violence Anonymous", "Violencia Anónimos", KindTwelveStep},

	{"mara", "MARA", "MARA", KindMedication},
	{"mtha", "Methadone Anonymous", "Metadona Anónimos", KindMedication},
	{"aim", "Ability, Inspiration and Motivation (AIM)", "Ability, Inspiration and Motivation (AIM)", KindMedication},
	{"pst", "Group for people on medication", "Grupo para personas con medicación", KindMedication},

	{"rd", "Recovery Dharma", "Recovery Dharma", KindSecular},
	{"rr", "Refuge Recovery", "Refuge Recovery", KindSecular},
	{"smart", "SMART Recovery", "SMART Recovery", KindSecular},
	{"lifering", "LifeRing Secular Recovery", "LifeRing Secular Recovery", KindSecular},
	{"sos", "Secular Organizations for Sobriety", "Secular Organizations for Sobriety", KindSecular},
	{"wfs", "Women for Sobriety", "Women for Sobriety", KindSecular},
	{"mm", "Moderation Management", "Moderation Management", KindSecular},
	{"hams", "HAMS Harm Reduction", "HAMS Reducción de Daños", KindSecular},
	{"she", "She Recovers", "She Recovers", KindSecular},

	{"plh", "Living with HIV", "Vivir con VIH", KindParallel},
	{"lhc", "Living with hepatitis C", "Vivir con hepatitis C", KindParallel},
	{"trm", "Living after trauma", "Vivir después del trauma", KindParallel},
	{"dtr", "Double Trouble in Recovery", "Double Trouble in Recovery", KindParallel},
	{"mhs", "Mental health support group", "Grupo de apoyo en salud mental", KindParallel},
	{"pnc", "Living with pain", "Vivir con dolor", KindParallel},
	{"grf", "Grief group", "Grupo de duelo", KindParallel},
	{"prn", "Pregnancy and the first year", "Embarazo y primer año", KindParallel},
	{"ret", "Coming home from prison or jail", "Volver a casa después de la cárcel", KindParallel},
	{"vet", "Veterans' group", "Grupo de veteranos", KindParallel},

	{"al-anon", "Al-Anon", "Al-Anon", KindFamily},
	{"alateen", "Alateen", "Alateen", KindFamily},
	{"nar-anon", "Nar-Anon", "Nar-Anon", KindFamily},
	{"gam-anon", "Gam-Anon", "Gam-Anon", KindFamily},
	{"co-anon", "Co-Anon", "Co-Anon", KindFamily},
	{"fa", "Families Anonymous", "Familias Anónimas", KindFamily},
	{"pal", "Parents of Addicted Loved Ones (PAL)", "Parents of Addicted Loved Ones (PAL)", KindFamily},
	{"ltc", "Learn to Cope", "Learn to Cope", KindFamily},
	{"grasp", "GRASP, after a loss", "GRASP, después de una pérdida", KindFamily},
	{"smart-ff", "SMART Recovery Family & Friends", "SMART Recovery Familia y Amistades", KindFamily},

	{"cr", "Celebrate Recovery", "Celebrate Recovery", KindOther},
	{"wb", "Wellbriety", "Wellbriety", KindOther},
	{"ark", "All Recovery meeting", "Reunión All Recovery", KindOther},
	{"phx", "The Phoenix", "The Phoenix", KindOther},
	{"sg", "Support group", "Grupo de apoyo", KindOther},
}

var fellowshipOf = func() map[string]Fellowship {
	m := make(map[string]Fellowship, len(fellowships))
	for _, f := range fellowships {
		m[f.Code] = f
	}
	return m
}()

// Fellowships returns all that are known by name, by kind and then by name.
func Fellowships() []Fellowship {
	rank := make(map[Kind]int, len(Kinds))
	for i, k := range Kinds {
		rank[k] = i
	}
	out := append([]Fellowship(nil), fellowships...)
	sort.SliceStable(out, func(i, j int) bool {
		if a, b := rank[out[i].Kind], rank[out[j].Kind]; a != b {
			return a < b
		}
		return out[i].Name < out[j].Name
	})
	return out
}

// FellowshipByCode returns the fellowship with that code. One that is not known keeps its code, in upper
// case, as its name: a community may have groups that this list has never heard of.
func FellowshipByCode(code string) Fellowship {
	code = strings.ToLower(strings.TrimSpace(code))
	if f, ok := fellowshipOf[code]; ok {
		return f
	}
	name := strings.ToUpper(code)
	return Fellowship{Code: code, Name: name, NameES: name, Kind: KindOther}
}

// KnownFellowship tells whether the code is one of the list.
func KnownFellowship(code string) bool {
	_, ok := fellowshipOf[code]
	return ok
}

// ValidFellowshipCode tells whether code can be the code of a fellowship: [a-z0-9-]+, at most 32 long.
func ValidFellowshipCode(code string) bool {
	if code == "" || len(code) > 32 {
		return false
	}
	for _, c := range []byte(code) {
		if c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// NameIn is the name in a language, "es" or English.
func (f Fellowship) NameIn(lang string) string {
	if lang == "es" {
		return f.NameES
	}
	return f.Name
}
