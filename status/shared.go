package status

// SharedText says what it means that a watch folder lies where other computers may have it,
// too.
const SharedText = "Other computers may have this folder, too. Let one of them send its files: each new file is compared with what Scenario holds before it is sent, " +
	"but two computers that send the same file at the same moment make two assets of it."
