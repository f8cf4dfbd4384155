package ignore

// sidecarNames are files that say something of the file beside them. An artist's pipeline may
// want them: include takes them.
func sidecarNames() []section {
	return []section{
		{"Sidecars", []row{
			{"*.xmp", optional, "a sidecar", "Lightroom, darktable or another program"},
			{"*.acr", optional, "a sidecar", "Camera Raw"},
			{"*.pp3", optional, "a sidecar", "RawTherapee"},
			{"*.arp", optional, "a sidecar", "ART"},
			{"*.cos", optional, "a sidecar", "Capture One"},
			{"*.dop", optional, "a sidecar", "DxO PhotoLab"},
			{"*.on1", optional, "a sidecar", "ON1 Photo RAW"},
			{"*.exposurex{n}", optional, "a sidecar", "Exposure"},
			{"*.data-zps", optional, "a sidecar", "Zoner Photo Studio"},
			{"*.photo-edit", optional, "a sidecar", "Photomator"},
			{"*.vrd|*.dr4", optional, "a sidecar", "Canon's programs"},
			{"*.nksc", optional, "a sidecar", "Nikon's programs"},
			{"*.aae", optional, "a sidecar", "Apple Photos"},
			{"*.mie|*.exv", optional, "a sidecar", "exiftool or Exiv2"},
			{"*.meta", optional, "a sidecar", "Unity"},
			{"*.import|*.uid", optional, "a sidecar", "Godot"},
			{"*.aux.xml|*.ovr", optional, "a sidecar", "GDAL"},
			{"*.{ext}.supp*.json", optional, "a sidecar", "Google Photos"},
			{"*.info.json|*.live_chat.json", optional, "a sidecar", "yt-dlp"},
			{"*.aseprite-data", optional, "a sidecar", "Aseprite"},
			{"*.civitai.info", optional, "a sidecar", "Civitai Helper"},
			{"*.thm", optional, "a thumbnail", "a camera"},
			{"*.lrv|*.lrf", optional, "a preview", "a camera"},
			{"*.rmd", optional, "a sidecar", "a RED camera"},
			{"*.sidecar", optional, "a sidecar", "Blackmagic RAW"},
			{"c{nnnn}m{nn}.xml|mediapro.xml", optional, "a sidecar", "a Sony camera"},
			{"*.ctg|*.bdm|*.cpi|*.mpl", optional, "an index", "a camera"},
		}},
	}
}
