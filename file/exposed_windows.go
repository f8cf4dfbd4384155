package file

import (
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Rights by which somebody can change a file or folder, or (less) put another in its place.
const (
	swapRights = windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER | windows.GENERIC_ALL | 0x40 // FILE_DELETE_CHILD
	editRights = swapRights | windows.GENERIC_WRITE | windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA
)

func exposed(path string, itself bool, also []string) *Exposure {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		absolute = real
	}
	ours := ourAccounts(also)
	for at := absolute; ; at = filepath.Dir(at) {
		rights := windows.ACCESS_MASK(swapRights)
		if at == absolute {
			rights = editRights
		}
		if at == absolute && !itself {
			rights = windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER | windows.GENERIC_ALL
		}
		if e := exposedAt(at, rights, itself || at != absolute, ours); e != nil {
			return e
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func ourAccounts(also []string) (ours []*windows.SID) {
	if u, err := windows.GetCurrentProcessToken().GetTokenUser(); err == nil {
		ours = append(ours, u.User.Sid)
	}
	for _, kind := range []windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid, windows.WinCreatorOwnerSid, windows.WinCreatorOwnerRightsSid} {
		if sid, err := windows.CreateWellKnownSid(kind); err == nil {
			ours = append(ours, sid)
		}
	}
	if sid, err := windows.StringToSid("S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"); err == nil { // TrustedInstaller
		ours = append(ours, sid)
	}
	for _, p := range also {
		if sd, err := windows.GetNamedSecurityInfo(p, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION); err == nil {
			if owner, _, err := sd.Owner(); err == nil {
				ours = append(ours, owner)
			}
		}
	}
	return ours
}

func exposedAt(path string, rights windows.ACCESS_MASK, owner bool, ours []*windows.SID) *Exposure {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return nil
	}
	const fix = "take the rights of others from it (Properties, Security), or keep this elsewhere"
	if sid, _, err := sd.Owner(); owner && err == nil && !among(sid, ours) {
		return &Exposure{Path: path, What: "belongs to " + sidName(sid), Fix: fix}
	}
	acl, _, err := sd.DACL()
	if err != nil {
		return nil
	}
	if acl == nil { // no list: all may do all
		return &Exposure{Path: path, What: "can be written by every account of this computer", Fix: fix}
	}
	for i := range uint32(acl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if windows.GetAce(acl, i, &ace) != nil || ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 {
			continue
		}
		sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart))
		if ace.Mask&rights != 0 && !among(sid, ours) {
			return &Exposure{Path: path, What: "can be changed by " + sidName(sid), Fix: fix}
		}
	}
	return nil
}

func among(sid *windows.SID, all []*windows.SID) bool {
	for _, s := range all {
		if windows.EqualSid(sid, s) {
			return true
		}
	}
	return false
}

func sidName(sid *windows.SID) string {
	if account, domain, _, err := sid.LookupAccount(""); err == nil {
		if domain != "" {
			return domain + `\` + account
		}
		return account
	}
	return sid.String()
}

// Owner names the account that a path belongs to, and whether that is the one we run as;
// "" where it cannot be told.
func Owner(path string) (name string, we bool) {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return "", false
	}
	sid, _, err := sd.Owner()
	if err != nil {
		return "", false
	}
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	return sidName(sid), err == nil && windows.EqualSid(sid, u.User.Sid)
}
