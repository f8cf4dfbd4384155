package config

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestShortPassword(t *testing.T) {
	for password, want := range map[string]string{"hush-hush\n": "too short", "": "is empty", " \n": "is empty", "correct horse\nbattery": "more than one line",
		"passwörter1": "too short", "correct horse\r\n": "", "passwörter12": ""} {
		path := studio(t, "[status]\npassword_file = 'pw'\n"+watchIn)
		write(t, filepath.Join(filepath.Dir(path), "pw"), password)
		_, err := withKey().Load(path)
		problems := problemsOf(t, err)
		switch {
		case want == "" && len(problems) > 0:
			t.Errorf("%q: %v", password, err)
		case want != "" && (len(problems) != 1 || problems[0].Line != 2 || !strings.Contains(problems[0].Message, want) || !strings.Contains(problems[0].Hint, "12 characters")):
			t.Errorf("%q: %v", password, err)
		case strings.TrimSpace(password) != "" && err != nil && strings.Contains(err.Error(), strings.TrimSpace(password)):
			t.Errorf("the password is in the problem: %v", err)
		}
	}
}

func TestHosts(t *testing.T) {
	path := studio(t, "[status]\nlisten = '0.0.0.0:8490'\npassword_file = 'pw'\nbehind_proxy = true\nhosts = ['Drop.Studio.example.', '192.168.1.20', '[FE80::1]', 'studio-7']\n"+watchIn)
	write(t, filepath.Join(filepath.Dir(path), "pw"), "correct horse battery")
	c, err := withKey().Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"drop.studio.example", "192.168.1.20", "fe80::1", "studio-7"}; !slices.Equal(c.Status.Page.Hosts, want) || !c.Status.Page.BehindProxy {
		t.Errorf("%+v", c.Status)
	}
}
