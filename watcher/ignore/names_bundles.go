package ignore

// bundleNames are folders that a program shows as one file, or that belong to a program as a
// whole: what is in them is no work of its own. Only names that people do not give to
// folders of theirs are here.
func bundleNames() []section {
	return []section{
		{"Folders that are one thing", []row{
			{"*.photoslibrary|*.photolibrary|*.migratedphotolibrary|photo booth library|iphoto library", dirs, "a library", "Apple Photos"},
			{"*.aplibrary|*.migratedaperturelibrary", dirs, "a library", "Aperture"},
			{"*.imovielibrary|*.imovieproject", dirs, "a library", "iMovie"},
			{"*.fcpbundle|*.fcpcache|*.fcpproject", dirs, "a library", "Final Cut Pro"},
			{"*.tvlibrary|*.musiclibrary", dirs, "a library", "macOS"},
			{"*.logicx|*.logic", dirs, "a project", "Logic Pro"},
			{"*.band", dirs, "a project", "GarageBand"},
			{"*.lrdata|*.lrlibrary|*.lrcat-data", dirs, "a folder of previews and data", "Lightroom"},
			{"*.cocatalog", dirs, "a catalogue", "Capture One"},
			{"*.pages|*.numbers|*.key", dirs, "a document", "iWork"},
			{"*.rtfd", dirs, "a document", "TextEdit"},
			{"*.dtbase2|*.dtsparse", dirs, "a database", "DEVONthink"},
			{"*.scriv", dirs, "a project", "Scrivener"},
			{"*.app|*.appex|*.framework|*.xpc|*.kext|*.prefpane|*.qlgenerator|*.mdimporter|*.dsym|*.lproj|*.nib", dirs, "a program or a part of one", "macOS"},
			{"*.vst|*.vst3|*.clap|*.aaxplugin", dirs, "a plug-in", "music programs"},
			{"*.xcodeproj|*.xcworkspace", dirs, "a project", "Xcode"},
			{"*.sparsebundle|*.backupbundle", dirs, "a disk image", "macOS"},
			{"*.pvm|*.vmwarevm|*.utm", dirs, "a virtual machine", "Parallels, VMware or UTM"},
		}},
	}
}
