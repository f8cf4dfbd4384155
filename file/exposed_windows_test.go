package file

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// A private directory lets in nobody but its owner, SYSTEM and the Administrators, and one
// that everybody was given rights to says so.
func TestExposed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := MakeDir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at := func() *Exposure { return exposedAt(dir, editRights, true, ourAccounts(nil)) }
	if e := at(); e != nil {
		t.Errorf("a private directory: %s", e)
	}
	sd, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(sd.String())
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Errorf("we cannot write in it ourselves: %v", err)
	}
	open, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;WD)")
	if err != nil {
		t.Fatal(err)
	}
	acl, _, err := open.DACL()
	if err != nil {
		t.Fatal(err)
	}
	if err := windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil); err != nil {
		t.Fatal(err)
	}
	if e := at(); e == nil || e.Path != dir || e.What == "" {
		t.Errorf("a directory for everybody: %v", e)
	} else {
		t.Log(e)
	}
	if name, we := Owner(dir); name == "" {
		t.Errorf("its owner is %q, %v", name, we)
	}
}
