package account

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/text"
)

const maxName = 80 // letters

// tidyName is a name as it is kept: one space between words, letters in one form.
func tidyName(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(name, ""))), " ")
}

func checkName(fields *fault.Fields, name string) {
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || strings.ContainsRune(name, 0) {
		fields.Add("name", "Please give a name of at most %d letters.", maxName)
	}
}

// nameKey is how names are compared: by their letters, not by how they are typed.
func nameKey(name string) string {
	return strings.ToLower(norm.NFKC.String(strings.Join(strings.Fields(name), " ")))
}

// index is the blind index of a sign-in name.
func (s *Service) index(signIn string) string {
	return s.o.Vault.Index("account.sign_in", nameKey(signIn))
}

// typed tells whether somebody may have typed this as a name.
func typed(name string) bool {
	return len(name) <= 4*maxName && utf8.ValidString(name) && !strings.Contains(name, "\x00")
}

// letters has no two that look alike: what is printed is typed again.
const letters = "23456789abcdefghjkmnpqrstvwxyz"

// pick returns n letters by chance.
func pick(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		var b [1]byte
		rand.Read(b[:]) // never fails
		if int(b[0]) < 256/len(letters)*len(letters) {
			out = append(out, letters[int(b[0])%len(letters)])
		}
	}
	return string(out)
}

// makeSignIn makes up the name to sign in by: the beginning of the chosen name and four letters by chance.
// Nobody chooses theirself, because "this name is taken" would tell that somebody has an account here.
func (s *Service) makeSignIn(ctx context.Context, q db.Querier, name string) (string, error) {
	word, _, _ := strings.Cut(text.Fold(name), " ")
	word = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, word)
	if word == "" {
		word = "guest"
	}
	word = word[:min(len(word), 12)]
	for {
		signIn := word + "-" + pick(4)
		taken, err := db.All(ctx, q, db.Column[string], `SELECT id FROM account WHERE sign_in_index = $1`, s.index(signIn))
		if err != nil {
			return "", fmt.Errorf("make a sign-in name: %w", err)
		}
		if len(taken) == 0 {
			return signIn, nil
		}
	}
}
