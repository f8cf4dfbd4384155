package cli

import "scenario-drop/drop"

import "scenario-drop/status"

// whichIgnored says where the ignored files are named one by one.
const whichIgnored = "To see which: scenario-drop once --dry-run"

// ignoredLines says of the folders what their rules leave out: one line for all of them, and
// one more for each of which nothing is taken, or where folders are nested too deep.
func ignoredLines(folders []status.Folder) (lines []string) {
	var all status.Ignored
	for _, f := range folders {
		all.Add(f.Ignored)
	}
	if all.Count == 0 {
		return nil
	}
	lines = append(lines, "Ignored: "+all.Text()+". "+whichIgnored)
	for _, f := range folders {
		for _, w := range ignoredWarnings(f.Ignored, f.Files) {
			lines = append(lines, printable(f.Path)+": "+w)
		}
	}
	return lines
}

// ignoredWarnings says what of a folder's ignored files its person may not know.
func ignoredWarnings(i status.Ignored, files int) (all []string) {
	if text := i.AllIgnored(files); text != "" {
		all = append(all, text)
	}
	if text := i.TooDeep(); text != "" {
		all = append(all, text)
	}
	return all
}

// ignoredSum is what all folders leave out together, for JSON.
func ignoredSum(folders []status.Folder) status.Ignored {
	sum := status.Ignored{ByRule: map[drop.Reason]status.IgnoredCount{}}
	for _, f := range folders {
		sum.Add(f.Ignored)
	}
	return sum
}
