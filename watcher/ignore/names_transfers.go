package ignore

// transferNames are what transfers and saves write before a file is there.
func transferNames() []section {
	return []section{
		{"Downloads and transfers in progress", []row{
			{"*.crdownload", files, "a download in progress", "Chrome, Edge and their like"},
			{"*.part", files, "a transfer in progress", "Firefox, KDE and others"},
			{"*.partial", files, "a transfer in progress", "Edge, rclone and others"},
			{"*.download", files, "a download in progress", "Safari"},
			// Safari's is a folder named as the file in it. A folder of another name is a person's.
			{"*.{known}.download", dirs, "a download in progress", "Safari"},
			{"*.opdownload", files, "a download in progress", "Opera"},
			{"*.downloading|*.downloading.cfg|*.unfinished", files, "a download in progress", "a download program"},
			{"*.incomplete", files, "a download in progress", "Hugging Face and others"},
			{"*.aria2|*.aria2__temp", files, "a control file of a download", "aria2"},
			{"*.{ext}.st", files, "a control file of a download", "axel"},
			{"*.lftp-pget-status", files, "a control file of a download", "lftp"},
			{"*.dtapart", files, "a download in progress", "DownThemAll!"},
			{"*.fdmdownload", files, "a download in progress", "Free Download Manager"},
			{"*.xltd|*.xltd.cfg", files, "a download in progress", "Xunlei"},
			{"*.jc!", files, "a download in progress", "FlashGet"},
			{"*.!ut|*.!bt", files, "a download in progress", "µTorrent"},
			{"*.!qb", files, "a download in progress", "qBittorrent"},
			{"*.bc!", files, "a download in progress", "BitComet"},
			{"*.dctmp", files, "a download in progress", "DC++"},
			{"*.filepart", files, "a transfer in progress", "WinSCP"},
			{"*.cyberducksegment", dirs, "a transfer in progress", "Cyberduck"},
			{"*.aspera-ckpt|*.aspera-inprogress|*.partial.aspx", files, "a transfer in progress", "Aspera"},
			{"*.gstmp", files, "a transfer in progress", "gsutil"},
			{"*.{ext}.{hash}", files, "a transfer in progress", "the AWS CLI"}, // s3transfer: the name, a dot, eight hexadecimal digits
			{"*.ytdl", files, "a control file of a download", "yt-dlp"},
			{"*.part-frag{n}|*.part-frag{n}.part", files, "a piece of a download", "yt-dlp"},
			{"*.f{nnn}.mp4|*.f{nnn}.webm|*.f{nnn}.m4a|*.f{nnn}-*.mp4|*.f{nnn}-*.webm|*.f{nnn}-*.m4a", files, "the picture or the sound alone", "yt-dlp"},
			{"*.fhls-*.mp4|*.fdash-*.mp4|*.fdash-*.m4a|*.fhttp-*.mp4", files, "the picture or the sound alone", "yt-dlp"},
		}},
		{"Saves and conversions in progress", []row{
			{"*.tmp|*.temp|*.tmp{n}", files, "a temporary file", "a program"},
			{"*.tmp.{ext}|*.temp.{ext}", files, "a temporary file", "a program that will rename it"},
			{"*.crswap", files, "a file being saved", "a web page in Chrome"},
			{".goutputstream-*", files, "a file being saved", "a GNOME program"},
			{"*.{known}.{letters}", files, "a file being saved", "a Qt or KDE program"}, // QSaveFile: the name, a dot, six letters
			{"*.sb-{hhhhhhhh}-{xxxxxx}|(a document being saved by*", files, "a file being saved", "a macOS program"},
			{"(a document being saved by*", dirs, "a file being saved", "a macOS program"},
			{"*_exiftool_tmp", files, "a file being saved", "exiftool"},
			{"*temp_mpy_*.mp3|*temp_mpy_*.mp4|*temp_mpy_*.m4a|*temp_mpy_*.ogg|*temp_mpy_*.wav", files, "the sound alone of a film being made", "moviepy"},
			{"zi{random}", files, "a temporary file", "zip"},
			{"sed{random}", files, "a temporary file", "sed"},
			{"__rar_*", files, "a temporary file", "WinRAR"},
			{"rar$*", dirs, "a temporary folder", "WinRAR"},
		}},
		{"Databases at work", []row{
			{"*.*-wal|*.*-shm|*.*-journal", files, "the journal of a database", "SQLite"},
		}},
	}
}
