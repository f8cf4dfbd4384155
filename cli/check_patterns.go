package cli

import (
	"context"
	"fmt"
	"strings"

	"scenario-drop/config"
	"scenario-drop/service"
	"scenario-drop/watcher"
)

// maxPatternEntries bounds how much of a folder its patterns are tried on.
const maxPatternEntries = 200_000

// patternWarnings says which patterns of a folder do not do what was probably meant, by
// what is in it now.
func patternWarnings(c *config.Config, w config.Watch, seen func()) []string {
	all := service.FoldersFound(context.Background(), c)
	var own watcher.Folder
	for _, f := range all {
		if f.Path == w.Path {
			own = f
		}
	}
	// A folder that cannot be read has a sentence of its own already.
	found, err := watcher.CheckPatterns(context.Background(), own, all, maxPatternEntries, seen)
	if err != nil {
		return nil
	}
	var warnings []string
	for _, d := range found.Warnings {
		warnings = append(warnings, patternWarning(w.Path, d, found.Files))
	}
	return warnings
}

func patternWarning(folder string, d watcher.PatternWarning, n int) string {
	which := fmt.Sprintf("The pattern %q in %s of the folder %s", d.Pattern, d.Key, printable(folder))
	switch {
	case d.Literal != "":
		return fmt.Sprintf("%s does not match %s, which is there: brackets stand for one of the letters within. For this name write %q.",
			which, printable(d.Literal), strings.ReplaceAll(d.Pattern, "[", "[[]"))
	case d.Folder != "":
		return fmt.Sprintf("%s names a folder, and include is about files: for all files in it write %q.", which, d.Pattern+"/")
	}
	text := fmt.Sprintf("%s matches nothing that is there now (%s).", which, files(n))
	if strings.Contains(d.Pattern, ",") && !strings.Contains(d.Pattern, "{") {
		text += ` If these are several patterns, write a list: ["one", "two"].`
	}
	return text
}
