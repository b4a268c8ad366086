package app_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"hearth/internal/app"
)

func TestAdmin(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var said bytes.Buffer
	hearth := func(stdin string, args ...string) (string, error) {
		var stdout bytes.Buffer
		err := app.Run(t.Context(), append(append([]string{"admin"}, args...), "--data", data), app.Outside{
			Env: func(string) (string, bool) { return "", false }, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &said,
		})
		said.Write(stdout.Bytes())
		return strings.Join(strings.Fields(stdout.String()), " "), err
	}
	const first, second = "four words are enough", "five other words are better"
	for _, step := range []struct {
		stdin string
		args  []string
		want  string // "" for an error
	}{
		{first + "\n", []string{"create", "River"}, "River is now an administrator."},
		{first, []string{"create", "Bo", "--editor"}, "Bo is now an editor."},
		{first, []string{"create", "river"}, ""},
		{"short\n", []string{"create", "Cy"}, ""},
		{"", []string{"create", "Cy"}, ""},
		{second + "\n", []string{"passwd", "bo"}, "Bo has a new password."},
		{"short\n", []string{"passwd", "Bo"}, ""},
		{"", []string{"disable", "Bo"}, "Bo can no longer sign in."},
		{"", []string{"list"}, "NAME ROLE STATE SINCE SIGNS IN AS Bo editor disabled"},
		{"", []string{"enable", "Bo"}, "Bo can sign in again."},
		{"", []string{"list"}, "NAME ROLE STATE SINCE SIGNS IN AS Bo editor active"},
		{"", []string{"list"}, "River administrator active"},
		{"", []string{"disable", "Nobody"}, ""},
		{"", []string{"roles", "Bo"}, "editor - - - - yes"},
		{"", []string{"roles", "Bo", "--give", "peer", "--program", "north", "--until", "2000-01-01"}, "peer north - - 2000-01-01 no"},
		{"", []string{"roles", "Bo", "--give", "king"}, ""},
		{"", []string{"roles", "Bo", "--end", "editor"}, "no"},
		{"", []string{"roles", "Bo", "--end", "editor"}, ""},
		{"", []string{"roles", "River", "--end", "administrator"}, ""},
		{"", []string{"link", "bo"}, "/invite/"},
		{second, []string{"passwd", "Nobody"}, ""},
	} {
		got, err := hearth(step.stdin, step.args...)
		if (err != nil) != (step.want == "") || !strings.Contains(got, step.want) {
			t.Errorf("admin %q: %q, %v; want %q", step.args, got, err, step.want)
		}
	}
	if strings.Contains(said.String(), first) || strings.Contains(said.String(), second) {
		t.Errorf("a password was shown: %s", said.String())
	}
}
