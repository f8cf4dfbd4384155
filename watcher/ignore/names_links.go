package ignore

// linkNames are files that are not the thing but say where it is.
func linkNames() []section {
	return []section{
		{"Pointers to what is in a cloud", []row{
			{"*.gdoc|*.gsheet|*.gslides|*.gdraw|*.gform|*.gtable|*.gmap|*.gsite|*.gjam|*.glink|*.gscript|*.gnote|*.gvid", files, "a pointer to a document in the cloud", "Google Drive"},
			{"*.paper|*.papert", optional, "a pointer to a document in the cloud", "Dropbox"},
			{"*.boxnote", files, "a pointer to a document in the cloud", "Box"},
			{"*.whiteboard", files, "a pointer to a document in the cloud", "Microsoft 365"},
			{".*.icloud", files, "a placeholder for a file in the cloud", "iCloud Drive"},
			{"*.nextcloud|*.owncloud", files, "a placeholder for a file in the cloud", "Nextcloud"},
			{"*.rsls|*.rslsv", files, "a placeholder for a file elsewhere", "Resilio Sync"},
			{"*.rclonelink", files, "a link", "rclone"},
		}},
		{"Shortcuts", []row{
			{"*.url|*.website", optional, "a link to a web page", "Windows"},
			{"*.webloc|*.inetloc", optional, "a link to a web page", "macOS"},
			{"*.desktop", optional, "a link to a program or a web page", "Linux"},
			{"*.lnk|*.pif|*.appref-ms|*.library-ms|*.searchconnector-ms", optional, "a shortcut", "Windows"},
			{"*.fileloc|*.textclipping", optional, "a shortcut", "macOS"},
		}},
	}
}
