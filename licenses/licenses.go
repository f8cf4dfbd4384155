// Package licenses holds the licence texts of everything that is linked into the program,
// on any platform: they have to go wherever the program goes.
//
// third-party.txt is made from the modules' own files. After a change of the modules:
//
//	go generate ./licenses
package licenses

import (
	_ "embed"
	"strings"
)

//go:generate go run ./collect third-party.txt

//go:embed third-party.txt
var text string

// rule stands between the parts of the text.
const rule = "================================================================================\n"

// Text returns all texts, each under the names of what it is for.
func Text() string { return text }

// License is one text.
type License struct {
	For  []string `json:"for"` // such as "github.com/adrg/xdg v0.5.3", and the file there
	Text string   `json:"text"`
}

// All returns the texts in the order of Text.
func All() []License {
	var all []License
	parts := strings.Split(text, rule)
	for i := 1; i+1 < len(parts); i += 2 {
		all = append(all, License{For: strings.Split(strings.TrimSpace(parts[i]), "\n"), Text: strings.TrimSpace(parts[i+1])})
	}
	return all
}
