package meeting

import "strings"

// The tables below are facts, written down compactly by us: which code means what in which vocabulary
// (directory reference, 2.1, 2.2 and 2.4). The section without a name is the Meeting Guide specification with
// its proposed codes and the words that several programmes share; a section of a fellowship holds only
// what differs there. A line is CODE|English|Spanish|flags, flags being words of Needs. A line of a code
// alone takes the meaning away: S is Spanish in the specification but nothing at NA.
//
// TSML writes language codes over a programme's own labels (IS becomes Icelandic at Recovery Dharma,
// where it was Inquiry Study). We keep the programme's own meaning: that is what people chose it for, and
// no meeting there is held in Icelandic. It costs nobody a meeting, since both labels are only words.
const typeTable = `
:
11|11th step meditation|Meditación del paso 11|meditation
12X12|12 Steps & 12 Traditions|12 Pasos y 12 Tradiciones|steps,literature
A|Secular|Laica|secular
ABSI|As Bill Sees It|Como lo ve Bill|literature
AL|Together with Alateen|Junto con Alateen
AL-AN|Together with Al-Anon|Junto con Al-Anon
ASL|American Sign Language|Lengua de señas americana|sign
B|Big Book|Libro Grande|literature
BA|Babysitting available|Hay quien cuide a los niños|children
BE|Newcomer|Principiantes|beginners
BI|Bisexual|Bisexual|lgbtq
BRK|Breakfast|Desayuno
BV-I|Blind or visually impaired|Ciegos o con discapacidad visual
C|Closed|Cerrada|closed
CAN|Candlelight|A la luz de las velas
CF|Child-friendly|Se puede venir con niños|children
D|Discussion|Conversación|discussion
D-HOH|Deaf or hard of hearing|Sordos o con dificultad para oír
DB|Digital basket|Canasta digital
DD|Dual diagnosis|Diagnóstico dual|dual
DR|Daily Reflections|Reflexiones Diarias|literature
FF|Fragrance free|Sin fragancias|fragrance-free
G|Gay|Gay|lgbtq
GR|Grapevine|La Viña|literature
H|Birthday|Aniversarios
L|Lesbian|Lesbianas|lgbtq
LGBTQ|LGBTQ+|LGBTQ+|lgbtq
LIT|Literature|Literatura|literature
LO-I|Loners or isolationists|Solitarios o aislados
LS|Living Sober|Viviendo Sobrio|literature
M|Men|Hombres|men
MED|Meditation|Meditación|meditation
N|Native American|Nativos americanos|indigenous
NB|Non-binary|No binario|nonbinary,lgbtq
NDG|Indigenous|Indígena|indigenous
O|Open|Abierta|open
ONL|Online|En línea
OUT|Outdoors|Al aire libre|outdoor
P|Professionals|Profesionales|professionals
POA|Proof of attendance|Prueba de asistencia|proof
POC|People of color|Personas de color|poc
QSL|Quebec Sign Language|Lengua de señas de Quebec|sign
RSL|Russian Sign Language|Lengua de señas rusa|sign
SEN|Seniors|Personas mayores|seniors
SM|Smoking permitted|Se permite fumar|smoking
SP|Speaker|Con orador|speaker
ST|Step study|Estudio de pasos|steps
T|Transgender|Transgénero|transgender,lgbtq
TC|Place closed for now|Lugar cerrado por ahora
TR|Tradition study|Estudio de tradiciones|steps
W|Women|Mujeres|women
X|Wheelchair access|Acceso en silla de ruedas|wheelchair
XB|Wheelchair-accessible bathroom|Baño accesible en silla de ruedas|wheelchair
XT|Cross talk permitted|Se permite opinar|crosstalk
Y|Young people|Gente joven|young
:aca
ANH|A New Hope|Una nueva esperanza|literature
A|Adults only (18+)|Solo adultos (18+)
AV|Audio / visual|Audio / video
B|Book study|Estudio de libro|literature
BEG|Beginners|Principiantes|beginners
CAP|Captions|Subtítulos
CC|Child care available|Hay quien cuide a los niños|children
COS|Concepts of service|Conceptos de servicio
T|Fellowship text|Texto de la comunidad|literature
G|Gay/Lesbian|Gay/Lesbianas|lgbtq
LLW|Laundry Lists workbook|Cuaderno de las Listas|literature
LPG|Loving Parent guidebook|Guía del Padre Amoroso|literature
NS|Needs support|Necesita apoyo
S|Speaker|Con orador|speaker
SP|Spanish|Español||es
SMR|Strengthening My Recovery|Fortaleciendo mi recuperación|literature
TEEN|Teens (12 to 18)|Adolescentes (12 a 18)|young
WOR|Workshop|Taller
Y|Yellow workbook study|Estudio del cuaderno amarillo|literature
YA|Young adults (18 to 26)|Jóvenes (18 a 26)|young
:al-anon
AC|Adult child focus|Para hijos adultos
Y|Alateen|Alateen|young
A|Atheist / agnostic|Atea / agnóstica|secular
BE|Beginners|Principiantes|beginners
AA|Together with an AA meeting|Junto con una reunión de AA
O|Families, friends and observers welcome|Familias, amistades y observadores|open
C|Families and friends only|Solo familias y amistades|closed
LGBTQIA|LGBTQIA+|LGBTQIA+|lgbtq
POA|Parents|Padres y madres
P
YA|Young adults|Jóvenes|young
:ca
A|Atheist / agnostic|Atea / agnóstica|secular
BUS|Business|Asuntos del grupo
:cma
S|Spanish|Español||es
:coda
A|Atheist / agnostic|Atea / agnóstica|secular
B|Book study|Estudio de libro|literature
H|Chips|Fichas
DLY|Daily|Diaria
QA|Questions and answers|Preguntas y respuestas
READ|Reading|Lectura|literature
SHARE|Sharing|Compartir|discussion
TEEN|Teens|Adolescentes|young
WRITE|Writing|Escritura
:cea-how
S
AACOA|AA Comes of Age|AA llega a su mayoría de edad|literature
BOOK|Book study|Estudio de libro|literature
CTB|Came to Believe|Llegamos a creer|literature
CEA-HOW|CEA-HOW concept and tools|Concepto y herramientas de CEA-HOW
HJF|Happy, joyous and free|Felices, alegres y libres
MAINT|Maintenance|Mantenimiento
PROM|Promises|Promesas
RANDR|Setbacks and recovery|Tropiezos y recuperación
:da
S
AB|Abundance|Abundancia
AR|Artists|Artistas
B|Business owners|Dueños de negocios
CL|Clutter|Desorden
N|Numbers|Números
P|Prosperity|Prosperidad
TI|Time|Tiempo
TO|Toolkit|Herramientas
V|Vision|Visión
:daa
S
SS|Step speaker|Orador de pasos|speaker,steps
YP|Young people|Gente joven|young
:eda
BEG|Beginners|Principiantes|beginners
CC|Chair's choice|A elección de quien coordina
RF|Rotating format|Formato rotativo
TO|Topic or discussion|Tema o conversación|discussion
WR|Writing|Escritura
:ga
20|20 questions, first time|20 preguntas, primera vez|beginners
GAA|Together with Gam-Anon|Junto con Gam-Anon
COM|Comment|Comentarios
CRC|Cross comment|Comentarios cruzados|crosstalk
GAM|Gam-Anon|Gam-Anon
PAR|Parking meters|Parquímetros
TOP|Topic|Tema|discussion
B|Big Book|Libro Grande|literature
:na
S
CPT|12 concepts|12 conceptos
BT|Basic Text|Texto Básico|literature
BEG|Newcomers|Principiantes|beginners
CW|Children welcome|Se puede venir con niños|children
DISC|Discussion|Conversación|discussion
GL|Gay/Lesbian|Gay/Lesbianas|lgbtq
IP|Information pamphlets|Folletos informativos|literature
IW|It Works|Funciona|literature
JFT|Just for Today|Solo por Hoy|literature
LC|Living Clean|Vivir limpios|literature
LIT|Literature study|Estudio de literatura|literature
NS|No smoking|No se fuma
QA|Questions and answers|Preguntas y respuestas
RA|Restricted access|Acceso restringido
SMOK|Smoking permitted|Se permite fumar|smoking
SPAD|A spiritual principle a day|Un principio espiritual al día|literature
SPK|Speaker|Con orador|speaker
STEP|Steps|Pasos|steps
SWG|Step working guides|Guías para trabajar los pasos|steps,literature
TOP|Topic|Tema|discussion
TRAD|Traditions|Tradiciones|steps
VAR|Format varies|Formato variable
NC|No children|Sin niños
WC|Wheelchair access|Acceso en silla de ruedas|wheelchair
YP|Young people|Gente joven|young
VM|Online|En línea
HY|In person and online|Presencial y en línea
B|Newcomers|Principiantes|beginners
T
P
H
L
N
SL
:ha
S
CPT|12 concepts|12 conceptos
BT|Basic Text|Texto Básico|literature
BEG|Newcomers|Principiantes|beginners
CW|Children welcome|Se puede venir con niños|children
DISC|Discussion|Conversación|discussion
GL|Gay/Lesbian|Gay/Lesbianas|lgbtq
IP|Information pamphlets|Folletos informativos|literature
IW|It Works|Funciona|literature
JFT|Just for Today|Solo por Hoy|literature
LC|Living Clean|Vivir limpios|literature
NS|No smoking|No se fuma
QA|Questions and answers|Preguntas y respuestas
RA|Restricted access|Acceso restringido
SMOK|Smoking permitted|Se permite fumar|smoking
SPK|Speaker|Con orador|speaker
STEP|Steps|Pasos|steps
SWG|Step working guides|Guías para trabajar los pasos|steps,literature
TOP|Topic|Tema|discussion
TRAD|Traditions|Tradiciones|steps
VAR|Format varies|Formato variable
:ma
S
BB|Book study|Estudio de libro|literature
BE|Beginners|Principiantes|beginners
CCAP|Closed captions|Subtítulos
H|Chips|Fichas
LGBTQI+|LGBTQI+|LGBTQI+|lgbtq
O|Open to everyone|Abierta a todas las personas|open
:oa
S
11TH|11th step|Paso 11|meditation
90D|90 days|90 días
AA12|AA 12 and 12|AA 12 y 12|literature
AIB|Ask-it basket|Canasta de preguntas
DOC|Dignity of choice|Dignidad de elegir
FT|For Today|Para Hoy|literature
LI|Lifeline|Lifeline|literature
LIS|Lifeline Sampler|Lifeline Sampler|literature
MAIN|Maintenance|Mantenimiento
NEWB|New beginnings|Nuevos comienzos|beginners
HOW|OA H.O.W.|OA H.O.W.
OA23|OA second or third edition|OA segunda o tercera edición|literature
RELA|Twelfth step within|Paso doce desde dentro
SSP|Seeking the Spiritual Path|En busca del camino espiritual|literature
SD|Speaker and discussion|Orador y conversación|speaker,discussion
SPIR|Spirituality|Espiritualidad
TEEN|Teens welcome|Adolescentes|young
PROM|The promises|Las promesas
TOOL|Tools|Herramientas
MISC|Varies|Variable
VOR|Voices of Recovery|Voces de recuperación|literature
WORK|Workbook study|Estudio de cuaderno|literature
WRIT|Writing|Escritura
:rca
S
:rd
S
BB|Book study|Estudio de libro|literature
BE|Beginners|Principiantes|beginners
CC|Child care available|Hay quien cuide a los niños|children
DF|Dog friendly|Se aceptan perros
8F|Eightfold Path study|Estudio del Óctuple Sendero|literature
IS|Inquiry study|Estudio de indagación
IW|Inquiry writing|Escritura de indagación
MI|Mindfulness practice|Práctica de atención plena|meditation
PR|Process addictions|Adicciones de conducta
WA|Wheelchair access|Acceso en silla de ruedas|wheelchair
:rr
S
BB|Book study|Estudio de libro|literature
BE|Beginners|Principiantes|beginners
CC|Child care available|Hay quien cuide a los niños|children
DF|Dog friendly|Se aceptan perros
8F|Eightfold Path study|Estudio del Óctuple Sendero|literature
IS|Inventory study|Estudio de inventario
IW|Inventory writing|Escritura de inventario
MI|Mindfulness practice|Práctica de atención plena|meditation
PR|Process addictions|Adicciones de conducta
WA|Wheelchair access|Acceso en silla de ruedas|wheelchair
:saa
S
:sa
S
B|Book study|Estudio de libro|literature
MI|Mixed|Mixta
PP|Primary purpose|Propósito primordial
:sca
S
H|Chips|Fichas
COURT|Court papers signed|Se firman papeles de la corte|proof
GL|Graphic language|Lenguaje explícito
:slaa
12X12|Framework for Living (12x12x12)|Marco para vivir (12x12x12)|steps
ALLG|All genders welcome|Todos los géneros
AN|Anorexia focus|Sobre la anorexia
ASOG|State of Grace|Estado de gracia
POA|Attendance voucher|Prueba de asistencia|proof
BDSM|BDSM focus|Sobre BDSM
B|Book study|Estudio de libro|literature
CAM|Camera on|Cámara encendida
H|Chips|Fichas
FTSY|Fantasy|Fantasía
GC|Getting current|Ponerse al día
HOW|H.O.W. meeting|Reunión H.O.W.
HR|Healthy relationships|Relaciones sanas
LEG|Legal consequences|Consecuencias legales
MULT|Several addictions|Varias adicciones
NEUR|Neurodivergent|Neurodivergente
NC|Newcomers|Principiantes|beginners
PRI|Prison|Prisión
SCRE|Screened|Con entrevista previa
SWKR|Sex workers|Trabajo sexual
SPEC|Special interest|Interés especial
SPON|Sponsorship|Apadrinamiento
S123|Steps 1, 2 and 3|Pasos 1, 2 y 3|steps
TOPL|Top lines|Líneas superiores
TRMA|Trauma focus|Sobre el trauma
VFOR|Varied format|Formato variable
WDRL|Withdrawal|Abstinencia de conductas
:sia
GQ|Genderqueer|Género no conforme|nonbinary,lgbtq
OSH|Open sharing|Compartir abierto|discussion
RIT|Ritual abuse|Sobre abuso ritual
STW|Steps workshop|Taller de pasos|steps
UA|Ukrainian|Ucraniano||uk
:ua
S
BIPOC|BIPOC|Personas de color|poc
T|Tools|Herramientas
:va
S
`

// languageTable holds ISO 639-1 code, English, Spanish, and codes other than the ISO one.
const languageTable = `
af|Afrikaans|Afrikáans
am|Amharic|Amárico
ar|Arabic|Árabe
bg|Bulgarian|Búlgaro
da|Danish|Danés
de|German|Alemán
el|Greek|Griego
en|English|Inglés
es|Spanish|Español|S
fa|Persian|Persa
fi|Finnish|Finés
fr|French|Francés
he|Hebrew|Hebreo
hi|Hindi|Hindi
hr|Croatian|Croata
hu|Hungarian|Húngaro
is|Icelandic|Islandés
it|Italian|Italiano|ITA
ja|Japanese|Japonés
ka|Georgian|Georgiano
ko|Korean|Coreano|KOR
lt|Lithuanian|Lituano
ml|Malayalam|Malabar
mt|Maltese|Maltés
ne|Nepali|Nepalí
nl|Dutch|Neerlandés
no|Norwegian|Noruego
pa|Punjabi|Panyabí|PUN
pl|Polish|Polaco|POL
pt|Portuguese|Portugués|POR
ru|Russian|Ruso|RUS
sk|Slovak|Eslovaco
sl|Slovenian|Esloveno
sv|Swedish|Sueco
th|Thai|Tailandés
tl|Tagalog|Tagalo
tr|Turkish|Turco|TUR
uk|Ukrainian|Ucraniano
`

var (
	languageNames = readLanguages(languageTable)
	vocabularies  = readVocabularies(typeTable, languageTable)
	labelCodes    = labelsOf(vocabularies)
)

func readLanguages(table string) map[string][2]string {
	m := map[string][2]string{}
	for line := range strings.Lines(table) {
		if f := strings.Split(strings.TrimSpace(line), "|"); len(f) >= 3 {
			m[f[0]] = [2]string{f[1], f[2]}
		}
	}
	return m
}

// readVocabularies reads both tables. The key "" is the shared vocabulary.
func readVocabularies(types, languages string) map[string]map[string]typeWord {
	all := map[string]map[string]typeWord{}
	var section map[string]typeWord
	for line := range strings.Lines(types) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, ":"); ok {
			section = map[string]typeWord{}
			all[name] = section
			continue
		}
		f := strings.Split(line, "|")
		if f[0] == "" {
			continue
		}
		var w typeWord
		if len(f) > 2 {
			w.en, w.es = f[1], f[2]
		}
		if len(f) > 3 && f[3] != "" {
			for _, name := range strings.Split(f[3], ",") {
				flag, ok := ParseNeed(name)
				if !ok {
					panic("meeting: type table names no need: " + name)
				}
				w.flags |= flag
			}
		}
		if len(f) > 4 {
			w.language = f[4]
		}
		section[f[0]] = w
	}
	for line := range strings.Lines(languages) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) < 3 {
			continue
		}
		w := typeWord{en: f[1], es: f[2], language: f[0]}
		for _, code := range append(f[3:], strings.ToUpper(f[0])) {
			// TR is Tradition study in the specification and Turkish nowhere that we have seen it meant.
			if _, taken := all[""][code]; !taken {
				all[""][code] = w
			}
		}
	}
	return all
}

// labelAliases are labels by which the plugin and the spreadsheets call a code, where ours differ. Of
// several codes the one that the fellowship itself uses is taken.
var labelAliases = map[string][]string{
	"concurrent with al-anon": {"AL-AN"}, "concurrent with alateen": {"AL"}, "outdoor": {"OUT"}, "outdoor meeting": {"OUT"},
	"location temporarily closed": {"TC"}, "temporarily closed": {"TC"}, "temporary closure": {"TC"}, "online meeting": {"ONL"}, "child friendly": {"CF"},
	"wheelchair accessible": {"X", "WA"}, "handicapped accessible": {"X"}, "wheelchair": {"X", "WA"}, "step meeting": {"ST", "STEP"},
	"step": {"STEP", "ST"}, "beginner": {"BEG", "BE"}, "beginners": {"BEG", "BE"}, "beginners'": {"BEG", "BE"},
	"newcomer": {"BEG", "BE"}, "beginner/newcomer": {"BEG", "BE"}, "discussion/participation": {"DISC", "D"},
	"topic discussion": {"D"}, "topic/discussion": {"TO", "D"}, "lgbtq+": {"LGBTQ"}, "lgbtqiaa+": {"LGBTQ"}, "lgbtq": {"LGBTQ"},
	"atheist / agnostic": {"A"}, "sign language": {"ASL"}, "smoking": {"SMOK", "SM"}, "non-smoking": {"NS"},
	"tradition": {"TR", "TRAD"}, "literature study": {"LIT"}, "speaker": {"SPK", "SP"}, "hybrid": {"HY"},
	"young adults": {"YA", "Y"}, "chips": {"H"}, "chip": {"H"}, "agnostic": {"A"}, "gay/lesbian": {"GL", "G"},
}

func labelsOf(vocabularies map[string]map[string]typeWord) map[string]map[string]string {
	all := map[string]map[string]string{}
	for name, words := range vocabularies {
		m := map[string]string{}
		all[name] = m
		for code, w := range words {
			for _, label := range []string{w.en, w.es} {
				// Two codes of one label (ES and S): the specification's comes before the ISO one, and the
				// choice must not depend on the order of a map.
				key, old := strings.ToLower(label), ""
				if old = m[key]; label == "" {
					continue
				}
				iso := strings.ToUpper(w.language)
				if old == "" || old == iso || (code != iso && code < old) {
					m[key] = code
				}
			}
		}
	}
	return all
}
