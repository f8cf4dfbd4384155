package ignore

// systemNames are what operating systems and servers keep beside people's files.
func systemNames() []section {
	return []section{
		{"Windows", []row{
			{"thumbs.db|photothumb.db|ehthumbs.db|ehthumbs_vista.db|iconcache.db|thumbs.db:encryptable", files, "a thumbnail cache", "Windows"},
			{"desktop.ini|autorun.inf", files, "a settings file", "Windows"},
			{"albumartsmall.jpg|albumart_*_small.jpg|albumart_*_large.jpg", files, "a thumbnail", "Windows Media Player"},
			{"*:zone.identifier", files, "the mark of a download", "Windows"},
			{"pagefile.sys|hiberfil.sys|swapfile.sys|indexervolumeguid|wpsettings.dat", files, "a system file", "Windows"},
			{"$recycle.bin|recycler|recycled", dirs, "the recycle bin", "Windows"},
			{"system volume information|$windows.~bt|$windows.~ws|$winreagent|msocache|config.msi", dirs, "a system folder", "Windows"},
			{"found.{nnn}", dirs, "the result of a disk check", "Windows"},
		}},
		{"macOS", []row{
			{".ds_store", files, "a settings file", "the Finder"},
			{"icon\r", files, "the icon of a folder", "the Finder"},
			{"._*", files, "the companion of another file (AppleDouble)", "macOS"},
			{"desktop db|desktop df", files, "a system file", "macOS"},
			{".spotlight-v100", dirs, "the search index", "macOS"},
			{".trashes|.trash|network trash folder", dirs, "the trash", "macOS"},
			{".fseventsd|.documentrevisions-v100|.temporaryitems|temporary items|thevolumesettingsfolder|thefindbycontentfolder|.appledouble|.appledb|.appledesktop",
				dirs, "a system folder", "macOS"},
			{"__macosx", dirs, "a leftover of a zip archive", "macOS"},
		}},
		{"Linux", []row{
			{".directory", files, "a settings file", "KDE"},
			{".trash-*", dirs, "the trash", "the desktop"},
			{"lost+found", dirs, "a folder", "the filesystem"},
			{".fuse_hidden*|.nfs0*", files, "a deleted file still in use", "a program"},
		}},
		{"Crashes of any system", []row{
			{"core|core.{n}|vgcore.{n}|*.stackdump|*.dmp|*.mdmp|*.hdmp", files, "a memory dump", "a program that crashed"},
			{"hs_err_pid{n}.log", files, "a crash report", "Java"},
		}},
		{"Network storage", []row{
			{"@eadir", dirs, "a thumbnail cache", "a Synology NAS"},
			{"synofile_thumb*|synophoto_thumb*|synovideo_thumb*|synophoto_film*|synoindex_*", files, "a thumbnail", "a Synology NAS"},
			{"*@synoeastream|*@synoresource", files, "the companion of another file", "a Synology NAS"},
			{"@__thumb|.@__thumb", dirs, "a thumbnail cache", "a QNAP NAS"},
			{"#recycle|@recycle|@recycle.bin", dirs, "the recycle bin", "a NAS"},
			{"#snapshot|@recently-snapshot|~snapshot|.snapshot|.snapshots", dirs, "a folder of snapshots", "a file server"},
		}},
	}
}
