package filetype

// otherFormats is the part of the table with what nobody would call an asset: a folder of kind
// "auto" leaves it at home. What an artist's program may keep its work in is not here, even
// where others keep something else in it (a SQLite database, a plain archive), and neither
// are the extensions that both sides use (.ts is a video and a script, .img a picture and a
// disk, .bin anything).
//
// Texts and slides of office programs are sent, as a PDF is: briefs and mood boards are
// written in them. Sheets are not.
func otherFormats() []format {
	return []format{
		{name: "Windows program", mime: "application/vnd.microsoft.portable-executable", family: program,
			exts: []string{".exe", ".dll", ".sys", ".drv", ".ocx", ".cpl", ".scr", ".com", ".efi", ".8bf", ".mll"}},
		{name: "Linux program", mime: "application/x-elf", family: program, exts: []string{".so", ".elf", ".ko", ".run"}},
		{name: "macOS program", mime: "application/x-mach-binary", family: program, exts: []string{".dylib"}},
		{name: "compiled Java class", mime: "application/x-java-applet", family: program, exts: []string{".class"}},
		{name: "WebAssembly program", mime: "application/wasm", family: program, exts: []string{".wasm"}},
		{name: "compiled Python program", mime: "application/x-bytecode.python", family: program, exts: []string{".pyc", ".pyo", ".pyd"}},
		{name: "program library", mime: "application/x-archive", family: program, exts: []string{".a", ".pdb", ".o"}},

		{name: "Java package", mime: "application/java-archive", family: software, exts: []string{".jar", ".war", ".ear", ".aar"}},
		{name: "Android package", mime: "application/vnd.android.package-archive", family: software, exts: []string{".apk", ".aab", ".xapk", ".apks"}},
		{name: "iOS package", mime: "application/x-ios-app", family: software, exts: []string{".ipa"}},
		{name: "Debian package", mime: "application/vnd.debian.binary-package", family: software, exts: []string{".deb", ".udeb"}},
		{name: "RPM package", mime: "application/x-rpm", family: software, exts: []string{".rpm"}},
		{name: "Windows installer", mime: "application/x-ms-installer", family: software, exts: []string{".msi", ".msp", ".msix", ".msixbundle", ".appx", ".appxbundle", ".cab"}},
		{name: "macOS installer", mime: "application/x-xar", family: software, exts: []string{".pkg", ".mpkg", ".xip"}},
		{name: "browser extension", mime: "application/x-chrome-extension", family: software, exts: []string{".crx", ".xpi"}},
		{name: "software package", mime: "application/x-software-package", family: software,
			exts: []string{".whl", ".egg", ".gem", ".nupkg", ".vsix", ".appimage", ".flatpak", ".snap", ".zxp", ".ccx", ".crate"}},

		{name: "disk image", mime: "application/x-iso9660-image", family: disk,
			exts: []string{".iso", ".dmg", ".vmdk", ".vdi", ".vhd", ".vhdx", ".qcow2", ".wim", ".nrg", ".toast", ".sparseimage"}},

		{name: "shell script", mime: "text/x-shellscript", family: script, text: true, exts: []string{".sh", ".bash", ".zsh", ".fish", ".csh", ".ksh"}},
		{name: "Python script", mime: "text/x-python", family: script, text: true, exts: []string{".py", ".pyw", ".pyi", ".ipynb"}},
		{name: "Perl script", mime: "text/x-perl", family: script, text: true, exts: []string{".pl"}},
		{name: "Ruby script", mime: "text/x-ruby", family: script, text: true, exts: []string{".rb"}},
		{name: "Lua script", mime: "text/x-lua", family: script, text: true, exts: []string{".lua"}},
		{name: "PHP script", mime: "text/x-php", family: script, text: true, exts: []string{".php"}},
		{name: "Tcl script", mime: "text/x-tcl", family: script, text: true, exts: []string{".tcl"}},
		{name: "JavaScript program", mime: "text/javascript", family: script, text: true, exts: []string{".js", ".mjs", ".cjs", ".jsx", ".coffee"}},
		{name: "Windows script", mime: "text/x-msdos-batch", family: script, text: true,
			exts: []string{".bat", ".cmd", ".ps1", ".psm1", ".psd1", ".vbs", ".vbe", ".wsf", ".wsh", ".hta", ".reg", ".ahk"}},
		{name: "macOS script", mime: "application/x-applescript", family: script, either: true, exts: []string{".scpt", ".applescript", ".command"}},
		{name: "Maya script", mime: "text/x-mel", family: script, text: true, exts: []string{".mel"}},
		{name: "Godot script", mime: "text/x-gdscript", family: script, text: true, exts: []string{".gd"}},

		{name: "source text of a program", mime: "text/x-c", family: source, text: true,
			exts: []string{".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".cs", ".go", ".rs", ".java", ".kt", ".kts", ".swift",
				".scala", ".dart", ".vb", ".asm", ".css", ".scss", ".sass", ".less", ".vue", ".svelte", ".sql", ".cmake", ".gradle", ".csproj", ".vcxproj", ".sln"}},

		{name: "Excel sheet", mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", family: sheet, exts: []string{".xlsx", ".xlsm", ".xltx"}},
		{name: "old Excel sheet", mime: "application/vnd.ms-excel", family: sheet, exts: []string{".xls", ".xlsb", ".xlt"}},
		{name: "LibreOffice sheet", mime: "application/vnd.oasis.opendocument.spreadsheet", family: sheet, either: true, exts: []string{".ods", ".ots", ".fods"}},
		{name: "Numbers sheet", mime: "application/x-iwork-numbers-sffnumbers", family: sheet, exts: []string{".numbers"}},

		{name: "Access database", mime: "application/x-msaccess", family: database, exts: []string{".mdb", ".accdb"}},
		{name: "SQLite database", mime: "application/vnd.sqlite3", family: database, exts: []string{".sqlite", ".sqlite3", ".db", ".db3"}},

		{name: "mail or calendar", mime: "message/rfc822", family: mail, exts: []string{".eml", ".mbox", ".ics", ".vcf"}},
		{name: "Outlook mail", mime: "application/vnd.ms-outlook", family: mail, exts: []string{".msg", ".pst", ".ost"}},

		{name: "key or certificate", mime: "application/x-pem-file", family: secret,
			exts: []string{".pem", ".ppk", ".pfx", ".p12", ".jks", ".keystore", ".kdbx", ".crt", ".cer", ".der"}},
	}
}
