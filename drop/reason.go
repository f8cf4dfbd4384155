package drop

import "slices"

// Reason says why an item is in its state, or what it waits for. The values are stored in the local
// database, and are those of JSON. They are for people and for counting: what is done with an item
// does not depend on them.
type Reason string

// Why a file is not finished, or held because of what is in it.
const (
	ReasonBeingWritten       Reason = "being_written"       // it has changed since it was first seen, and lately
	ReasonSettling           Reason = "settling"            // it has to be unchanged a little longer
	ReasonBeingRead          Reason = "being_read"          // it is new, and another program reads it, which may be about to write it again
	ReasonLooksCutOff        Reason = "looks_cut_off"       // its format says that bytes are missing or wrong
	ReasonStillOpen          Reason = "still_open"          // a program has it open for writing
	ReasonKeepsChanging      Reason = "keeps_changing"      // it has not been unchanged since it was first seen
	ReasonTransferUnfinished Reason = "transfer_unfinished" // the program that fetches it is not done, or was cut off
	ReasonEmpty              Reason = "empty"               // it has no bytes
	ReasonUnreadable         Reason = "unreadable"          // it may not be read, or reading fails
	ReasonNotOnDisk          Reason = "not_on_disk"         // a cloud client's placeholder; reading would fetch it
	ReasonForeignLink        Reason = "foreign_link"        // a hard link to a file of another account
	ReasonPointer            Reason = "pointer"             // it stands for a file elsewhere: of Git LFS, git-annex and the like
	ReasonOtherKind          Reason = "other_kind"          // it is of another kind than its folder takes
	ReasonTooLarge           Reason = "too_large"           // larger than max_size of its folder, or than Scenario takes
)

// What a rule of the config says.
const (
	ReasonNoAsset          Reason = "no_asset"          // nobody would call it an asset
	ReasonUnwatched        Reason = "unwatched"         // its folder is not in the config any more
	ReasonChangeIgnored    Reason = "change_ignored"    // it changed after it was imported, and on_change is "ignore"
	ReasonExisting         Reason = "existing"          // it was there before the folder was watched, and existing is "skip"
	ReasonExistingAsked    Reason = "existing_asked"    // … and a person wants it sent: the next scan takes it
	ReasonExistingReleased Reason = "existing_released" // … and the folder does not skip it any more: the next scan takes it
	ReasonVersionInterval  Reason = "version_interval"  // versions of one file are version_interval apart
	ReasonRulesChanged     Reason = "rules_changed"     // it is judged again by its folder's settings
	ReasonProjectChanged   Reason = "project_changed"   // the project in the config changed: it is sent to the new one
)

// What leaves a path out before any file is opened.
const (
	ReasonBuiltIn        Reason = "built_in"        // temporary files, caches and the like
	ReasonHidden         Reason = "hidden"          // its name begins with a dot, or the system marks it as hidden
	ReasonExcluded       Reason = "excluded"        // an exclude pattern matches
	ReasonNotIncluded    Reason = "not_included"    // no include pattern matches
	ReasonUnlessIncluded Reason = "unless_included" // a sidecar, shortcut, program or script that no include pattern names
	ReasonNoAssetName    Reason = "no_asset_name"   // its name says that it is a program, a script, a sheet …, and the folder is for assets
	ReasonInnerFolder    Reason = "inner_folder"    // it is a watch folder of its own
	ReasonMoveTarget     Reason = "move_target"     // finished files are moved there
	ReasonNotRecursive   Reason = "not_recursive"   // the watch folder is not recursive
	ReasonTooDeep        Reason = "too_deep"        // too many folders below the watch folder
	ReasonLink           Reason = "link"            // links are not followed
	ReasonNoFile         Reason = "no_file"         // neither a file nor a folder
	ReasonNoFolder       Reason = "no_folder"       // no watch folder contains it
	ReasonConfigProblems Reason = "config_problems" // the config has problems: no rule can be told
)

// What became of the file on disk.
const (
	ReasonGone         Reason = "gone"           // it is not there any more
	ReasonRenamed      Reason = "renamed"        // it has another name now
	ReasonChanged      Reason = "changed"        // it changed before it was complete at Scenario
	ReasonReplaced     Reason = "replaced"       // a newer version took its place
	ReasonMoved        Reason = "moved"          // after the import, into move_to
	ReasonTrashed      Reason = "trashed"        // after the import, into the trash
	ReasonNotCleanedUp Reason = "not_cleaned_up" // after the import it stays where it is
)

// What Scenario says, or may hold already.
const (
	ReasonRefused           Reason = "refused"             // Scenario said no to this file
	ReasonNotAllowed        Reason = "not_allowed"         // the API key works, but not for this
	ReasonPlanLimit         Reason = "plan_limit"          // a limit of the plan is reached
	ReasonWithoutParent     Reason = "without_parent"      // it was sent without its parent, which Scenario does not take
	ReasonReconciling       Reason = "reconciling"         // it is compared with what Scenario holds, before anything is sent
	ReasonPossibleDuplicate Reason = "possible_duplicate"  // Scenario seems to hold it: see an item's candidates
	ReasonCannotReconcile   Reason = "cannot_reconcile"    // whether Scenario holds it could not be found out
	ReasonLinkingExisting   Reason = "linking_existing"    // it is taken as what Scenario holds, as a person asked
	ReasonLinkedExisting    Reason = "linked_existing"     // it was taken as that
	ReasonDuplicateInFlight Reason = "duplicate_in_flight" // another file with the same content is being sent
	ReasonAssetGone         Reason = "asset_gone"          // its asset was deleted at Scenario; it is sent again
	ReasonUploadUnknown     Reason = "upload_unknown"      // Scenario does not know the upload at the moment
	ReasonStartedOver       Reason = "started_over"        // the upload could not be continued; it is sent again
	ReasonSlowImport        Reason = "slow_import"         // Scenario has every byte and is still working on it
	ReasonNotLinked         Reason = "not_linked"          // imported, but not in its collections yet
	ReasonNotTagged         Reason = "not_tagged"          // imported, but its tags are not set yet
	ReasonCleanupFailed     Reason = "cleanup_failed"      // imported, but not moved or trashed yet
)

// What keeps it waiting that is none of its own faults.
const (
	ReasonAsked              Reason = "asked"               // a person asked that it is tried again
	ReasonRetried            Reason = "retried"             // it is tried again by itself
	ReasonServerFault        Reason = "server_fault"        // Scenario has a fault
	ReasonFolderSetting      Reason = "folder_setting"      // a setting of its folder names what Scenario does not have
	ReasonFolderMissing      Reason = "folder_missing"      // its folder is not there
	ReasonFolderReplaced     Reason = "folder_replaced"     // another folder may have been put in its folder's place
	ReasonFolderUnresponsive Reason = "folder_unresponsive" // its folder's disk or share does not answer
	ReasonNoDescriptors      Reason = "no_descriptors"      // too many files are open on this computer
	ReasonLocalDatabase      Reason = "local_database"      // the local database cannot be written
	ReasonError              Reason = "error"               // an error that no other reason is for
)

// Class is what a reason means for the person whose file it is.
type Class string

// The classes of reasons.
const (
	NeedsAttention Class = "needs_attention" // nothing happens until a person does something
	Waiting        Class = "waiting"         // it resumes automatically
	Done           Class = "done"            // nothing more is to happen
)

// Action is a next step that a person can take. A page makes a button of it, a command line a
// command.
type Action string

// The actions.
const (
	ActionRetry          Action = "retry"           // try again now
	ActionUploadAnyway   Action = "upload_anyway"   // upload it as it is
	ActionUseExisting    Action = "use_existing"    // take it as the asset that Scenario holds
	ActionUploadAgain    Action = "upload_again"    // upload it though Scenario may hold it
	ActionEditSettings   Action = "edit_settings"   // change the folder's settings
	ActionSaveAgain      Action = "save_again"      // save, export or copy the file again
	ActionCloseProgram   Action = "close_program"   // close the program that has it open
	ActionGivePermission Action = "give_permission" // let this program read the file
	ActionAskManager     Action = "ask_manager"     // ask whoever manages the API key or the plan
)

type properties struct {
	class   Class
	actions []Action
}

func attention(a ...Action) properties { return properties{NeedsAttention, a} }
func waiting(a ...Action) properties   { return properties{Waiting, a} }
func done(a ...Action) properties      { return properties{Done, a} }

// reasons is the one list. Whoever adds a reason adds its class and next steps here.
var reasons = map[Reason]properties{
	ReasonBeingWritten:       waiting(),
	ReasonSettling:           waiting(),
	ReasonBeingRead:          waiting(),
	ReasonLooksCutOff:        attention(ActionSaveAgain, ActionUploadAnyway),
	ReasonStillOpen:          attention(ActionCloseProgram, ActionUploadAnyway),
	ReasonKeepsChanging:      attention(ActionCloseProgram),
	ReasonTransferUnfinished: attention(ActionSaveAgain, ActionUploadAnyway),
	ReasonEmpty:              attention(ActionSaveAgain),
	ReasonUnreadable:         attention(ActionGivePermission, ActionRetry),
	ReasonNotOnDisk:          attention(ActionSaveAgain),
	ReasonForeignLink:        attention(ActionSaveAgain),
	ReasonPointer:            attention(ActionSaveAgain, ActionUploadAnyway),
	ReasonOtherKind:          attention(ActionUploadAnyway, ActionEditSettings),
	ReasonTooLarge:           done(ActionEditSettings),

	ReasonNoAsset:          done(ActionUploadAnyway),
	ReasonUnwatched:        done(ActionEditSettings),
	ReasonChangeIgnored:    done(ActionEditSettings),
	ReasonExisting:         done(ActionRetry),
	ReasonExistingAsked:    waiting(),
	ReasonExistingReleased: waiting(),
	ReasonVersionInterval:  waiting(),
	ReasonRulesChanged:     waiting(),
	ReasonProjectChanged:   waiting(),

	ReasonBuiltIn:        done(),
	ReasonHidden:         done(ActionEditSettings),
	ReasonExcluded:       done(ActionEditSettings),
	ReasonNotIncluded:    done(ActionEditSettings),
	ReasonUnlessIncluded: done(ActionEditSettings),
	ReasonNoAssetName:    done(ActionEditSettings),
	ReasonInnerFolder:    done(),
	ReasonMoveTarget:     done(ActionRetry),
	ReasonNotRecursive:   done(ActionEditSettings),
	ReasonTooDeep:        done(),
	ReasonLink:           done(),
	ReasonNoFile:         done(),
	ReasonNoFolder:       done(ActionEditSettings),
	ReasonConfigProblems: waiting(ActionEditSettings),

	ReasonGone:         done(),
	ReasonRenamed:      done(),
	ReasonChanged:      done(),
	ReasonReplaced:     done(),
	ReasonMoved:        done(),
	ReasonTrashed:      done(),
	ReasonNotCleanedUp: done(),

	ReasonRefused:           attention(ActionRetry),
	ReasonNotAllowed:        attention(ActionAskManager, ActionRetry),
	ReasonPlanLimit:         attention(ActionAskManager, ActionRetry),
	ReasonWithoutParent:     done(),
	ReasonReconciling:       waiting(),
	ReasonPossibleDuplicate: attention(ActionUseExisting, ActionUploadAgain),
	ReasonCannotReconcile:   attention(ActionRetry, ActionUploadAgain),
	ReasonLinkingExisting:   waiting(),
	ReasonLinkedExisting:    done(),
	ReasonDuplicateInFlight: waiting(),
	ReasonAssetGone:         waiting(),
	ReasonUploadUnknown:     waiting(),
	ReasonStartedOver:       waiting(),
	ReasonSlowImport:        waiting(),
	ReasonNotLinked:         waiting(ActionRetry),
	ReasonNotTagged:         waiting(ActionRetry),
	ReasonCleanupFailed:     waiting(ActionRetry),

	ReasonAsked:              waiting(),
	ReasonRetried:            waiting(),
	ReasonServerFault:        waiting(ActionRetry),
	ReasonFolderSetting:      waiting(ActionEditSettings),
	ReasonFolderMissing:      waiting(),
	ReasonFolderReplaced:     waiting(),
	ReasonFolderUnresponsive: waiting(),
	ReasonNoDescriptors:      waiting(),
	ReasonLocalDatabase:      waiting(),
	ReasonError:              waiting(ActionRetry),
}

// Reasons lists every reason, sorted.
func Reasons() []Reason {
	all := make([]Reason, 0, len(reasons))
	for r := range reasons {
		all = append(all, r)
	}
	slices.Sort(all)
	return all
}

// Class returns what the reason means for the person; "" for none that is in the list.
func (r Reason) Class() Class { return reasons[r].class }

// Actions returns the next steps that a person can take, the likeliest first. The caller does not
// change it.
func (r Reason) Actions() []Action { return reasons[r].actions }

// Has reports whether an action is among the next steps.
func (r Reason) Has(a Action) bool { return slices.Contains(reasons[r].actions, a) }
