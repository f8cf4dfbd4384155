package install

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// ErrConfigUnknown: the definition of the service does not tell which config it reads, most
// likely because somebody wrote it by hand.
var ErrConfigUnknown = errors.New("the definition of the service names no config")

// ConfigFile returns the config that the installed service reads, by its definition. It needs no
// rights. It fails with [ErrNotInstalled] where there is no service.
func ConfigFile(o Options) (string, error) {
	p, err := newPlatform(o.Scope)
	if err != nil {
		return "", err
	}
	s, err := p.service(Options{Scope: o.Scope})
	if err != nil {
		return "", err
	}
	state, err := p.state(s)
	if err != nil {
		return "", err
	}
	if !state.Installed {
		return "", ErrNotInstalled
	}
	return p.configFile(state)
}

// afterConfig is the word after --config.
func afterConfig(words []string) (string, error) {
	for i, w := range words {
		if w == "--config" && i+1 < len(words) {
			return words[i+1], nil
		}
	}
	return "", ErrConfigUnknown
}

// unitConfig finds the config in a systemd unit as this package writes them. configHome is
// what %E stands for.
func unitConfig(unit, configHome string) (string, error) {
	for line := range strings.Lines(unit) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStart=")
		if !ok {
			continue
		}
		_, arg, ok := strings.Cut(command, " run --config ")
		if !ok {
			continue
		}
		quoted := strings.HasPrefix(arg, `"`) && strings.HasSuffix(arg, `"`) && len(arg) >= 2
		if quoted {
			arg = arg[1 : len(arg)-1]
		} else if strings.ContainsAny(arg, " \t") {
			return "", ErrConfigUnknown // more arguments than we write
		}
		return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\x7b`, "{", `\x7d`, "}", "%%", "%", "$$", "$", "%E", configHome).Replace(arg), nil
	}
	return "", ErrConfigUnknown
}

// plistConfig finds the config in a launchd property list.
func plistConfig(plist string) (string, error) {
	var words []string
	d := xml.NewDecoder(strings.NewReader(plist))
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return afterConfig(words)
		}
		if err != nil {
			return "", ErrConfigUnknown
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "string" {
			var text string
			if err := d.DecodeElement(&text, &e); err != nil {
				return "", ErrConfigUnknown
			}
			words = append(words, text)
		}
	}
}
