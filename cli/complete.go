package cli

import "github.com/spf13/cobra"

// completeWith lets the shell complete a flag with some words.
func completeWith(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag is not defined: a mistake in this package
	}
}

// completeDirectory lets the shell complete a flag with folders.
func completeDirectory(cmd *cobra.Command, flag string) {
	if err := cmd.MarkFlagDirname(flag); err != nil {
		panic(err) // the flag is not defined: a mistake in this package
	}
}
