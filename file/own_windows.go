package file

import "golang.org/x/sys/windows"

// NoFollow is 0 on Windows, where making a link takes a right that other accounts do not
// have.
const NoFollow = 0

// makePrivate lets nobody but SYSTEM, the Administrators and ourselves into a directory
// that was just made: Windows has no modes, and what a folder hands down may be for all
// (%ProgramData%).
func makePrivate(dir string) error {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return err
	}
	sd, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + u.User.Sid.String() + ")")
	if err != nil {
		return err
	}
	acl, _, err := sd.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil)
}
