package desk

import (
	"net/http"

	"hearth/internal/access"
	"hearth/internal/web/page"
)

// subject is a file of rules as the page shows it.
type subject struct {
	name, title string
	rules       []access.Rule
}

// Rules shows who may do what, in plain words.
func (p Pages) Rules(w http.ResponseWriter, r *http.Request) error {
	var subjects []subject
	for _, s := range access.Subjects {
		one := subject{name: s.Name, title: s.Title}
		for _, rule := range p.Policies.Explain() {
			if rule.Subject == s.Name {
				one.rules = append(one.rules, rule)
			}
		}
		subjects = append(subjects, one)
	}
	return page.Render(w, r, http.StatusOK, rulesPage(shell(r, "rules"), subjects))
}
