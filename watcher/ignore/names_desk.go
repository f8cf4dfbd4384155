package ignore

// deskNames are the leftovers of offices, editors and tools, and what is to be run rather
// than looked at.
func deskNames() []section {
	return []section{
		{"Offices, editors and tools", []row{
			{"~$*", files, "a lock", "an Office program"},
			{".~lock.*#", files, "a lock", "LibreOffice"},
			{"*.laccdb", files, "a lock", "Access"},
			{"*.~vsd|*.~vsdx", files, "a temporary file", "Visio"},
			{"*.wbk|backup of *.doc|backup of *.docx", files, "a backup", "Word"},
			{"*.xlk", files, "a backup", "Excel"},
			{".#*", files, "a lock", "an editor"},
			{"#*#", files, "an autosave", "Emacs"},
			{"*.swp|*.swo|*.swx|*.kate-swp", files, "a swap file", "an editor"},
			{"4913", files, "a trial file", "Vim"},
			{"*.{known}.save|*.{known}.save.{n}", files, "an emergency save", "nano"},
			{"*.orig", files, "a backup", "a merge or patch program"},
			{"*.rej", files, "the rest of a patch", "a patch program"},
			{"*~|*.bak|*.bak{n}", files, "a backup", "a program"},
			{"*.lock|*.lck", files, "a lock", "a program"},
			{"events.out.tfevents.*", files, "a log", "TensorBoard"},
			{"nohup.out", files, "a log", "nohup"},
			{"*.log", optional, "a log", "a program"},
			{"*.pyc|*.pyo", files, "a cache", "Python"},
			{"__pycache__", dirs, "a cache", "Python"},
			{"node_modules", dirs, "a folder of packages", "Node.js"},
		}},
		{"Programs and scripts", []row{
			{"*.exe|*.scr|*.dll|*.ocx|*.sys", optional, "a program", "Windows"},
			{"*.msi|*.msix|*.msixbundle|*.appx|*.appxbundle", optional, "an installer", "Windows"},
			{"*.bat|*.cmd|*.ps1|*.psm1|*.vbs|*.vbe|*.wsf|*.reg", optional, "a script", "Windows"},
			{"*.dylib", optional, "a program", "macOS"},
			{"*.dmg|*.pkg|*.mpkg", optional, "an installer", "macOS"},
			{"*.command|*.scpt|*.applescript", optional, "a script", "macOS"},
			{"*.so|*.appimage", optional, "a program", "Linux"},
			{"*.deb|*.rpm|*.flatpak|*.flatpakref", optional, "an installer", "Linux"},
			{"*.sh|*.bash|*.zsh", optional, "a script", "Linux and macOS"},
			{"*.apk|*.aab", optional, "an installer", "Android"},
			{"*.ipa", optional, "an installer", "iOS"},
			{"*.jar|*.class", optional, "a program", "Java"},
			{"*.crx|*.xpi", optional, "an extension", "a browser"},
		}},
	}
}
