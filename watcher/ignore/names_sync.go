package ignore

// syncNames are what programs write that keep folders in step or keep their history.
func syncNames() []section {
	return []section{
		{"Sync programs", []row{
			{".stfolder", either, "a marker", "Syncthing"},
			{".stversions", dirs, "a folder of old versions", "Syncthing"},
			{".stignore", files, "a settings file", "Syncthing"},
			{".syncthing.*.tmp|~syncthing~*.tmp", files, "a transfer in progress", "Syncthing"},
			{".dropbox", either, "data", "Dropbox"},
			{".dropbox.attr", files, "data", "Dropbox"},
			{".dropbox.cache", dirs, "a cache", "Dropbox"},
			{".tmp.drivedownload|.tmp.driveupload", either, "a transfer in progress", "Google Drive"},
			{".~*", either, "a transfer in progress", "Nextcloud or Dropbox"},
			{"*.!sync", files, "a transfer in progress", "Resilio Sync"},
			{"*.ffs_tmp", files, "a transfer in progress", "FreeFileSync"},
			{"*.ffs_db", files, "a database", "FreeFileSync"},
			{"*.ffs_lock", files, "a lock", "FreeFileSync"},
			{"_gsdata_", dirs, "data", "GoodSync"},
			{"_syncapp", dirs, "data", "Allway Sync"},
		}},
		{"Histories", []row{
			{".git", either, "data", "Git"},
			{".svn", dirs, "data", "Subversion"},
			{".hg", dirs, "data", "Mercurial"},
		}},
	}
}
