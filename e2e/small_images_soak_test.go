//go:build soak

package e2e

import (
	"testing"

	"scenario-drop/standin"
)

// The same where nothing was made of the image, or it was half sent: it is sent again only
// once Scenario's list has lacked it for long enough.
func TestKilledBeforeAnImageIsMade(t *testing.T) {
	together(t, 8, []directCase{
		{op: standin.OpAssetUpload, when: standin.Before, waits: true},
		{op: standin.OpAssetUpload, when: standin.Middle, waits: true},
	}, killedDirect)
}
