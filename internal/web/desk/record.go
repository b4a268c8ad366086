package desk

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// recordShown is how many entries of the audit record a page shows.
const recordShown = 200

// recordRow is an entry of the audit record in words.
type recordRow struct {
	audit.Entry
	What     string // "" for a deed that has no words; then the entry's own stand
	Of, Href string // what it was done to, and where that is looked at; "" for nowhere
	More     string
}

// AuditRecord shows what was done, as far as the policies let who asks see it, latest first.
func (p Pages) AuditRecord(w http.ResponseWriter, r *http.Request) error {
	where, args, err := p.Policies.Scope(page.SignedIn(r).Actor, access.AuditRead, access.Entry,
		access.Columns{Person: audit.PersonColumn, Program: access.Nothing, Group: access.Nothing, After: 1})
	if err != nil {
		return err
	}
	entries, err := audit.Within(r.Context(), p.Record, recordShown, where, args...)
	if err != nil {
		return err
	}
	rows, err := p.recordRows(r.Context(), page.T(r), entries)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, recordPage(shell(r, "record"), p.Now(), rows))
}

func (p Pages) recordRows(ctx context.Context, t ui.T, entries []audit.Entry) ([]recordRow, error) {
	var things, accounts []string
	for _, e := range entries {
		accounts = append(accounts, e.Actor, idOf(e.Subject, "account"), idOf(e.Detail, "account"))
		things = append(things, e.Subject, idOf(e.Detail, "meeting"))
	}
	meetings, err := p.Meetings.Subjects(ctx, things)
	if err != nil {
		return nil, err
	}
	names, err := p.Names(ctx, accounts)
	if err != nil {
		return nil, err
	}
	rows := make([]recordRow, len(entries))
	for i, e := range entries {
		row := recordRow{Entry: e, Of: e.Subject, More: e.Detail}
		row.What = actionWord(t, e.Action)
		if name := names[e.Actor]; name != "" {
			row.Actor = name
		}
		area, _, _ := strings.Cut(e.Action, ".")
		m, known := meetings[e.Subject]
		if of := idOf(e.Detail, "meeting"); of != "" {
			if m, known = meetings[of]; known {
				row.More = ""
			}
		}
		switch {
		case known:
			row.Of, row.Href = m.Name, "/desk/m/"+m.ID
			if area == "meeting" || area == "suggestion" {
				row.More = fieldWords(t, strings.Fields(e.Detail))
			}
		case area == "feed":
			name, fields, changed := cutSettings(e.Detail)
			row.Of, row.Href, row.More = name, feedPath(name), ""
			if e.Action == "feed.remove" {
				row.Href = ""
			}
			if changed {
				row.More = fields
			}
		case area == "fit":
			if n, err := strconv.Atoi(idOf(e.Subject, "fit")); err == nil {
				row.Of, row.Href = t.S("Version %d", n), "/desk/scores"
			}
		case e.Action == "visit.import":
			if n, err := strconv.Atoi(e.Detail); err == nil {
				row.Of, row.More = t.S("%d visit reports", n), ""
			}
		case names[idOf(e.Subject, "account")] != "":
			row.Of = names[idOf(e.Subject, "account")]
		}
		if name := names[idOf(row.More, "account")]; name != "" {
			row.More = name
		}
		rows[i] = row
	}
	return rows, nil
}

// idOf returns the id in a reference such as "account:01a2…", "" for another kind.
func idOf(reference, kind string) string {
	id, ok := strings.CutPrefix(reference, kind+":")
	if !ok {
		return ""
	}
	return id
}

// cutSettings parts "Boston: url, every" into the feed and the settings that were changed. A name may hold a
// colon too; settings do not.
func cutSettings(detail string) (name, settings string, ok bool) {
	i := strings.LastIndex(detail, ": ")
	if i < 0 {
		return detail, "", false
	}
	for s := range strings.SplitSeq(detail[i+2:], ", ") {
		switch s {
		case "format", "fellowship", "zone", "url", "file", "every":
		default:
			return detail, "", false
		}
	}
	return detail[:i], detail[i+2:], true
}

func fieldWords(t ui.T, names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = fieldWord(t, name)
	}
	return strings.Join(words, ", ")
}

// actions are the deeds of the audit record in words. A test holds them against what the areas record.
var actions = map[string]string{
	"feed.add": ui.Key("Added a feed"), "feed.set": ui.Key("Changed a feed"), "feed.remove": ui.Key("Removed a feed"),
	"feed.sync": ui.Key("Had a feed read"), "feed.accept": ui.Key("Brought in what was kept back"), "feed.refuse": ui.Key("Refused what was kept back"),
	"meeting.add": ui.Key("Added a meeting"), "meeting.override": ui.Key("Corrected a meeting"), "meeting.override.clear": ui.Key("Went back to the lists’ word"),
	"meeting.hide":      ui.Key("Took a meeting out of the finder"),
	"suggestion.accept": ui.Key("Took a suggestion over"), "suggestion.decline": ui.Key("Laid a suggestion aside"),
	"visit.accept": ui.Key("Let a visit report count"), "visit.refuse": ui.Key("Left a visit report out"), "visit.import": ui.Key("Brought in visit reports"),
	"statement.add": ui.Key("Wrote down a group’s word"), "statement.withdraw": ui.Key("Withdrew a group’s word"),
	"fit.accept": ui.Key("Took new parameters into use"), "fit.refuse": ui.Key("Kept the old parameters"),

	"account.create": ui.Key("Made an account"), "account.rename": ui.Key("Changed a name"), "account.language": ui.Key("Chose a language"),
	"account.sign_in": ui.Key("Signed in"), "account.prove": ui.Key("Proved who they are again"), "account.back_in": ui.Key("Was let in again"),
	"account.disable": ui.Key("Closed an account"), "account.enable": ui.Key("Opened an account again"), "account.close": ui.Key("Closed an account for good"),
	"account.password": ui.Key("Set a password"), "account.remove_password": ui.Key("Removed a password"),
	"account.recovery_codes": ui.Key("Made new recovery codes"), "account.one_time_on": ui.Key("Turned codes from an app on"),
	"account.add_passkey": ui.Key("Added a passkey"), "account.remove_passkey": ui.Key("Removed a passkey"),
	"account.passkey_copied": ui.Key("Found a passkey that may have been copied"),
	"account.link":           ui.Key("Linked an account to an organisation"), "account.unlink": ui.Key("Parted an account from an organisation"),
	"account.end_session": ui.Key("Ended a session"), "account.end_sessions": ui.Key("Ended all sessions of an account"),
	"account.end_every_session": ui.Key("Ended every session"),
	"account.grant":             ui.Key("Gave a role"), "account.ungrant": ui.Key("Took a role back"),
	"account.invite": ui.Key("Invited somebody"), "account.uninvite": ui.Key("Took an invitation back"),

	"record.open": ui.Key("Opened a participant’s record"), "record.join": ui.Key("Joined a record to an account"), "record.list": ui.Key("Listed participants"),
	"record.read": ui.Key("Read a record"), "record.note": ui.Key("Wrote a note"), "record.correct": ui.Key("Corrected a record"),
	"record.pair": ui.Key("Paired somebody with a peer"), "record.unpair": ui.Key("Ended a pairing"),
	"contact.add": ui.Key("Added a way to reach somebody"), "contact.change": ui.Key("Changed a way to reach somebody"), "contact.remove": ui.Key("Removed a way to reach somebody"),
	"emergency.open": ui.Key("Opened a record in an emergency"), "emergency.miss": ui.Key("Looked for a record in an emergency and found none"), "emergency.judge": ui.Key("Looked into an opening in an emergency"),
	"consent.read": ui.Key("Read a consent"), "consent.prepare": ui.Key("Prepared a consent"), "consent.change": ui.Key("Changed a consent before it was signed"), "consent.discard": ui.Key("Discarded a consent"),
	"consent.sign": ui.Key("Signed a consent"), "consent.revoke": ui.Key("Revoked a consent"), "consent.told": ui.Key("Told a recipient that a consent was revoked"), "consent.restrict": ui.Key("Restricted what may be passed on"),
	"disclosure.make": ui.Key("Passed something on"), "disclosure.refuse": ui.Key("Kept something from being passed on"), "disclosure.stop": ui.Key("Stopped what was to be passed on"), "disclosure.list": ui.Key("Looked at what was passed on"),
	"recipient.add": ui.Key("Added a recipient"), "recipient.end": ui.Key("Took a recipient out"), "recipient.treating": ui.Key("Changed whether a recipient treats somebody"),

	"community.set": ui.Key("Changed what the community says of itself"), "program.set": ui.Key("Changed a program"),
	"backup.make": ui.Key("Made a backup"), "backup.restore": ui.Key("Put an older state back"), "keys.rotate": ui.Key("Renewed the keys"),
	"audit.chain.broken": ui.Key("Found the record broken"),
}

// actionWord says a deed, "" for one without words.
func actionWord(t ui.T, action string) string {
	if word := actions[action]; word != "" {
		return t.S(word)
	}
	return ""
}
