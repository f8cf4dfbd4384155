// Scenario Drop: an artist saves a file into a folder; a moment later it is an asset in
// the right collection on Scenario.
package main

import (
	"os"

	"scenario-drop/cli"
)

func main() {
	os.Exit(cli.Main(cli.OS()))
}
