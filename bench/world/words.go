package world

import (
	"strings"

	"hearth/internal/civil"
)

var fellowships = []struct {
	code  string
	share int
	types []string
}{
	{"aa", 52, strings.Fields("O C D BE B ST SP TR W M X MED LGBTQ YP 11 12x12 LIT H CAN")},
	{"na", 24, strings.Fields("O C D BT SPK IP ST W M WC LGBTQ TOP")},
	{"al-anon", 7, strings.Fields("O C BE D ST SP W M X AC")},
	{"smart", 4, nil},
	{"rd", 3, strings.Fields("O X MED LGBTQ W BIPOC")},
	{"ca", 3, strings.Fields("O C D ST SP W M X")},
	{"cma", 2, strings.Fields("O C D ST SP LGBTQ X")},
	{"mara", 2, strings.Fields("O D X")},
	{"ma", 2, strings.Fields("O D ST X")},
	{"ha", 1, strings.Fields("O D ST X")},
}

var starts = []struct {
	at    civil.Clock
	share int
}{
	{6*60 + 30, 4},
	{7 * 60, 7},
	{8 * 60, 4},
	{9 * 60, 4},
	{10 * 60, 5},
	{11 * 60, 2},
	{12 * 60, 11},
	{12*60 + 15, 2},
	{13 * 60, 1},
	{16 * 60, 2},
	{17 * 60, 3},
	{17*60 + 30, 8},
	{18 * 60, 9},
	{18*60 + 30, 6},
	{19 * 60, 15},
	{19*60 + 30, 8},
	{20 * 60, 9},
	{20*60 + 30, 2},
	{21 * 60, 2},
	{22 * 60, 1},
	{23*60 + 30, 1},
	{0, 1},
}

var (
	adjectives = strings.Fields("Happy Simple Grateful Early Sunrise Sunset Midday Quiet Open New Old Honest Willing Gentle Living Steady Daily Nightly Morning Evening Downtown Uptown Northside Southside Eastside Westside Riverside Hilltop Harbor Valley Mountain Lakeside Second Third Young Bold Brave Loving Growing Rising Freedom Little Big Whole Plain Common Candlelight Lunchtime Weekend Friday Saturday Sunday Monday Tuesday Wednesday Thursday")
	nouns      = strings.Fields("Serenity Hope Courage Gratitude Recovery Freedom Unity Service Promise Promises Journey Steps Tradition Traditions Acceptance Surrender Faith Clarity Harmony Spirit Sobriety Fellowship Circle Lighthouse Bridge Beginnings Solution Solutions Attitude Awakening Reflections Sunlight Miracle Miracles Design Basics Anchor Lifeline Oasis Sanctuary Pathway Pathways Horizon Compass Table Hearth Garden Roots Wings Keystone Foundation Nooners Nightowls Survivors Wanderers Travelers Neighbors Friends Sisters Brothers Women Men Newcomers Oldtimers Beginners Literature Meditation Speaker Discussion")
	kinds      = []string{"Group", "Group", "Group", "Meeting", "Discussion", "Big Book Study", "Step Study", "Beginners", "Nooners", "Women", "Men's Stag", "Speaker Meeting", "Meditation", "Candlelight", "Literature Study"}
	venuesOf   = strings.Fields("St. Mark's Trinity Grace First Faith Christ Zion Calvary Bethel Emmanuel Holy Sacred St. Luke's St. Paul's St. Anne's Good United Community Central Memorial Veterans Riverside Alano Recovery Unity Hope Harbor Lincoln Washington Jefferson")
	venues     = []string{"Lutheran Church", "Methodist Church", "Episcopal Church", "Presbyterian Church", "Baptist Church", "Church", "Community Center", "Club", "Hall", "Hospital", "Library", "Recovery Center", "Clubhouse", "Parish Hall", "School", "Senior Center"}
	streets    = strings.Fields("Main Oak Pine Maple Cedar Elm Washington Lake Hill Walnut Spring North Ridge Church Willow Mill Sunset Railroad Jackson Lincoln Park Franklin River Highland Center Jefferson Adams Spruce Chestnut Dogwood Hickory Meadow Forest Broad Cherry Locust Poplar College Grant Madison Monroe Prospect Liberty Union State Court Market Water Front High School Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth")
	roads      = strings.Fields("St Ave Rd Blvd Ln Dr Way Pl Ct")
	townFirst  = strings.Fields("Ash Brook Clear Deer East Fair Glen Green Haver King Lake Lin Maple Mill Mon New North Oak Pine Red Rich River Rock Rose Salt Silver South Spring Stone Sun Ver West White Wil Win Wood York")
	townMiddle = []string{"", "", "ing", "er", "en", "ling", "al"}
	townLast   = strings.Fields("ton field ville wood burg port ford land dale mont view haven brook hurst crest ham stead side town bury")
	townBefore = strings.Fields("Port Fort Mount Saint North South East West New Upper Lower Grand Little Glen Lake")
	sentences  = []string{
		"Use the side entrance and go down the stairs.", "Parking is behind the building.", "Children are welcome.", "Please bring a chair.",
		"Ring the bell marked Hall.", "The first meeting of the month is a speaker meeting.", "Coffee from half an hour before.", "Masks are optional.",
		"Meets in room 12 on the second floor.", "No meeting on public holidays.",
	}
)
