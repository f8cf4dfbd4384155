package cli

import (
	"fmt"
	"strings"

	"scenario-drop/drop"
	"scenario-drop/status"
)

// commandFor is the command for a next step with a file, and what it is for; "" where there is none.
func commandFor(a drop.Action) (purpose, command string) {
	switch a {
	case drop.ActionRetry:
		return "To try it again now", "retry"
	case drop.ActionUploadAnyway:
		return "To upload it as it is", "retry --force"
	case drop.ActionUseExisting:
		return "To take it as that one", "link-existing"
	case drop.ActionUploadAgain:
		return "To send it", "retry"
	}
	return "", ""
}

// nextSteps says which commands a person can type for a file: each on a line of its own, which can be
// copied, after a line break.
func nextSteps(path string, actions ...drop.Action) string {
	var b strings.Builder
	for _, a := range actions {
		if purpose, command := commandFor(a); command != "" {
			fmt.Fprintf(&b, "\n  %s: scenario-drop %s %s", purpose, command, argument(path))
		}
	}
	return b.String()
}

// sentence is a file's sentence, and its next steps.
func sentence(f status.File) string { return f.Sentence + nextSteps(f.Path, f.Actions...) }

// decisionLines tell of the files that wait for the person's word, and what to type.
func decisionLines(s status.Snapshot) string {
	text := s.DecisionText()
	if text == "" {
		return ""
	}
	return text + " To see which: scenario-drop history --failed. To take them as what Scenario holds: scenario-drop link-existing --all. To send one: scenario-drop retry PATH."
}

// unfinishedLines tell of imported files with something left to be done, and what to type.
func unfinishedLines(s status.Snapshot) string {
	text := s.UnfinishedText()
	if text == "" {
		return ""
	}
	return text + " To see why: scenario-drop history --failed. To try at once: scenario-drop retry"
}
